import { assert } from "@imesh/flow";
import type { AttachmentReason, Change, ChatReason, MessageReason } from "./changes.ts";

/** A change before it has its place in the log. */
export type ChangeDraft =
  | {
      readonly subject: "message";
      readonly reason: MessageReason;
      readonly rowid: bigint;
      readonly guid: string;
    }
  | { readonly subject: "chat"; readonly reason: ChatReason; readonly rowid: bigint; readonly guid: string }
  | {
      readonly subject: "attachment";
      readonly reason: AttachmentReason;
      readonly rowid: bigint;
      readonly guid: string;
    };

/** Places are part of the ledger's encoding: append only, at most 32 each. */
const MESSAGE_REASONS: readonly MessageReason[] = [
  "new",
  "unjoined",
  "joined",
  "status",
  "delivered",
  "read",
  "played",
  "content",
  "chats",
  "attachments",
  "schedule",
  "guid",
  "recently-deleted",
  "recovered",
  "deleted",
];
const CHAT_REASONS: readonly ChatReason[] = [
  "new",
  "name",
  "members",
  "guid",
  "properties",
  "state",
  "deleted",
];
const ATTACHMENT_REASONS: readonly AttachmentReason[] = [
  "progress",
  "ready",
  "failed",
  "guid",
  "info",
  "deleted",
];

const SUBJECT_SHIFT = 5;
const REASON_MASK = 31;
const SUBJECT_MASK = 3;
/** Found while working off what happened before, not as it happened. */
const CAUGHT_UP = 128;

/** Codes of the changes by which a message is told first, with either flag. */
export const FIRST_TELLING_CODES = "0, 1, 128, 129";

/** Whether a change is the first a consumer hears of its message. */
export function isFirstTelling(change: ChangeDraft): boolean {
  return change.subject === "message" && (change.reason === "new" || change.reason === "unjoined");
}

/** Subject, reason and flag in one small number. */
export function packWhat(change: ChangeDraft, isCaughtUp: boolean): number {
  return subjectAndReason(change) | (isCaughtUp ? CAUGHT_UP : 0);
}

function subjectAndReason(change: ChangeDraft): number {
  switch (change.subject) {
    case "message":
      return MESSAGE_REASONS.indexOf(change.reason);
    case "chat":
      return (1 << SUBJECT_SHIFT) | CHAT_REASONS.indexOf(change.reason);
    case "attachment":
      return (2 << SUBJECT_SHIFT) | ATTACHMENT_REASONS.indexOf(change.reason);
  }
}

/** Whether the flag of {@link packWhat} is set. */
export function isCaughtUp(what: number): boolean {
  return (what & CAUGHT_UP) !== 0;
}

/** The change that {@link packWhat} packed, with the rest of its row. */
export function unpackChange(
  what: number,
  place: { readonly sequence: bigint; readonly rowid: bigint; readonly guid: string },
): Change {
  const index = what & REASON_MASK;
  switch ((what >> SUBJECT_SHIFT) & SUBJECT_MASK) {
    case 0:
      return { ...place, subject: "message", reason: at(MESSAGE_REASONS, index) };
    case 1:
      return { ...place, subject: "chat", reason: at(CHAT_REASONS, index) };
    default:
      return { ...place, subject: "attachment", reason: at(ATTACHMENT_REASONS, index) };
  }
}

function at<T>(reasons: readonly T[], index: number): T {
  const reason = reasons[index];
  assert(reason !== undefined, "a change's code names a reason");
  return reason;
}
