/** The same rows as the chat.db of each system has them: columns that it lacks read null, 0 or false; 10.11 counts seconds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttachmentRef, type MessageRow, parseAttachmentGuid } from "@imesh/imessage-model";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { messageRun } from "../attributed/message-run.ts";
import { decodeMessageRow } from "../decode-message-row.ts";
import type { DecodedRow } from "../decoded-row.ts";
import { attachmentRef } from "../fixtures/attachment-ref-fixture.ts";
import { messageRow } from "../fixtures/message-row-fixture.ts";
import { LINK_BUNDLE, linkPayload, url } from "../payload/fixtures/payloads.ts";
import { dictionary, summaryBytes, version } from "../summary-info/fixtures/summary-literals.ts";

const SYSTEMS = [10.11, 10.13, 11, 13, 15, 26] as const;
type System = (typeof SYSTEMS)[number];

const WHOLE_S = 657_208_635_000_000_000n;
const BODY = encodeAttributedBody({ text: "See you", runs: [messageRun(7, { part: 0, styles: ["bold"] })] });
const PICTURE = encodeAttributedBody({
  text: "\uFFFC",
  runs: [messageRun(1, { part: 0, attachmentGuid: parseAttachmentGuid("at_0_A") })],
});
const EDITED = summaryBytes({
  ec: dictionary({ 0: [version("a", 1), version("See you", 657_208_700)] }),
  ep: [0n],
});

/** As macOS 26 has them, with the kinds that they are on each of SYSTEMS. */
const ROWS: Readonly<Record<string, readonly [Partial<MessageRow>, string]>> = {
  text: [{ text: "See you" }, "message message message message message message"],
  body: [{ attributedBody: BODY, text: "See you" }, "message message message message message message"],
  "body alone, own": [
    { attributedBody: BODY, isFromMe: true, isSent: true },
    "message message message message message message",
  ],
  picture: [
    {
      attributedBody: PICTURE,
      attachments: [
        attachmentRef({ isSticker: true, hideAttachment: true, emojiImageShortDescription: "a hat" }),
      ],
    },
    "message message message message message message",
  ],
  "picture without a body": [
    { attachments: [attachmentRef()] },
    "message message message message message message",
  ],
  "voice message": [
    { isAudioMessage: true, attachments: [attachmentRef()] },
    "message message message message message message",
  ],
  "spam, with an effect": [
    { text: "x", isSpam: true, expressiveSendStyleId: "com.apple.messages.effect.CKHeartEffect" },
    "message message message message message message",
  ],
  reply: [
    { text: "See you", threadOriginatorGuid: "ROOT", threadOriginatorPart: "1:0:3" },
    "message message message message message message",
  ],
  link: [
    {
      text: "https://example.com",
      balloonBundleId: LINK_BUNDLE,
      payloadData: linkPayload({ URL: url("https://example.com") }),
    },
    "message message message message message message",
  ],
  edited: [
    { attributedBody: BODY, messageSummaryInfo: EDITED, dateEdited: 657_208_700_000_000_000n },
    "message message message message message message",
  ],
  unsent: [
    {
      isEmpty: true,
      partCount: 0,
      dateEdited: 657_208_700_000_000_000n,
      messageSummaryInfo: summaryBytes({ rp: [0n] }),
    },
    "unsupported unsent unsent unsent unsent unsent",
  ],
  "unsent, without a summary": [
    { isEmpty: true, partCount: 0, dateEdited: 657_208_700_000_000_000n },
    "unsupported unsupported unsupported unsent unsent unsent",
  ],
  scheduled: [
    { text: "See you", isFromMe: true, scheduleType: 2, scheduleState: 2 },
    "message message message message message message",
  ],
  tapback: [
    { text: "Loved “See you”", associatedMessageType: 2000, associatedMessageGuid: "p:0/ROOT" },
    "message reaction reaction reaction reaction reaction",
  ],
  "emoji tapback": [
    {
      text: "Reacted 🧵",
      associatedMessageType: 2006,
      associatedMessageGuid: "p:0/ROOT",
      associatedMessageEmoji: "🧵",
    },
    "message reaction reaction reaction reaction reaction",
  ],
  renamed: [
    { itemType: 2, groupTitle: "Trip" },
    "group-change group-change group-change group-change group-change group-change",
  ],
  located: [
    { itemType: 4 },
    "location-share location-share location-share location-share location-share location-share",
  ],
  called: [{ itemType: 6 }, "call call call call call call"],
};

