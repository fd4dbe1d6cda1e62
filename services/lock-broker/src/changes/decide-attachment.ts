import type { AttachmentPrint } from "../rows/prints.ts";
import type { AttachmentReason } from "./changes.ts";
import type { KnownAttachment } from "./known-rows.ts";

/** Circumstances of a look at an attachment. */
export interface AttachmentMoment {
  /** A message that it belongs to was told, in this look or before. */
  readonly isMessageTold: boolean;
  /** That message is told in this very look, with the attachment in its row as it is now. */
  readonly isShown: boolean;
  /** The row was in the database before the ledger was begun. */
  readonly isBaseline: boolean;
}

/** What becomes of an attachment. */
export interface AttachmentDecision {
  /** Changes to tell, in this order. */
  readonly reasons: readonly AttachmentReason[];
  /** What to keep; undefined: forget the row. The known object itself when nothing changed. */
  readonly keep: KnownAttachment | undefined;
}

/** transfer_state of a finished transfer, of an error and of a recoverable one (docs/chat-db.md §16). */
const STATE_FINISHED = 5;
const STATE_ERROR = 6;
const STATE_RECOVERABLE_ERROR = 7;

/**
 * Decides what a look at an attachment tells (I14). Pure. `seen` is undefined when the row is gone.
 *
 * Its changes mean nothing to a consumer that has not heard of its message: they are told from the moment on in which a message
 * with it is told, and what it looked like then came with that message.
 */
export function decideAttachment(
  known: KnownAttachment | undefined,
  seen: AttachmentPrint | undefined,
  moment: AttachmentMoment,
): AttachmentDecision {
  if (seen === undefined) return { reasons: known?.isTold === true ? ["deleted"] : [], keep: undefined };
  const isTold = known?.isTold === true || moment.isMessageTold || moment.isShown || moment.isBaseline;
  if (known === undefined) {
    const isNews = moment.isMessageTold && !moment.isShown && !moment.isBaseline;
    return { reasons: isNews ? [progressOf(seen)] : [], keep: { print: seen, isTold } };
  }
  const reasons = differences(known.print, seen);
  const isSame = reasons.length === 0 && known.print.isOverflowing === seen.isOverflowing;
  const keep = isSame && known.isTold === isTold ? known : { print: seen, isTold };
  const isSilent = !isTold || (!known.isTold && moment.isShown);
  return { reasons: isSilent ? [] : reasons, keep };
}

function differences(before: AttachmentPrint, after: AttachmentPrint): AttachmentReason[] {
  const reasons: AttachmentReason[] = [];
  if (before.guid !== after.guid) reasons.push("guid");
  if (before.transferState !== after.transferState) reasons.push(progressOf(after));
  else if (before.progress !== after.progress) reasons.push("progress");
  if (before.info !== after.info) reasons.push("info");
  return reasons;
}

function progressOf({ transferState }: AttachmentPrint): AttachmentReason {
  if (transferState === STATE_FINISHED) return "ready";
  return transferState === STATE_ERROR || transferState === STATE_RECOVERABLE_ERROR ? "failed" : "progress";
}
