import type { StoredChat } from "../../mac/chat-tables.ts";
import type { SpecialColumns } from "../../mac/new-message.ts";
import type { Tables } from "../../mac/tables.ts";
import { finishMessage, joinArrival } from "../incoming.ts";
import { incomingRow, ownRow } from "../message-rows.ts";
import { writeDelivered, writeSent } from "../outgoing.ts";
import { seeMessage } from "../see.ts";
import { type ActPorts, appleNow } from "./act.ts";
import type { Actor } from "./people.ts";

/** A row of whoever acts, in a chat that is there. */
export interface ActorRow {
  readonly chat: StoredChat;
  readonly actor: Actor;
  /** Drawn where it is not given. */
  readonly guid?: string;
  readonly text: string | null;
  readonly attributedBody: Uint8Array | null;
  readonly special: SpecialColumns;
  /** Writes what belongs to the row, in the same save. */
  readonly attach?: (tables: Tables, rowid: bigint) => void;
}

/**
 * Writes a row as Messages does: a contact's, then, after the usual wait, its join to the chat; this account's with its join, and
 * then what becomes of it on its way. Rejects as `pause` does.
 */
export async function writeActorRow(row: ActorRow, ports: ActPorts): Promise<bigint> {
  const { chat, actor } = row;
  const { writer } = ports;
  const { database, account } = writer;
  const date = appleNow(ports);
  const facts = {
    guid: row.guid ?? ports.random.uuid().toUpperCase(),
    text: row.text,
    attributedBody: row.attributedBody,
    date,
    account,
    chatGuid: chat.guid,
    previousGuid: database.tables.messages.lastGuid(chat.rowid),
    special: row.special,
    service: chat.service,
  };
  if (!actor.isOwn) {
    const rowid = database.save((tables) => {
      const inserted = tables.messages.insert(incomingRow({ ...facts, handleRowid: actor.handleRowid }));
      row.attach?.(tables, inserted);
      return inserted;
    });
    await joinArrival({ chatRowid: chat.rowid, rowid, date, joinDelayMs: ports.joinDelayMs }, writer);
    return rowid;
  }
  const rowid = database.save((tables) => {
    const inserted = tables.messages.insert(ownRow(facts));
    row.attach?.(tables, inserted);
    tables.messages.join(chat.rowid, inserted, date);
    seeMessage(tables, inserted, "new");
    return inserted;
  });
  finishMessage(database, chat.rowid, rowid, { account, readApple: date });
  writeSent(rowid, writer);
  if (!chat.isGroup && chat.service !== "SMS") writeDelivered(rowid, writer);
  return rowid;
}
