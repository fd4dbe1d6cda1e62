import type { NewMessage, SpecialColumns } from "../mac/new-message.ts";
import type { Account } from "./account.ts";

/** The service of the simulated account where nothing else is said. */
export const SERVICE = "iMessage";

/** What rows of all kinds need. */
export interface RowFacts {
  /** Upper case. */
  readonly guid: string;
  readonly text: string | null;
  readonly attributedBody: Uint8Array | null;
  /** Apple's nanoseconds. */
  readonly date: bigint;
  readonly account: Account;
  /** Chat it belongs to; null for a row that no repair shall find a chat for. */
  readonly chatGuid: string | null;
  readonly previousGuid: string | null;
  readonly special?: SpecialColumns;
  /** Default: iMessage. */
  readonly service?: string;
}

/** A row of a contact: here since it was inserted, unread. */
export function incomingRow(facts: RowFacts & { readonly handleRowid: bigint }): NewMessage {
  return { ...commonColumns(facts), handleRowid: facts.handleRowid, isFromMe: false, isDelivered: true };
}

/** A row of the account, not yet sent. `error` is an FZErrorType, 0 by default. */
export function ownRow(facts: RowFacts & { readonly error?: number }): NewMessage {
  return {
    ...commonColumns(facts),
    error: facts.error ?? 0,
    handleRowid: 0n,
    isFromMe: true,
    isDelivered: false,
  };
}

function commonColumns(facts: RowFacts) {
  const { account, special } = facts;
  return {
    guid: facts.guid,
    text: facts.text,
    attributedBody: facts.attributedBody,
    service: facts.service ?? SERVICE,
    accountLogin: account.login,
    accountGuid: account.guid,
    accountAddress: account.address,
    isSent: false,
    isRead: false,
    isEmpty: false,
    error: 0,
    date: facts.date,
    dateRead: 0n,
    dateDelivered: 0n,
    chatHint: facts.chatGuid,
    previousGuid: facts.previousGuid,
    ...(special === undefined ? {} : { special }),
  };
}