/** Columns with the system that brought them (docs/chat-db.md §3) and what they read before. */
const COLUMNS: readonly (readonly [System | 10.12 | 10.15, Partial<MessageRow>])[] = [
  [
    10.12,
    {
      associatedMessageGuid: null,
      associatedMessageType: null,
      associatedMessageRangeLocation: 0n,
      associatedMessageRangeLength: 0n,
      balloonBundleId: null,
      payloadData: null,
      expressiveSendStyleId: null,
      messageSummaryInfo: null,
    },
  ],
  [10.13, { destinationCallerId: null }],
  [10.15, { replyToGuid: null, isSpam: false }],
  [11, { threadOriginatorGuid: null, threadOriginatorPart: null }],
  [13, { dateRetracted: null, dateEdited: null, partCount: null, isRecoverable: false }],
  [15, { associatedMessageEmoji: null, scheduleType: null, scheduleState: null, dateRecovered: null }],
  [26, { ckChatId: null }],
];

function rowOf(system: System, columns: Partial<MessageRow>): MessageRow {
  const row = messageRow({
    date: WHOLE_S,
    sender: { address: "+15550001111", service: "iMessage", country: "us", contactId: "C-1" },
    ...columns,
  });
  const missing = COLUMNS.filter(([since]) => since > system).map(([, reads]) => reads);
  return {
    ...Object.assign({ ...row }, ...missing),
    date: system < 10.13 ? WHOLE_S / 1_000_000_000n : WHOLE_S,
    sender: row.sender === null || system >= 10.15 ? row.sender : { ...row.sender, contactId: null },
    attachments: row.attachments.map((ref) => attachmentOn(system, ref)),
  };
}

function attachmentOn(system: System, ref: AttachmentRef): AttachmentRef {
  return {
    ...ref,
    ...(system < 10.13 ? { originalGuid: null, isSticker: false, hideAttachment: false } : {}),
    ...(system < 15 ? { emojiImageShortDescription: null } : {}),
  };
}

/** What macOS 26 makes of the row, without what the system cannot know. */
function expectedOn(system: System, newest: DecodedRow): DecodedRow {
  const sender =
    newest.sender === null || system >= 10.15 ? newest.sender : { ...newest.sender, contactId: null };
  const facts = { sender, ownAddress: system < 10.13 ? null : newest.ownAddress };
  switch (newest.kind) {
    case "message": {
      const isEdited = newest.isEdited && system >= 10.13;
      return {
        ...newest,
        ...facts,
        attachments: newest.attachments.map((each) => ({
          ...each,
          ...(system < 10.13 ? { isSticker: false, isHidden: false } : {}),
          ...(system < 15 ? { description: null } : {}),
        })),
        effectId: system < 10.13 ? null : newest.effectId,
        balloon: system < 10.13 ? null : newest.balloon,
        isSpam: newest.isSpam && system >= 10.15,
        reply: system < 11 ? null : newest.reply,
        schedule: system < 15 ? null : newest.schedule,
        isEdited,
      };
    }
    case "reaction":
      return { ...newest, ...facts, emoji: system < 15 ? null : newest.emoji };
    default:
      return { ...newest, ...facts };
  }
}

for (const system of SYSTEMS) {
  test(`rows of macOS ${system} are what they are on macOS 26, as far as their columns go`, () => {
    for (const [name, [columns, kinds]] of Object.entries(ROWS)) {
      const decoded = decodeMessageRow(rowOf(system, columns));
      const newest = decodeMessageRow(rowOf(26, columns));
      assert.equal(decoded.kind, kinds.split(" ")[SYSTEMS.indexOf(system)], name);
      if (decoded.kind === newest.kind) {
        assert.deepEqual(decoded, expectedOn(system, newest), name);
      }
    }
  });
}
