import type { Account } from "./account.ts";
import { canonicalAddress, groupIdentifier } from "./address.ts";

/** What a contact says, as it was asked for. */
export interface SayOrder {
  readonly from: string;
  readonly text: string;
  /** Empty for the direct chat. */
  readonly groupGuid: string;
  /** Undefined: drawn from the default range. */
  readonly joinDelayMs: number | undefined;
  readonly ageNs: bigint;
}

/** An order that cannot be carried out, whatever the state of things. `field` is the wire's name, `bound` what it must be. */
export class OrderRefusedError extends Error {
  override readonly name = "OrderRefusedError";
  readonly field: string;
  readonly bound: string;

  constructor(field: string, bound: string) {
    super(`Cannot take order: ${field} (${bound})`);
    this.field = field;
    this.bound = bound;
  }
}

/** An order that was checked. */
export interface CheckedSay {
  /** Canonical address. */
  readonly from: string;
  readonly text: string;
  /** Undefined for the direct chat. */
  readonly groupGuid: string | undefined;
  readonly ageNs: bigint;
}

const TEXT_UNITS_MAX = 100_000;

/** Throws OrderRefusedError. */
export function checkSay(order: SayOrder, account: Account): CheckedSay {
  const { text, groupGuid, ageNs } = order;
  const from = canonicalAddress(order.from);
  if (from === undefined) throw new OrderRefusedError("from", "must be E.164 or a mail address");
  if (from === account.address) throw new OrderRefusedError("from", "must not be the own account");
  if (text.length === 0 || text.length > TEXT_UNITS_MAX) {
    throw new OrderRefusedError("text", `must have 1 to ${TEXT_UNITS_MAX} UTF-16 code units`);
  }
  if (groupGuid !== "" && groupIdentifier(groupGuid) === undefined) {
    throw new OrderRefusedError("chat_guid", "must be a group's guid or empty");
  }
  return { from, text, groupGuid: groupGuid === "" ? undefined : groupGuid, ageNs };
}
