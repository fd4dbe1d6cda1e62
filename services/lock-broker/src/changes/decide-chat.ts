import type { ChatPrint } from "../rows/prints.ts";
import type { ChatReason } from "./changes.ts";
import type { KnownChat } from "./known-rows.ts";

/** What becomes of a chat. */
export interface ChatDecision {
  /** Changes to tell, in this order. */
  readonly reasons: readonly ChatReason[];
  /** What to keep; undefined: forget the row. The known object itself when nothing changed. */
  readonly keep: KnownChat | undefined;
}

/**
 * Decides what a look at a chat tells (I14). Pure. `seen` is undefined when the row is gone; `isBaseline` says that it was in the
 * database before the ledger was begun, so that its first sight is no news.
 */
export function decideChat(
  known: KnownChat | undefined,
  seen: ChatPrint | undefined,
  moment: { readonly isBaseline: boolean },
): ChatDecision {
  if (seen === undefined) return { reasons: known === undefined ? [] : ["deleted"], keep: undefined };
  if (known === undefined) return { reasons: moment.isBaseline ? [] : ["new"], keep: { print: seen } };
  const before = known.print;
  const reasons: ChatReason[] = [];
  if (before.guid !== seen.guid) reasons.push("guid");
  if (before.name !== seen.name) reasons.push("name");
  if (before.members !== seen.members) reasons.push("members");
  if (before.properties !== seen.properties) reasons.push("properties");
  if (before.state !== seen.state) reasons.push("state");
  const isSame = reasons.length === 0 && before.isOverflowing === seen.isOverflowing;
  return { reasons, keep: isSame ? known : { print: seen } };
}
