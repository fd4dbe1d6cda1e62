import { unreachable } from "@imesh/flow";
import type { MessagePrint } from "../rows/prints.ts";
import type { MessageReason } from "./changes.ts";
import type { KnownMessage, MessageStage } from "./known-rows.ts";

/** When and under which rules a row is looked at. */
export interface MessageMoment {
  readonly nowUnixMs: number;
  /** How long a row waits for its chat before it is told without. */
  readonly settleDeadlineMs: number;
  /** The row was in the database before the ledger was begun: seen for the first time, it is kept and not told. */
  readonly isBaseline: boolean;
}

/** What becomes of a row. */
export interface MessageDecision {
  /** Changes to tell, in this order; empty for Apple's upkeep. */
  readonly reasons: readonly MessageReason[];
  /** What to keep; undefined: forget the row. The known object itself when nothing changed. */
  readonly keep: KnownMessage | undefined;
}

const NOTHING: readonly MessageReason[] = [];

/**
 * Decides what a look at a message tells (I14). Pure. `seen` is undefined when the row is gone.
 *
 * A row is told first when it has its chat and is own or finished, or when it has waited for too long; from then on, every
 * visible column that differs from what was kept is told once, by its reason, and kept. The same row seen again tells nothing.
 */
export function decideMessage(
  known: KnownMessage | undefined,
  seen: MessagePrint | undefined,
  moment: MessageMoment,
): MessageDecision {
  if (seen === undefined) {
    const isNews = known !== undefined && isTold(known.stage);
    return { reasons: isNews ? ["deleted"] : NOTHING, keep: undefined };
  }
  if (known === undefined) return first(seen, moment);
  const print = withKnownContent(known.print, seen);
  switch (known.stage) {
    case "waiting":
      // The wall clock may have been set back since; a wait must not grow by that.
      return settle(print, Math.min(known.sinceUnixMs, moment.nowUnixMs), moment, known);
    case "hidden":
      if (print.isJoined) return { reasons: ["recovered"], keep: told(print) };
      return { reasons: NOTHING, keep: kept(known, { print, stage: "hidden", sinceUnixMs: 0 }) };
    case "unjoined":
    case "told":
      return compare(known, print);
    default:
      return unreachable(known.stage);
  }
}

/** Whether a consumer may have heard of a row at this stage. */
export function isTold(stage: MessageStage): boolean {
  return stage === "told" || stage === "unjoined";
}

/** It is in Recently Deleted and nowhere else: of two chats it may be deleted in one. */
function isHidden(print: MessagePrint): boolean {
  return print.isRecoverable && !print.isJoined;
}

function told(print: MessagePrint): KnownMessage {
  return { print, stage: "told", sinceUnixMs: 0 };
}

function first(seen: MessagePrint, moment: MessageMoment): MessageDecision {
  if (!moment.isBaseline) return settle(seen, moment.nowUnixMs, moment, undefined);
  const stage = seen.isJoined || isHidden(seen) ? "told" : "unjoined";
  return { reasons: NOTHING, keep: { print: seen, stage, sinceUnixMs: 0 } };
}

function settle(
  print: MessagePrint,
  sinceUnixMs: number,
  moment: MessageMoment,
  known: KnownMessage | undefined,
): MessageDecision {
  if (isHidden(print)) return { reasons: NOTHING, keep: { print, stage: "hidden", sinceUnixMs: 0 } };
  const isOverdue = moment.nowUnixMs - sinceUnixMs >= moment.settleDeadlineMs;
  if (print.isJoined && (print.isFromMe || print.isFinished || isOverdue)) {
    return { reasons: ["new"], keep: told(print) };
  }
  if (isOverdue) return { reasons: ["unjoined"], keep: { print, stage: "unjoined", sinceUnixMs: 0 } };
  return { reasons: NOTHING, keep: kept(known, { print, stage: "waiting", sinceUnixMs }) };
}

/** A row that was told: one reason for each part of its print that differs. */
function compare(known: KnownMessage, seen: MessagePrint): MessageDecision {
  const before = known.print;
  const wasHidden = isHidden(before);
  // Between Recently Deleted and its chat it may be in neither for a commit: it is recovered when it is back.
  const isBetween = wasHidden && !seen.isJoined && !seen.isRecoverable;
  const after = isBetween ? { ...seen, isRecoverable: true } : seen;
  const isHiddenNow = isHidden(after);
  const isFirstChat = known.stage === "unjoined" && after.isJoined;
  const isMoved = wasHidden !== isHiddenNow || isFirstChat;
  const isSeenInChat = before.isJoined || after.isJoined;
  const areChatsOthers = before.chats !== after.chats || before.isJoined !== after.isJoined;
  const reasons: MessageReason[] = [];
  if (before.guid !== after.guid) reasons.push("guid");
  if (isFirstChat) reasons.push("joined");
  if (wasHidden && !isHiddenNow) reasons.push("recovered");
  if (!isMoved && isSeenInChat && areChatsOthers) reasons.push("chats");
  if (isContentOther(before, after)) reasons.push("content");
  if (before.attachments !== after.attachments) reasons.push("attachments");
  if (before.schedule !== after.schedule) reasons.push("schedule");
  if (before.status !== after.status) reasons.push("status");
  if (before.delivered !== after.delivered) reasons.push("delivered");
  if (before.read !== after.read) reasons.push("read");
  if (before.played !== after.played) reasons.push("played");
  if (!wasHidden && isHiddenNow) reasons.push("recently-deleted");
  // Who is in Recently Deleted has had a chat.
  const stage = known.stage === "unjoined" && !after.isJoined && !isHiddenNow ? "unjoined" : "told";
  return { reasons, keep: kept(known, { print: after, stage, sinceUnixMs: 0 }) };
}

/** Unknown content (a row of which only the bytes were hashed) counts as changed with its bytes: better once too often than lost. */
function isContentOther(before: MessagePrint, after: MessagePrint): boolean {
  return before.contentBytes !== after.contentBytes && before.content !== after.content;
}

/** Content that was not worked out because its bytes are the known ones. */
function withKnownContent(known: MessagePrint, seen: MessagePrint): MessagePrint {
  if (seen.content !== undefined || seen.contentBytes !== known.contentBytes) return seen;
  return known.content === undefined ? seen : { ...seen, content: known.content };
}

function kept(known: KnownMessage | undefined, next: KnownMessage): KnownMessage {
  if (known === undefined || known.stage !== next.stage || known.sinceUnixMs !== next.sinceUnixMs)
    return next;
  return isSamePrint(known.print, next.print) ? known : next;
}

function isSamePrint(left: MessagePrint, right: MessagePrint): boolean {
  return (
    left.guid === right.guid &&
    left.isJoined === right.isJoined &&
    left.isRecoverable === right.isRecoverable &&
    left.isFinished === right.isFinished &&
    left.isFromMe === right.isFromMe &&
    left.isOverflowing === right.isOverflowing &&
    left.status === right.status &&
    left.recordStatus === right.recordStatus &&
    left.delivered === right.delivered &&
    left.read === right.read &&
    left.played === right.played &&
    left.schedule === right.schedule &&
    left.chats === right.chats &&
    left.attachments === right.attachments &&
    left.contentBytes === right.contentBytes &&
    left.content === right.content
  );
}
