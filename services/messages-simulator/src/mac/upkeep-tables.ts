import type { Database, Statement } from "better-sqlite3";

/** A body that data detection may look at. */
export interface StoredBody {
  readonly rowid: bigint;
  readonly attributedBody: Uint8Array;
}

/** What iCloud knows a message as. */
export interface CloudRecord {
  /** Hexadecimal. */
  readonly recordId: string;
  readonly changeTag: string;
}

/** Name under which the simulator's tasks stand in `persistent_tasks`, so that it finds its own again. */
const TASK_PREFIX = "UPKEEP-";

/** Columns and tables that Apple writes for itself. Statements only: the transaction around a call is the caller's. */
export class UpkeepTables {
  readonly #messageFrom: Statement;
  readonly #bodyFrom: Statement;
  readonly #chatFrom: Statement;
  readonly #guidOf: Statement;
  readonly #sync: Statement;
  readonly #reindex: Statement;
  readonly #detect: Statement;
  readonly #count: Statement;
  readonly #addProcessing: Statement;
  readonly #removeProcessing: Statement;
  readonly #addTask: Statement;
  readonly #removeTasks: Statement;

  constructor(database: Database) {
    this.#messageFrom = database
      .prepare("SELECT ROWID FROM message WHERE ROWID >= ? ORDER BY ROWID LIMIT 1")
      .pluck();
    this.#bodyFrom = database.prepare(`
      SELECT ROWID AS rowid, attributedBody FROM message
      WHERE ROWID >= ? AND attributedBody IS NOT NULL AND item_type = 0 ORDER BY ROWID LIMIT 1`);
    this.#chatFrom = database
      .prepare("SELECT ROWID FROM chat WHERE ROWID >= ? ORDER BY ROWID LIMIT 1")
      .pluck();
    this.#guidOf = database.prepare("SELECT guid FROM message WHERE ROWID = ?").pluck();
    this.#sync = database.prepare(
      "UPDATE message SET ck_sync_state = 1, ck_record_id = ?, ck_record_change_tag = ? WHERE ROWID = ?",
    );
    // Donated becomes "to be donated anew" and the other way round, as when Spotlight loses its index.
    this.#reindex = database.prepare(
      "UPDATE message SET index_state = CASE index_state WHEN 1 THEN 3 ELSE 1 END WHERE ROWID = ?",
    );
    this.#detect = database.prepare(
      "UPDATE message SET attributedBody = ?, was_data_detected = 1, has_dd_results = 1 WHERE ROWID = ?",
    );
    this.#count = database.prepare("UPDATE chat SET last_read_message_timestamp = ? WHERE ROWID = ?");
    this.#addProcessing = database.prepare(
      "INSERT INTO message_processing_task (guid, task_flags, reasons) VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
    );
    this.#removeProcessing = database.prepare("DELETE FROM message_processing_task");
    this.#addTask = database.prepare(`
      INSERT INTO persistent_tasks (guid, flag_group, flag, flag_priority, lane, reason, reason_priority, user_info)
      VALUES ('${TASK_PREFIX}' || ?, 1, 1, ?, 0, 1, 0, ?) ON CONFLICT DO NOTHING`);
    this.#removeTasks = database.prepare(`DELETE FROM persistent_tasks WHERE guid LIKE '${TASK_PREFIX}%'`);
  }

  /** The message of this ROWID or the next one that is there. */
  messageFrom(rowid: bigint): bigint | undefined {
    return this.#messageFrom.get(rowid) as bigint | undefined;
  }

  /** As {@link messageFrom}, of messages with a body. */
  bodyFrom(rowid: bigint): StoredBody | undefined {
    return this.#bodyFrom.get(rowid) as StoredBody | undefined;
  }

  /** As {@link messageFrom}, of chats. */
  chatFrom(rowid: bigint): bigint | undefined {
    return this.#chatFrom.get(rowid) as bigint | undefined;
  }

  /** iCloud has the message. */
  sync(rowid: bigint, record: CloudRecord): void {
    this.#sync.run(record.recordId, record.changeTag, rowid);
  }

  /** Spotlight takes the message in anew; triggers carry it to the join and the metrics. */
  reindex(rowid: bigint): void {
    this.#reindex.run(rowid);
  }

  /** The body with detected data in it. */
  setDetectedBody(rowid: bigint, attributedBody: Uint8Array): void {
    this.#detect.run(attributedBody, rowid);
  }

  /** When the chat was read last; Apple's nanoseconds. */
  setLastRead(chatRowid: bigint, date: bigint): void {
    this.#count.run(date, chatRowid);
  }

  /** Something is to be done about a message later. */
  addTask(messageRowid: bigint, task: { readonly priority: number; readonly userInfo: Uint8Array }): void {
    const guid = this.#guidOf.get(messageRowid);
    if (guid === undefined) return;
    this.#addProcessing.run(guid, task.priority);
    this.#addTask.run(guid, task.priority, task.userInfo);
  }

  /** All of it is done. */
  removeTasks(): void {
    this.#removeProcessing.run();
    this.#removeTasks.run();
  }
}
