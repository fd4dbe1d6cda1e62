import type { ChatFacts } from "../../mac/chat-tables.ts";
import type { SpecialColumns } from "../../mac/new-message.ts";
import type { Tables } from "../../mac/tables.ts";
import { incomingRow, ownRow } from "../message-rows.ts";
import { seeMessage } from "../see.ts";
import { pause } from "../writer-ports.ts";
import { type ActPorts, appleNow } from "./act.ts";
import type { Actor } from "./people.ts";

/** item_type of the rows that are lines in a chat and no bubbles (docs/chat-db.md §8). */
export const ITEM = { participant: 1, rename: 2, group: 3, location: 4, action: 5, call: 6 } as const;

/** A line in a chat that says what happened. */
export interface ChatLine {
  readonly chat: ChatFacts;
  readonly actor: Actor;
  readonly special: SpecialColumns;
  /** Drawn where it is not given. */
  readonly guid?: string;
  /** Writes what belongs to the row, in the same save. */
  readonly attach?: (tables: Tables, rowid: bigint) => void;
}

/** The row of a line and its join, a save each with the usual wait between where a contact caused it. */
export async function writeLine(line: ChatLine, ports: ActPorts): Promise<bigint> {
  const { chat, actor } = line;
  const { database, account } = ports.writer;
  const date = appleNow(ports);
  const facts = {
    guid: line.guid ?? ports.random.uuid().toUpperCase(),
    text: null,
    attributedBody: null,
    date,
    account,
    chatGuid: chat.guid,
    previousGuid: database.tables.messages.lastGuid(chat.rowid),
    special: line.special,
    service: chat.service,
  };
  const row = actor.isOwn ? ownRow(facts) : incomingRow({ ...facts, handleRowid: actor.handleRowid });
  const rowid = database.save((tables) => {
    const inserted = tables.messages.insert({ ...row, isSent: actor.isOwn });
    line.attach?.(tables, inserted);
    return inserted;
  });
  await pause(actor.isOwn ? 0 : ports.joinDelayMs, ports.writer);
  database.save((tables) => {
    tables.messages.join(chat.rowid, rowid, date);
    seeMessage(tables, rowid, "new");
  });
  return rowid;
}
