import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageRow, parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { messageRun } from "../attributed/message-run.ts";
import { TEXT_UNITS_MAX } from "../decoded-row.ts";
import { decode, FACTS, GUID, messageOf } from "../fixtures/decoded-rows.ts";
import { MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { concat } from "../fixtures/hex.ts";

const PHOTO = parseAttachmentGuid(`at_0_${GUID}`);
const FILM = parseAttachmentGuid(`at_2_${GUID}`);

test("decodeMessageRow() takes the body first and says how the columns agree", () => {
  const body = encodeAttributedBody({ text: "new" });
  const cases: readonly (readonly [Partial<MessageRow>, string, string])[] = [
    [{ attributedBody: body }, "new", "attributedBody"],
    [{ attributedBody: body, text: "" }, "new", "attributedBody"],
    [{ attributedBody: body, text: "new" }, "new", "both-agree"],
    [{ attributedBody: body, text: "old" }, "new", "both-differ"],
    [{ text: "old" }, "old", "text"],
    [{ text: "old", attributedBody: new Uint8Array() }, "old", "text"],
  ];
  for (const [columns, text, bodySource] of cases) {
    const message = messageOf(columns);
    assert.deepEqual([message.text, message.bodySource, message.bodyFault], [text, bodySource, null]);
  }
});

test("decodeMessageRow() falls back to text when the body is broken, and says why", () => {
  const message = messageOf({ attributedBody: MAC_MENTION_BODY.slice(0, 100), text: "Call Mia " });
  assert.deepEqual(
    [message.text, message.bodySource, message.bodyFault],
    ["Call Mia ", "text", { code: "unexpected-end", offset: 89 }],
  );
});

test("decodeMessageRow() makes a broken body without text undecodable, with its bytes", () => {
  const raw = MAC_MENTION_BODY.slice(0, 100);
  for (const text of [null, "", "\uFFFC"]) {
    assert.deepEqual(decode({ attributedBody: raw, text }), {
      kind: "undecodable",
      ...FACTS,
      guid: GUID,
      reason: "unexpected-end",
      offset: 89,
      raw,
      plainText: text === "" ? null : text,
    });
  }
});

test("decodeMessageRow() keeps the words of a body that breaks behind them", () => {
  const words = "Call Mia ";
  const textEnd = MAC_MENTION_BODY.length - MAC_MENTION_BODY.toReversed().indexOf(0x20);
  const plainTextOf = (attributedBody: Uint8Array, text: string | null = null) => {
    const { kind, ...rest } = decode({ attributedBody, text });
    assert.equal(kind, "undecodable");
    return "plainText" in rest && rest.plainText;
  };
  for (let length = 0; length < MAC_MENTION_BODY.length; length += 1) {
    const broken = MAC_MENTION_BODY.slice(0, length);
    if (length > 0) assert.equal(plainTextOf(broken), length < textEnd ? null : words, `${length} bytes`);
  }
  assert.equal(plainTextOf(concat(MAC_MENTION_BODY, Uint8Array.of(0))), words);
  assert.equal(plainTextOf(MAC_MENTION_BODY.slice(0, textEnd), "\uFFFC"), "\uFFFC");
  const notUtf8 = MAC_MENTION_BODY.slice(0, textEnd);
  notUtf8[textEnd - 1] = 0xff;
  assert.equal(plainTextOf(notUtf8), null);
});

test("decodeMessageRow() cuts the words of a broken body, and looks at none that is too large", () => {
  const wordsOf = (units: number): string | null => {
    const body = encodeAttributedBody({ text: "w".repeat(units) });
    const decoded = decode({ attributedBody: body.slice(0, -1) });
    assert.ok(decoded.kind === "undecodable");
    return decoded.plainText;
  };
  assert.equal(wordsOf(TEXT_UNITS_MAX + 1), "w".repeat(TEXT_UNITS_MAX));
  assert.equal(wordsOf(1024 * 1024), null);
});

test("decodeMessageRow() leaves slots among words and drops slots alone", () => {
  const photo = messageRun(1, { part: 0, attachmentGuid: PHOTO });
  const film = messageRun(1, { part: 2, attachmentGuid: FILM });
  const among = encodeAttributedBody({
    text: "\uFFFCa\uFFFC",
    runs: [photo, messageRun(1, { part: 1 }), film],
  });
  const alone = encodeAttributedBody({
    text: "\uFFFC \uFFFC",
    runs: [photo, messageRun(1, { part: 1 }), film],
  });
  const twice = encodeAttributedBody({ text: "\uFFFC\uFFFC", runs: [photo, photo] });
  const seen = [among, alone, twice].map((attributedBody) => {
    const message = messageOf({ attributedBody });
    return [message.text, message.attachmentGuids];
  });
  assert.deepEqual(seen, [
    ["\uFFFCa\uFFFC", [PHOTO, FILM]],
    ["", [PHOTO, FILM]],
    ["", [PHOTO]],
  ]);
});

test("decodeMessageRow() joins the runs of one mention and drops handles that cannot be", () => {
  const dad = parseHandleAddress("+15550100199");
  const bold = messageRun(2, { part: 0, mention: dad });
  const runs = [
    messageRun(1, { part: 0, mention: dad }),
    {
      length: 2,
      attributes: new Map([
        ...bold.attributes,
        ["__kIMTextBoldAttributeName", { kind: "integer", value: 1n }] as const,
      ]),
    },
    messageRun(1, { part: 0 }),
    messageRun(1, { part: 0, mention: dad }),
    {
      length: 1,
      attributes: new Map([["__kIMMentionConfirmedMention", { kind: "string", value: "" }] as const]),
    },
  ];
  assert.deepEqual(messageOf({ attributedBody: encodeAttributedBody({ text: "Mia Dx", runs }) }).mentions, [
    { start: 0, length: 3, handle: dad },
    { start: 4, length: 1, handle: dad },
  ]);
});
