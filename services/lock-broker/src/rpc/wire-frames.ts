import {
  type AttachmentChange,
  AttachmentRow,
  type ChatChange,
  ChatRow,
  type MessageRow,
  type RowBatch,
  type TailHeartbeat,
  type TailResponse,
} from "@imesh/contracts/broker/v1";
import { unreachable } from "@imesh/flow";
import type { ToldChange } from "../changes/changes.ts";
import type { BatchFrame, HeartbeatFrame, TailFrame } from "../tail/tail.ts";
import { ATTACHMENT_REASONS, CHAT_REASONS, DETECTION_SOURCES, ROW_REASONS } from "./wire-reasons.ts";
import { toAttachmentRow, toBareMessageRow, toChatRow, toHandle, toMessageRow } from "./wire-rows.ts";
import { toTimestamp } from "./wire-time.ts";

/** For everyone else: see TailPorts. */
type LastingSequence = (sequence: bigint) => bigint;

/** A frame as broker.proto has it. */
export function toTailResponse(frame: TailFrame, lastingSequence: LastingSequence): TailResponse {
  switch (frame.kind) {
    case "batch":
      return { frame: { $case: "batch", value: toRowBatch(frame, lastingSequence) } };
    case "heartbeat":
      return { frame: { $case: "heartbeat", value: toHeartbeat(frame) } };
    default:
      return unreachable(frame);
  }
}

/** The changes go into a list for each kind of row; `sequence` keeps their order. */
function toRowBatch(frame: BatchFrame, lastingSequence: LastingSequence): RowBatch {
  const rows: MessageRow[] = [];
  const chatChanges: ChatChange[] = [];
  const attachmentChanges: AttachmentChange[] = [];
  for (const told of frame.changes) {
    if ("message" in told) rows.push(toMessageChange(told, lastingSequence));
    else if ("chat" in told) chatChanges.push(toChatChange(told, lastingSequence));
    else attachmentChanges.push(toAttachmentChange(told, lastingSequence));
  }
  return {
    rows,
    nextCursor: toBuffer(frame.cursor),
    database: frame.database,
    committedTime: toTimestamp(frame.notice.committedAtUnixNs),
    detectedTime: toTimestamp(frame.notice.detectedAtUnixNs),
    readTime: toTimestamp(frame.readAtUnixNs),
    detectionSource: DETECTION_SOURCES[frame.notice.source],
    catchingUp: frame.isCatchingUp,
    chatChanges,
    attachmentChanges,
  };
}

function toHeartbeat(frame: HeartbeatFrame): TailHeartbeat {
  return {
    headRowid: frame.headRowid,
    nextCursor: frame.cursor === undefined ? Buffer.alloc(0) : toBuffer(frame.cursor),
    pendingRows: frame.pendingRows,
    serverTime: toTimestamp(frame.atUnixNs),
    database: frame.database,
  };
}

/** Of a row that is gone, whatever the change was, only its names are left. */
function toMessageChange(
  { change, message }: Extract<ToldChange, { readonly message: unknown }>,
  lastingSequence: LastingSequence,
): MessageRow {
  const news = { reason: ROW_REASONS[change.reason], sequence: lastingSequence(change.sequence) };
  return message === undefined ? toBareMessageRow(change, news) : toMessageRow(message, news);
}

function toChatChange(
  { change, chat, participants }: Extract<ToldChange, { readonly chat: unknown }>,
  lastingSequence: LastingSequence,
): ChatChange {
  const { rowid, guid, sequence } = change;
  return {
    sequence: lastingSequence(sequence),
    reason: CHAT_REASONS[change.reason],
    chat: chat === undefined ? { ...ChatRow.create(), rowid, guid } : toChatRow(chat),
    participants: participants.map(toHandle),
  };
}

function toAttachmentChange(
  { change, attachment, messages }: Extract<ToldChange, { readonly attachment: unknown }>,
  lastingSequence: LastingSequence,
): AttachmentChange {
  const { rowid, guid, sequence } = change;
  return {
    sequence: lastingSequence(sequence),
    reason: ATTACHMENT_REASONS[change.reason],
    attachment:
      attachment === undefined ? { ...AttachmentRow.create(), rowid, guid } : toAttachmentRow(attachment),
    messages: messages.map((message) => ({ rowid: message.rowid, guid: message.guid })),
  };
}

/** The same memory, seen as what ts-proto wants. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
