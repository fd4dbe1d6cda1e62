import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AttachmentChangeReason,
  ChatChangeReason,
  DetectionSource,
  RowReason,
  TailResponse,
} from "@imesh/contracts/broker/v1";
import type { ToldChange } from "../changes/changes.ts";
import { largestAttachment, largestChat, largestMessage } from "../fixtures/largest-rows.ts";
import type { TailFrame } from "../tail/tail.ts";
import { toTailResponse } from "./wire-frames.ts";
import { ATTACHMENT_REASONS, CHAT_REASONS, ROW_REASONS } from "./wire-reasons.ts";

const DATABASE = { databaseUid: "UID-A", generation: "1:2:0" };

/** What its sequence is for everyone else. */
const LASTING = (sequence: bigint) => 100n + sequence;

/** What a client gets: through the wire and back. */
function received(frame: TailFrame): NonNullable<TailResponse["frame"]> {
  const { frame: decoded } = TailResponse.decode(
    TailResponse.encode(toTailResponse(frame, LASTING)).finish(),
  );
  assert(decoded !== undefined);
  return decoded;
}

function batch(changes: readonly ToldChange[]): TailFrame {
  return {
    kind: "batch",
    changes,
    cursor: Buffer.from("cursor"),
    database: DATABASE,
    notice: { source: "poll", committedAtUnixNs: 1_000_000_001n, detectedAtUnixNs: 2_000_000_002n },
    readAtUnixNs: 3_000_000_003n,
    isCatchingUp: true,
  };
}

test("a batch has each change in the list of its kind, with its sequence and its row as it is now", () => {
  const message = largestMessage(10);
  const chat = largestChat(10);
  const attachment = largestAttachment(10);
  const names = { rowid: 5n, guid: "G" };
  const frame = received(
    batch([
      { change: { sequence: 1n, subject: "chat", reason: "members", ...names }, chat, participants: [] },
      { change: { sequence: 2n, subject: "message", reason: "content", ...names }, message },
      {
        change: { sequence: 3n, subject: "attachment", reason: "ready", ...names },
        attachment,
        messages: [{ rowid: 9n, guid: "M" }],
      },
    ]),
  );
  assert(frame.$case === "batch");
  const { rows, chatChanges, attachmentChanges, ...about } = frame.value;
  assert.deepEqual(about, {
    nextCursor: Buffer.from("cursor"),
    database: DATABASE,
    committedTime: { seconds: 1n, nanos: 1 },
    detectedTime: { seconds: 2n, nanos: 2 },
    readTime: { seconds: 3n, nanos: 3 },
    detectionSource: DetectionSource.POLL,
    catchingUp: true,
  });
  // Names and types are the same on both sides: what is in the row arrives.
  assert.deepEqual(rows, [{ ...message, reason: RowReason.CONTENT, sequence: 102n }]);
  assert.deepEqual(chatChanges, [
    { sequence: 101n, reason: ChatChangeReason.MEMBERS, chat, participants: [] },
  ]);
  assert.deepEqual(attachmentChanges, [
    {
      sequence: 103n,
      reason: AttachmentChangeReason.READY,
      attachment,
      messages: [{ rowid: 9n, guid: "M" }],
    },
  ]);
});

test("of a row that is gone there are its names, the reason and the sequence", () => {
  const names = { rowid: 5n, guid: "G" };
  const frame = received(
    batch([
      { change: { sequence: 1n, subject: "message", reason: "deleted", ...names }, message: undefined },
      {
        change: { sequence: 2n, subject: "chat", reason: "deleted", ...names },
        chat: undefined,
        participants: [],
      },
      {
        change: { sequence: 3n, subject: "attachment", reason: "deleted", ...names },
        attachment: undefined,
        messages: [],
      },
    ]),
  );
  assert(frame.$case === "batch");
  const [row] = frame.value.rows;
  const shown = [row, frame.value.chatChanges[0]?.chat, frame.value.attachmentChanges[0]?.attachment].map(
    (gone) => Object.entries(gone ?? {}).filter(([, value]) => Boolean(value) && !Array.isArray(value)),
  );
  const named = [
    ["rowid", 5n],
    ["guid", "G"],
  ];
  assert.deepEqual(shown, [[...named, ["reason", RowReason.DELETED], ["sequence", 101n]], named, named]);
});

test("a heartbeat says where the head is, and its cursor only when that is news", () => {
  const beat = {
    kind: "heartbeat",
    headRowid: 7n,
    pendingRows: 2,
    atUnixNs: 5n,
    database: DATABASE,
  } as const;
  for (const cursor of [undefined, Buffer.from("c")]) {
    const frame = received({ ...beat, cursor });
    assert.deepEqual(frame, {
      $case: "heartbeat",
      value: {
        headRowid: 7n,
        nextCursor: cursor ?? Buffer.alloc(0),
        pendingRows: 2,
        serverTime: { seconds: 0n, nanos: 5 },
        database: DATABASE,
      },
    });
  }
});

test("every reason has a word of its own on the wire, and every word a reason", () => {
  for (const [ours, wire] of [
    [ROW_REASONS, RowReason],
    [CHAT_REASONS, ChatChangeReason],
    [ATTACHMENT_REASONS, AttachmentChangeReason],
  ] as const) {
    const { UNSPECIFIED: _, UNRECOGNIZED: __, ...words } = wire;
    const spelled = Object.entries(ours).map(([reason, number]) => [
      reason.toUpperCase().replaceAll("-", "_"),
      number,
    ]);
    assert.deepEqual(Object.fromEntries(spelled), words);
  }
});
