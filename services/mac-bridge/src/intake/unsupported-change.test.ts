import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AttachmentChange,
  AttachmentChangeReason,
  AttachmentRow,
  ChatChange,
  ChatChangeReason,
  RowBatch,
  RowReason,
} from "@imesh/contracts/broker/v1";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import { NOW_UNIX_NS } from "../testing/commands.ts";
import { CHAT_GUID, CONTACT, wireChat, wireRow } from "../testing/rows.ts";
import type { BatchContext } from "./batch-context.ts";
import { changesOfWire } from "./changes-of-wire.ts";
import { eventsOfBatch } from "./intake-batch.ts";

const batch: BatchContext = {
  database: { databaseUid: "UID-1", generation: "1:1:0" },
  committedUnixNs: null,
  detectedUnixNs: null,
  readUnixNs: null,
  receivedUnixNs: NOW_UNIX_NS,
  phase: "live",
  lastSeenUnixNs: null,
  liveAgeMaxNs: 60_000_000_000n,
};

const journal = {
  provableCommands: () => [],
  commandsInFlight: () => [],
  commandOfRow: () => null,
  lastFingerprint: () => null,
};

function drafts(wire: Partial<RowBatch>, context: Partial<BatchContext> = {}): readonly EventDraft[] {
  const changes = changesOfWire({ ...RowBatch.fromPartial({}), ...wire });
  return eventsOfBatch(changes, { ...batch, ...context }, { journal, suspects: new Map() }, () => "").drafts;
}

function chatChange(reason: ChatChangeReason, sequence: bigint): ChatChange {
  return { sequence, reason, chat: wireChat(CHAT_GUID), participants: [] };
}

function attachmentChange(
  reason: AttachmentChangeReason,
  sequence: bigint,
  messages: AttachmentChange["messages"],
): AttachmentChange {
  return {
    sequence,
    reason,
    attachment: AttachmentRow.fromPartial({ rowid: 5n, guid: "A" }),
    messages,
  };
}

/** One line an event: what, whose, of which message, in which chat, under which key. */
function lines(wire: Partial<RowBatch>): string[] {
  return drafts(wire).map(({ payload, source, sourceKey, chat }) => {
    const news =
      payload.kind === "unsupported"
        ? `${payload.what} ${payload.direction} ${payload.guid || "-"}`
        : `${payload.kind}${payload.kind === "message-status" ? ` ${payload.state}` : ""}`;
    const key = `${sourceKey?.rowid} ${sourceKey?.reason} ${sourceKey?.fingerprint}`;
    return `${news} @${source?.rowid} ${chat?.guid ?? "-"} [${key}]`;
  });
}

test("each kind of change of a message is one event under its own word and key", () => {
  const of = (reason: RowReason, isFromMe: boolean) => {
    const chatGuid = reason === RowReason.RECENTLY_DELETED || reason === RowReason.DELETED ? null : CHAT_GUID;
    return lines({ rows: [wireRow({ rowid: 7n, reason, isFromMe, chatGuid, isSent: true, sequence: 3n })] });
  };
  const told = (reason: RowReason) => [of(reason, false), of(reason, true)].flat();
  const where = `GUID-7 @7 ${CHAT_GUID}`;
  assert.deepEqual(told(RowReason.STATUS), [
    `corrected incoming ${where} [7 status 3]`,
    `message-status sent @7 ${CHAT_GUID} [7 status sent:0:3]`,
  ]);
  assert.deepEqual(told(RowReason.DELIVERED), [`message-status sent @7 ${CHAT_GUID} [7 status sent:0:3]`]);
  assert.deepEqual(told(RowReason.READ), [
    `read-elsewhere incoming ${where} [7 read 3]`,
    `message-status sent @7 ${CHAT_GUID} [7 status sent:0:3]`,
  ]);
  assert.deepEqual(told(RowReason.PLAYED), [
    `played-elsewhere incoming ${where} [7 played 3]`,
    `played own ${where} [7 played 3]`,
  ]);
  for (const [reason, word, key] of [
    [RowReason.CONTENT, "edited-or-unsent", "content"],
    [RowReason.CHATS, "moved", "chats"],
    [RowReason.ATTACHMENTS, "attachment", "attachments"],
    [RowReason.SCHEDULE, "schedule", "schedule"],
    [RowReason.GUID, "guid", "guid"],
    [RowReason.RECOVERED, "recovered", "recovered"],
  ] as const) {
    assert.deepEqual(told(reason), [
      `${word} incoming ${where} [7 ${key} 3]`,
      `${word} own ${where} [7 ${key} 3]`,
    ]);
  }
  assert.deepEqual(told(RowReason.RECENTLY_DELETED), [
    "recently-deleted incoming GUID-7 @7 - [7 recently-deleted 3]",
    "recently-deleted own GUID-7 @7 - [7 recently-deleted 3]",
  ]);
  assert.deepEqual(of(RowReason.DELETED, false), ["deleted null GUID-7 @7 - [7 deleted 3]"]);
});

