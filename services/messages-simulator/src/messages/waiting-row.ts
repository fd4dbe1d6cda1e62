import type { Tables } from "../mac/tables.ts";
import { findChat } from "./chats.ts";
import { seeMessage } from "./see.ts";

/** A row that is in no chat yet. */
export interface WaitingRow {
  readonly rowid: bigint;
  /** Guid its chat had when the row was written. */
  readonly chatGuid: string;
  /** Apple's nanoseconds. */
  readonly date: bigint;
  /** `_UniqueIdentifier` of its database. */
  readonly databaseUid: string;
}

/**
 * Puts the row into its chat, inside a save: from then on a person sees it. Passed over (false) when the row or its chat was
 * removed since.
 */
export function joinWaitingRow(tables: Tables, { rowid, chatGuid, date }: WaitingRow): boolean {
  const chat = findChat(tables, chatGuid);
  if (chat === undefined || tables.changes.facts(rowid) === undefined) return false;
  tables.messages.join(chat.rowid, rowid, date);
  seeMessage(tables, rowid, "new");
  return true;
}
