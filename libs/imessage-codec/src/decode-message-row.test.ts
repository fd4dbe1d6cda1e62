import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DecodedMessage,
  type DecodedRow,
  type MessageRow,
  parseAttachmentGuid,
  parseHandleAddress,
  parseMessageGuid,
} from "@imesh/imessage-model";
import { encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
import { messageRun } from "./attributed/message-run.ts";
import { decodeMessageRow } from "./decode-message-row.ts";
import { MAC_MENTION_BODY } from "./fixtures/documented-bodies.ts";
import { messageRow } from "./fixtures/message-row-fixture.ts";

const GUID = parseMessageGuid("6F8A2B3C-0000-4000-8000-000000000001");
const PHOTO = parseAttachmentGuid(`at_0_${GUID}`);
const FILM = parseAttachmentGuid(`at_2_${GUID}`);
const SENT_AT = 1_635_515_835_075_000_001n;
const FACTS = {
  direction: "incoming",
  sender: { address: parseHandleAddress("+15550001111"), service: "iMessage", country: "us" },
  service: "iMessage",
  sentAtUnixNs: SENT_AT,
} as const;

function decode(columns: Partial<MessageRow>): DecodedRow {
  return decodeMessageRow(messageRow(columns));
}

function messageOf(columns: Partial<MessageRow>): DecodedMessage {
  const decoded = decode(columns);
  assert.equal(decoded.kind, "message");
  return decoded as DecodedMessage;
}

function whatOf(columns: Partial<MessageRow>): string {
  const decoded = decode(columns);
  return decoded.kind === "unsupported" ? decoded.what : decoded.kind;
}

test("decodeMessageRow() reads a whole message", () => {
  const decoded = decode({
    attributedBody: MAC_MENTION_BODY,
    text: "Test Dad ",
    subject: "Family",
    expressiveSendStyleId: "com.apple.MobileSMS.expressivesend.impact",
    threadOriginatorGuid: "ORIGIN",
    threadOriginatorPart: "1:0:24",
  });
  assert.deepEqual(decoded, {
    kind: "message",
    ...FACTS,
    guid: GUID,
    text: "Test Dad ",
    subject: "Family",
    reply: { originatorGuid: "ORIGIN", part: 1 },
    effectId: "com.apple.MobileSMS.expressivesend.impact",
    attachmentGuids: [],
    mentions: [{ start: 5, length: 3, handle: "+15558675309" }],
    isEdited: false,
    bodySource: "both-agree",
    bodyFault: null,
  });
});

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
  const message = messageOf({ attributedBody: MAC_MENTION_BODY.slice(0, 100), text: "Test Dad " });
  assert.deepEqual(
    [message.text, message.bodySource, message.bodyFault],
    ["Test Dad ", "text", { code: "unexpected-end", offset: 89 }],
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

test("decodeMessageRow() makes a row with an unusable guid undecodable", () => {
  for (const guid of ["", "a\0b", "x".repeat(257)]) {
    assert.deepEqual(decode({ guid, text: "hi" }), {
      kind: "undecodable",
      ...FACTS,
      guid: null,
      reason: "invalid-guid",
      offset: null,
      raw: null,
      plainText: "hi",
    });
  }
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
  const dad = parseHandleAddress("+15558675309");
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
  assert.deepEqual(messageOf({ attributedBody: encodeAttributedBody({ text: "Dad Dx", runs }) }).mentions, [
    { start: 0, length: 3, handle: dad },
    { start: 4, length: 1, handle: dad },
  ]);
});

test("decodeMessageRow() knows own rows by the flag alone and gives them no sender", () => {
  const own = messageOf({ isFromMe: true, text: "hi" });
  assert.deepEqual([own.direction, own.sender], ["own", null]);
  const nobody = messageOf({ sender: null, text: "hi" });
  assert.deepEqual([nobody.direction, nobody.sender], ["incoming", null]);
  const broken = messageOf({ sender: { address: "", service: "SMS", country: null }, text: "hi" });
  assert.deepEqual([broken.direction, broken.sender], ["incoming", null]);
});

test("decodeMessageRow() reads dates and services as they come", () => {
  assert.equal(messageOf({ text: "hi", date: null }).sentAtUnixNs, null);
  assert.equal(messageOf({ text: "hi", date: 2n ** 63n - 1n }).sentAtUnixNs, null);
  assert.equal(messageOf({ text: "hi", service: null }).service, null);
  assert.equal(messageOf({ text: "hi", service: "Pigeon" }).service, "Pigeon");
  assert.equal(messageOf({ text: "hi", dateEdited: 657_208_700_000_000_000n }).isEdited, true);
  assert.equal(messageOf({ text: "hi", dateEdited: null }).isEdited, false);
});

test("decodeMessageRow() reads replies whose part is missing or malformed", () => {
  const partOf = (threadOriginatorPart: string | null): unknown =>
    messageOf({ text: "hi", threadOriginatorGuid: "ORIGIN", threadOriginatorPart }).reply?.part;
  assert.deepEqual(["0:0:24", "12:3:4", null, "", "x:0:1", "7", "18446744073709551615:0:1"].map(partOf), [
    0,
    12,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.equal(messageOf({ text: "hi", threadOriginatorGuid: "" }).reply, null);
});

test("decodeMessageRow() names what is no message, by its columns", () => {
  const text = "Loved “hi”";
  const cases: readonly (readonly [Partial<MessageRow>, string])[] = [
    [{ itemType: 1 }, "group-change"],
    [{ itemType: 2, groupTitle: "Friends" }, "group-change"],
    [{ itemType: 3, groupActionType: 1 }, "group-change"],
    [{ itemType: 4 }, "location-share"],
    [{ itemType: 5 }, "message-action"],
    [{ itemType: 6 }, "call"],
    [{ itemType: 99 }, "system"],
    [{ itemType: -1 }, "system"],
    [{ text, associatedMessageType: 2000 }, "reaction"],
    [{ text, associatedMessageType: 2007 }, "reaction"],
    [{ text, associatedMessageType: 3000 }, "reaction"],
    [{ text, associatedMessageType: 3007 }, "reaction"],
    [{ text, associatedMessageType: 1000 }, "sticker"],
    [{ text, associatedMessageType: 4000 }, "poll-vote"],
    [{ text, associatedMessageType: 2 }, "app"],
    [{ text, associatedMessageType: 3 }, "app"],
    [{ associatedMessageType: 2, balloonBundleId: "x:y:com.apple.messages.Polls" }, "poll"],
    [{ text, associatedMessageType: 2008 }, "other"],
    [{ text, associatedMessageType: 1 }, "other"],
    [{ text, balloonBundleId: "com.apple.DigitalTouchBalloonProvider" }, "app"],
    [
      {
        text,
        balloonBundleId: "com.apple.messages.MSMessageExtensionBalloonPlugin:0:com.apple.messages.Polls",
      },
      "poll",
    ],
    [{ text, balloonBundleId: "com.apple.messages.URLBalloonProvider" }, "message"],
    [{ text, balloonBundleId: "" }, "message"],
    [{ text, isAudioMessage: true }, "audio"],
    [{ text, scheduleType: 2, isFromMe: true }, "scheduled"],
    [{ text, scheduleType: 2, isFromMe: true, isSent: true }, "message"],
    [{ text, scheduleType: null, associatedMessageType: null, isFromMe: true }, "message"],
    [{ isEmpty: true, partCount: 0, dateEdited: 657_208_700_000_000_000n }, "unsent"],
    [{ isEmpty: true }, "empty"],
    [{ text, isEmpty: true }, "message"],
    [{}, "empty"],
    [{ text: "\uFFFC" }, "attachment-only"],
    [{ cacheHasAttachments: true }, "attachment-only"],
    [{ subject: "only a subject" }, "message"],
  ];
  for (const [columns, what] of cases) {
    assert.equal(whatOf(columns), what, JSON.stringify({ ...columns, dateEdited: undefined }));
  }
});

test("decodeMessageRow() hands on the columns of what it does not support", () => {
  const associatedMessageGuid = `p:0/${GUID}`;
  assert.deepEqual(decode({ text: "Loved “hi”", associatedMessageType: 2000, associatedMessageGuid }), {
    kind: "unsupported",
    ...FACTS,
    guid: GUID,
    what: "reaction",
    associatedMessageGuid,
    associatedMessageType: 2000,
    itemType: 0,
    balloonBundleId: null,
  });
});

test("decodeMessageRow() turns a defect of its own into an event", () => {
  // A row that breaks its own type, as no row from the broker can, stands in for a defect that nobody knows yet.
  const row = messageRow({ text: 5 as unknown as string });
  const decoded = decodeMessageRow(row);
  assert.equal(decoded.kind === "undecodable" && decoded.reason, "decoder-failed");
});