test("two changes alike are two events, the same one read again has the same key", () => {
  const edit = (sequence: bigint) => wireRow({ rowid: 7n, reason: RowReason.CONTENT, sequence });
  const keys = lines({ rows: [edit(3n), edit(4n), edit(3n)] });
  assert.deepEqual([keys[0] === keys[2], keys[0] === keys[1]], [true, false]);
});

test("changes of chats say which chat, and nothing of a message", () => {
  const reasons = [
    ChatChangeReason.NEW,
    ChatChangeReason.NAME,
    ChatChangeReason.MEMBERS,
    ChatChangeReason.GUID,
    ChatChangeReason.PROPERTIES,
    ChatChangeReason.STATE,
    ChatChangeReason.DELETED,
    99 as ChatChangeReason,
  ];
  // Of a new chat its first message tells.
  assert.deepEqual(
    lines({ chatChanges: reasons.map((reason, index) => chatChange(reason, BigInt(index))) }),
    ["name", "members", "guid", "properties", "state", "deleted", "other"].map(
      (word, index) => `chat-${word} null - @0 ${CHAT_GUID} [1 chat-${word} ${index + 1}]`,
    ),
  );
  const [draft] = drafts({ chatChanges: [chatChange(ChatChangeReason.NAME, 1n)] });
  assert.deepEqual(
    [draft?.chat, draft?.source],
    [
      { guid: CHAT_GUID, style: "direct", identifier: CONTACT, service: "iMessage", displayName: "" },
      { databaseUid: "UID-1", generation: "1:1:0", rowid: 0n },
    ],
  );
});

test("changes of an attachment name its first message", () => {
  const messages = [
    { rowid: 7n, guid: "GUID-7" },
    { rowid: 8n, guid: "GUID-8" },
  ];
  const change = (reason: AttachmentChangeReason, sequence: bigint) =>
    attachmentChange(reason, sequence, messages);
  assert.deepEqual(
    lines({
      attachmentChanges: [
        change(AttachmentChangeReason.PROGRESS, 1n),
        change(AttachmentChangeReason.READY, 2n),
        attachmentChange(AttachmentChangeReason.DELETED, 3n, []),
      ],
    }),
    [
      "attachment null GUID-7 @7 - [5 attachment-progress 1]",
      "attachment null GUID-7 @7 - [5 attachment-ready 2]",
      "attachment null - @0 - [5 attachment-deleted 3]",
    ],
  );
});

test("the three lists of a batch become one order", () => {
  const told = lines({
    rows: [
      wireRow({ rowid: 1n, sequence: 2n }),
      wireRow({ rowid: 1n, sequence: 5n, reason: RowReason.CONTENT }),
    ],
    chatChanges: [chatChange(ChatChangeReason.NEW, 1n), chatChange(ChatChangeReason.NAME, 4n)],
    attachmentChanges: [attachmentChange(AttachmentChangeReason.READY, 3n, [])],
  });
  assert.deepEqual(
    told.map((line) => line.split(" ")[0]),
    ["message", "attachment", "chat-name", "edited-or-unsent"],
  );
});

test("a change without what it is about is told all the same", () => {
  const chat = ChatChange.fromPartial({ sequence: 1n, reason: ChatChangeReason.NAME });
  const attachment = AttachmentChange.fromPartial({ sequence: 2n, reason: AttachmentChangeReason.READY });
  assert.deepEqual(lines({ chatChanges: [chat], attachmentChanges: [attachment] }), [
    "chat-name null - @0 - [0 chat-name 1]",
    "attachment null - @0 - [0 attachment-ready 2]",
  ]);
});

test("a change is live when its commit is, however old its row", () => {
  const hourAgo = NOW_UNIX_NS - 3_600_000_000_000n;
  const rows = [wireRow({ rowid: 7n, reason: RowReason.CONTENT, sentUnixNs: hourAgo })];
  assert.deepEqual(
    [drafts({ rows }), drafts({ rows }, { phase: "catching-up" })].map((told) => told[0]?.arrivalClass),
    ["live", "catch-up"],
  );
  assert.equal(drafts({ rows })[0]?.hopTimes.sentUnixNs, hourAgo);
  assert.equal(unixNsToAppleTime(hourAgo), rows[0]?.date);
});
