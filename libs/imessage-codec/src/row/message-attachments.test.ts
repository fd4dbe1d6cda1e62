import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttachmentRef, type MessageRow, parseAttachmentGuid } from "@imesh/imessage-model";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { type MessageRunFacts, messageRun } from "../attributed/message-run.ts";
import { decodeMessageRow } from "../decode-message-row.ts";
import type { DecodedMessage } from "../decoded-row.ts";
import { attachmentRef, decodedPicture } from "../fixtures/attachment-ref-fixture.ts";
import { messageRow } from "../fixtures/message-row-fixture.ts";
import { summaryBytes } from "../summary-info/fixtures/summary-literals.ts";

const A = parseAttachmentGuid("at_0_A");
const B = parseAttachmentGuid("at_1_A");
const TEMPORARY = parseAttachmentGuid("0D6C-TEMPORARY");

function bodyWith(...files: readonly Partial<MessageRunFacts>[]): Uint8Array {
  const runs = files.map((facts, part) => messageRun(1, { part, ...facts }));
  return encodeAttributedBody({ text: "\uFFFC".repeat(files.length), runs });
}

function messageOf(columns: Partial<MessageRow>): DecodedMessage {
  const decoded = decodeMessageRow(messageRow(columns));
  assert.equal(decoded.kind, "message");
  return decoded as DecodedMessage;
}

function guidsOf({ attachments, attachmentGuids }: DecodedMessage): readonly (readonly string[])[] {
  return [attachments.map(({ guid }) => guid), attachmentGuids];
}

test("a row of nothing but attachments is a message without text", () => {
  const message = messageOf({ attachments: [attachmentRef()] });
  assert.deepEqual(
    [message.text, message.attachments, message.attachmentGuids],
    ["", [decodedPicture()], []],
  );
});

test("body and row of an attachment are joined", () => {
  const attributedBody = bodyWith({
    attachmentGuid: A,
    fileName: "dir/other.heic",
    inlineSize: { width: 320.5, height: 240n },
    transcript: "said",
  });
  const userInfo = summaryBytes({ "audio-transcription": "not this" });
  const [joined] = messageOf({ attributedBody, attachments: [attachmentRef({ userInfo })] }).attachments;
  assert.deepEqual(joined, decodedPicture({ transcript: "said", width: 320.5, height: 240 }));
  const named = attachmentRef({ transferName: null, userInfo });
  assert.equal(messageOf({ attributedBody, attachments: [named] }).attachments[0]?.name, "other.heic");
});

test("the body's order counts, then that of the rows it does not name; each once", () => {
  const rows = [
    attachmentRef({ guid: "at_9", originalGuid: null }),
    attachmentRef(),
    attachmentRef({ guid: B }),
  ];
  const attributedBody = bodyWith({ attachmentGuid: B }, { attachmentGuid: A }, { attachmentGuid: B });
  const message = messageOf({ attributedBody, attachments: [...rows, attachmentRef()] });
  assert.deepEqual(guidsOf(message), [
    [B, A, "at_9"],
    [B, A],
  ]);
});

test("an attachment without a row says what the body says", () => {
  const attributedBody = bodyWith({ attachmentGuid: A, fileName: "x.pdf" });
  assert.deepEqual(messageOf({ attributedBody }).attachments, [
    decodedPicture({
      isRowMissing: true,
      name: "x.pdf",
      mimeType: null,
      uti: null,
      totalBytes: 0n,
      state: "unknown",
    }),
  ]);
});

test("a body that names the first guid is told by the guid that the attachment has now", () => {
  const words = messageRun(4, { part: 1 });
  const inline = messageRun(1, { part: 1, attachmentGuid: TEMPORARY, isEmojiImage: true });
  const attributedBody = encodeAttributedBody({
    text: "\uFFFCword\uFFFC",
    runs: [messageRun(1, { part: 0, attachmentGuid: TEMPORARY }), words, inline],
  });
  const message = messageOf({ attributedBody, attachments: [attachmentRef({ originalGuid: TEMPORARY })] });
  assert.deepEqual(guidsOf(message), [[A], [A]]);
  const ofParts = message.parts.map((part) => part.kind === "attachment" && part.attachment.transferGuid);
  const ofEntities = message.entities.map(
    (each) => each.kind === "attachment" && each.attachment.transferGuid,
  );
  assert.deepEqual([ofParts, ofEntities], [[A, false], [A]]);
});

test("a guid that is one row's own is not another's first one", () => {
  const rows: readonly AttachmentRef[] = [
    attachmentRef({ rowid: 1n, guid: "X", originalGuid: A, transferName: "first" }),
    attachmentRef({ rowid: 2n, transferName: "own" }),
  ];
  const [named] = messageOf({
    attributedBody: bodyWith({ attachmentGuid: A }),
    attachments: rows,
  }).attachments;
  assert.equal(named?.name, "own");
});

test("there are at most 256 attachments, and their transcripts have an end", () => {
  const many = Array.from({ length: 300 }, (_, index) =>
    attachmentRef({ guid: `at_${index}`, originalGuid: null }),
  );
  const rows = messageOf({ attachments: many });
  assert.equal(rows.attachments.length, 256);
  const files = many.map(({ guid }) => ({
    attachmentGuid: parseAttachmentGuid(guid),
    transcript: "t".repeat(40_000),
  }));
  const bodies = messageOf({ attributedBody: bodyWith(...files.slice(0, 20)) });
  const units = bodies.attachments.map(({ transcript }) => transcript?.length ?? 0);
  assert.deepEqual([units.length, units[0], units.reduce((sum, each) => sum + each)], [20, 40_000, 262_144]);
});

test("a size that is none is left out", () => {
  const sizes = [-1, 0, Number.NaN, 1e9].map((width) => {
    const attributedBody = bodyWith({ attachmentGuid: A, inlineSize: { width, height: 1n } });
    return messageOf({ attributedBody }).attachments[0]?.width;
  });
  assert.deepEqual(sizes, [null, null, null, null]);
});
