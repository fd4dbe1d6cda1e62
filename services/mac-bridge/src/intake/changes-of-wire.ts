import {
  AttachmentChangeReason,
  ChatChangeReason,
  type RowBatch,
  RowReason,
} from "@imesh/contracts/broker/v1";
import type { AttachmentReason, ChatReason, IntakeChange, MessageReason } from "./intake-change.ts";
import { attachmentOfWire, chatOfWire, handleOfWire, rowOfWire } from "./row-of-wire.ts";

/** The changes of a batch in their one order, whichever of its three lists they came in. Total. */
export function changesOfWire(batch: RowBatch): readonly IntakeChange[] {
  const messages = batch.rows.map(
    (wire): IntakeChange => ({
      kind: "message",
      sequence: wire.sequence,
      reason: MESSAGE_REASONS.get(wire.reason) ?? "new",
      row: rowOfWire(wire),
    }),
  );
  const chats = batch.chatChanges.map(
    (wire): IntakeChange => ({
      kind: "chat",
      sequence: wire.sequence,
      reason: CHAT_REASONS.get(wire.reason) ?? "other",
      chat: wire.chat === undefined ? null : chatOfWire(wire.chat),
      participants: wire.participants.map(handleOfWire),
    }),
  );
  const attachments = batch.attachmentChanges.map(
    (wire): IntakeChange => ({
      kind: "attachment",
      sequence: wire.sequence,
      reason: ATTACHMENT_REASONS.get(wire.reason) ?? "other",
      attachment: wire.attachment === undefined ? null : attachmentOfWire(wire.attachment),
      messages: wire.messages.map(({ rowid, guid }) => ({ rowid, guid })),
    }),
  );
  if (chats.length === 0 && attachments.length === 0) return messages;
  // Stable: what has no place in the log (0) stays in the order in which it came.
  return [...messages, ...chats, ...attachments].sort((left, right) =>
    left.sequence < right.sequence ? -1 : left.sequence > right.sequence ? 1 : 0,
  );
}

/** A reason of a version to come reads as "new": the row is shown rather than lost, and its key keeps it from doubling. */
const MESSAGE_REASONS: ReadonlyMap<RowReason, MessageReason> = new Map([
  [RowReason.NEW, "new"],
  [RowReason.UNJOINED, "unjoined"],
  [RowReason.JOINED, "joined"],
  [RowReason.STATUS, "status"],
  [RowReason.DELIVERED, "delivered"],
  [RowReason.READ, "read"],
  [RowReason.PLAYED, "played"],
  [RowReason.CONTENT, "content"],
  [RowReason.CHATS, "chats"],
  [RowReason.ATTACHMENTS, "attachments"],
  [RowReason.SCHEDULE, "schedule"],
  [RowReason.GUID, "guid"],
  [RowReason.RECENTLY_DELETED, "recently-deleted"],
  [RowReason.RECOVERED, "recovered"],
  [RowReason.DELETED, "deleted"],
]);

const CHAT_REASONS: ReadonlyMap<ChatChangeReason, ChatReason> = new Map([
  [ChatChangeReason.NEW, "new"],
  [ChatChangeReason.NAME, "name"],
  [ChatChangeReason.MEMBERS, "members"],
  [ChatChangeReason.GUID, "guid"],
  [ChatChangeReason.PROPERTIES, "properties"],
  [ChatChangeReason.STATE, "state"],
  [ChatChangeReason.DELETED, "deleted"],
]);

const ATTACHMENT_REASONS: ReadonlyMap<AttachmentChangeReason, AttachmentReason> = new Map([
  [AttachmentChangeReason.PROGRESS, "progress"],
  [AttachmentChangeReason.READY, "ready"],
  [AttachmentChangeReason.FAILED, "failed"],
  [AttachmentChangeReason.GUID, "guid"],
  [AttachmentChangeReason.INFO, "info"],
  [AttachmentChangeReason.DELETED, "deleted"],
]);
