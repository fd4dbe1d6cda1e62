import type { Database, Statement } from "better-sqlite3";

/** A message of a long history; everything else is the same for all of them. Dates are Apple's nanoseconds, 0n for none. */
export interface BulkMessage {
  readonly guid: string;
  readonly text: string | null;
  readonly attributedBody: Uint8Array;
  readonly chatRowid: bigint;
  /** Guid of the chat. */
  readonly chatHint: string;
  /** `chat<digits>` of a group, null in a direct chat. */
  readonly roomName: string | null;
  /** 0n: an own message. */
  readonly handleRowid: bigint;
  readonly date: bigint;
  readonly dateRead: bigint;
  readonly dateDelivered: bigint;
  readonly previousGuid: string | null;
  readonly service: string;
  /** `P:<number>` or `E:<mail>`. */
  readonly accountLogin: string;
  readonly accountGuid: string;
  readonly accountAddress: string;
}

/** Version of the row layout that current systems write. */
const ROW_VERSION = 10;

/**
 * Inserts finished, read, indexed messages into a database that has its tables but no index and no trigger yet: what
 * the triggers would do is in the rows already. Half a minute for a million. Only while a database is made.
 */
export class BulkTables {
  readonly #insert: Statement;
  readonly #join: Statement;
  readonly #noteService: Statement;
  readonly #countIndexed: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(`
      INSERT INTO message (guid, text, attributedBody, handle_id, version, service, account, account_guid, date, date_read,
                           date_delivered, is_finished, is_from_me, is_sent, is_delivered, is_read, was_data_detected,
                           date_played, reply_to_guid, date_edited, date_retracted, part_count, destination_caller_id, sort_id,
                           ck_chat_id, cache_roomnames, index_state)
      VALUES (?, ?, ?, ?, ${ROW_VERSION}, ?, ?, ?, ?, ?,
              ?, 1, ?, ?, 1, ?, 1, 0, ?, 0, 0, 1, ?, 0, ?, ?, 1)`);
    this.#join = database.prepare(
      "INSERT INTO chat_message_join (chat_id, message_id, message_date, index_state) VALUES (?, ?, ?, 1)",
    );
    this.#noteService = database.prepare("INSERT INTO chat_service (service, chat) VALUES (?, ?)");
    this.#countIndexed = database.prepare(
      "UPDATE index_state_metrics SET donated_count = donated_count + ? WHERE id = 1",
    );
  }

  /** Inserts the message and its join. */
  insert(message: BulkMessage): void {
    const isOwn = message.handleRowid === 0n ? 1 : 0;
    const { lastInsertRowid } = this.#insert.run(
      message.guid,
      message.text,
      message.attributedBody,
      message.handleRowid,
      message.service,
      message.accountLogin,
      message.accountGuid,
      message.date,
      message.dateRead,
      message.dateDelivered,
      isOwn,
      isOwn,
      message.dateRead === 0n ? 0 : 1,
      message.previousGuid,
      message.accountAddress,
      message.chatHint,
      message.roomName,
    );
    this.#join.run(message.chatRowid, lastInsertRowid, message.date);
  }

  /** The chat has had messages of this service; once for each. */
  noteService(service: string, chatRowid: bigint): void {
    this.#noteService.run(service, chatRowid);
  }

  /** What Spotlight counts; once, at the end. */
  countIndexed(messages: number): void {
    this.#countIndexed.run(messages);
  }
}
