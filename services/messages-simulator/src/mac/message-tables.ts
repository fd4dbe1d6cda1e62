import type { Database, Statement } from "better-sqlite3";
import { MessageInsert, type NewMessage } from "./new-message.ts";

/** A row without any chat, that names the chat it belongs to. */
export interface UnparentedMessage {
  readonly rowid: bigint;
  readonly date: bigint;
  readonly isFromMe: boolean;
  readonly chatGuid: string;
}

/** An own message whose way to the peer is not over. */
export interface UnfinishedMessage {
  readonly rowid: bigint;
  readonly isSent: boolean;
  readonly isGroup: boolean;
}

/** An own message as a person sees it. */
export interface StoredBubble {
  readonly rowid: bigint;
  readonly guid: string;
  readonly chatGuid: string;
  readonly text: string | null;
  readonly attributedBody: Uint8Array | null;
  readonly date: bigint;
}

/** `schedule_state` of a message whose time has not come, and of one that went out. */
export const SCHEDULE_STATE = { pending: 2, sent: 3 } as const;

/** A message that waits to be sent later is none that a person sees as sent. */
const NOT_WAITING = `NOT (m.schedule_type = 2 AND m.schedule_state <> ${SCHEDULE_STATE.sent})`;

/** Messages and their joins. Statements only: the transaction around a call is the caller's. */
export class MessageTables {
  readonly #insert: MessageInsert;
  readonly #join: Statement;
  readonly #donate: Statement;
  readonly #markSent: Statement;
  readonly #markDelivered: Statement;
  readonly #markFailed: Statement;
  readonly #lastGuid: Statement;
  readonly #unparented: Statement;
  readonly #unfinished: Statement;
  readonly #bubbles: Statement;
  readonly #count: Statement;
  readonly #head: Statement;

  constructor(database: Database) {
    this.#insert = new MessageInsert(database);
    this.#join = database.prepare(
      "INSERT INTO chat_message_join (chat_id, message_id, message_date) VALUES (?, ?, ?)",
    );
    this.#donate = database.prepare(
      "UPDATE message SET index_state = 1, was_data_detected = 1 WHERE ROWID = ?",
    );
    this.#markSent = database.prepare(
      "UPDATE message SET is_sent = 1 WHERE ROWID = ? AND is_sent = 0 AND error = 0",
    );
    this.#markDelivered = database.prepare(
      "UPDATE message SET is_delivered = 1, date_delivered = ? WHERE ROWID = ? AND is_delivered = 0 AND error = 0",
    );
    this.#markFailed = database.prepare("UPDATE message SET error = ?, is_sent = 0 WHERE ROWID = ?");
    this.#lastGuid = database
      .prepare(
        `SELECT m.guid FROM chat_message_join j JOIN message m ON m.ROWID = j.message_id
         WHERE j.chat_id = ? ORDER BY j.message_date DESC, j.message_id DESC LIMIT 1`,
      )
      .pluck();
    this.#unparented = database.prepare(`
      SELECT m.ROWID AS rowid, m.date, m.is_from_me AS isFromMe, m.ck_chat_id AS chatGuid FROM message m
      WHERE m.ROWID > ? AND m.ck_chat_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM chat_message_join j WHERE j.message_id = m.ROWID)
        AND NOT EXISTS (SELECT 1 FROM chat_recoverable_message_join r WHERE r.message_id = m.ROWID)
      ORDER BY m.ROWID LIMIT ?`);
    this.#unfinished = database.prepare(`
      SELECT m.ROWID AS rowid, m.is_sent AS isSent, c.style = 43 AS isGroup
      FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
      WHERE m.ROWID > ? AND m.is_from_me = 1 AND m.error = 0 AND m.item_type = 0 AND ${NOT_WAITING}
        AND (m.is_sent = 0 OR (m.is_delivered = 0 AND c.style = 45))
      ORDER BY m.ROWID LIMIT ?`);
    this.#bubbles = database.prepare(`
      SELECT m.ROWID AS rowid, m.guid, c.guid AS chatGuid, m.text, m.attributedBody, m.date
      FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
      WHERE m.ROWID > ? AND m.is_from_me = 1 AND m.item_type = 0
        AND m.associated_message_type = 0 AND ${NOT_WAITING}
      ORDER BY m.ROWID LIMIT ?`);
    this.#count = database.prepare("SELECT count(*) FROM message WHERE is_from_me = ?").pluck();
    this.#head = database.prepare("SELECT coalesce(max(ROWID), 0) FROM message").pluck();
  }

  /** Inserts the row alone and gives its ROWID; no chat has it yet. */
  insert(message: NewMessage): bigint {
    return this.#insert.run(message);
  }

  /** Puts the message into the chat; triggers fill cache_roomnames, chat_service and the index metrics. */
  join(chatRowid: bigint, messageRowid: bigint, date: bigint): void {
    this.#join.run(chatRowid, messageRowid, date);
  }

  /** What Spotlight and data detection do afterwards: nothing a person would see. */
  donate(rowid: bigint): void {
    this.#donate.run(rowid);
  }

  /** The server took it. False when that changes nothing: it is sent, failed or gone. */
  markSent(rowid: bigint): boolean {
    return this.#markSent.run(rowid).changes === 1;
  }

  /** The peer's device has it since `date`. False when that changes nothing. */
  markDelivered(rowid: bigint, date: bigint): boolean {
    return this.#markDelivered.run(date, rowid).changes === 1;
  }

  /** It failed; the trigger notes the last failure in kvtable, which an INSERT with an error does not. */
  markFailed(rowid: bigint, error: number): void {
    this.#markFailed.run(error, rowid);
  }

  /** Guid of the newest message of a chat, by date. */
  lastGuid(chatRowid: bigint): string | null {
    return (this.#lastGuid.get(chatRowid) as string | undefined) ?? null;
  }

  /** Rows above `afterRowid` that Apple's repair would put into a chat, at most `limit`, by ROWID. */
  unparented(afterRowid: bigint, limit: number): readonly UnparentedMessage[] {
    const rows = this.#unparented.all(afterRowid, limit) as (Omit<UnparentedMessage, "isFromMe"> & {
      isFromMe: bigint;
    })[];
    return rows.map((row) => ({ ...row, isFromMe: row.isFromMe === 1n }));
  }

  /** Own messages above `afterRowid` that are not yet sent, or not yet delivered, at most `limit`, by ROWID. */
  unfinished(afterRowid: bigint, limit: number): readonly UnfinishedMessage[] {
    const rows = this.#unfinished.all(afterRowid, limit) as {
      rowid: bigint;
      isSent: bigint;
      isGroup: bigint;
    }[];
    return rows.map(({ rowid, isSent, isGroup }) => ({
      rowid,
      isSent: isSent === 1n,
      isGroup: isGroup === 1n,
    }));
  }

  /** Own messages in a chat above `afterRowid`, at most `limit`, by ROWID. */
  bubbles(afterRowid: bigint, limit: number): readonly StoredBubble[] {
    return this.#bubbles.all(afterRowid, limit) as StoredBubble[];
  }

  /** Number of own or of incoming messages. */
  count(isFromMe: boolean): bigint {
    return this.#count.get(flag(isFromMe)) as bigint;
  }

  /** Largest ROWID, 0n without messages. */
  head(): bigint {
    return this.#head.get() as bigint;
  }
}

function flag(is: boolean): number {
  return is ? 1 : 0;
}
