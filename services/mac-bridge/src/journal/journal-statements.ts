import type { Database, Statement } from "better-sqlite3";
import type { StoredEvent } from "./bridge-event.ts";

/** The statements of the journal but for those of commands. */
export interface JournalStatements {
  readonly journalId: Statement<[], string>;
  readonly head: Statement<[], bigint | null>;
  readonly read: Statement<[bigint, number], StoredEvent>;
  readonly newest: Statement<[number], StoredEvent>;
  readonly hasEvent: Statement<[bigint, bigint, string, string], bigint>;
  readonly insertEvent: Statement<
    [bigint, bigint | null, bigint | null, string | null, string | null, Uint8Array]
  >;
  readonly lastFingerprint: Statement<[string, string, bigint, string], string>;
  readonly lastEvent: Statement<[string, string, bigint, string], Uint8Array>;
  readonly sourceId: Statement<[string, string], bigint>;
  readonly insertSource: Statement<[string, string]>;
  readonly cursor: Statement<[], { readonly cursor: Uint8Array; readonly seen_unix_ns: bigint | null }>;
  readonly moveCursor: Statement<[Uint8Array, bigint | null]>;
  readonly pages: Statement<[], bigint>;
}

/** Prepares all of them; the tables must be there. */
export function prepareJournalStatements(database: Database): JournalStatements {
  return {
    journalId: database.prepare<[], string>("SELECT journal_id FROM journal WHERE id = 1").pluck(),
    head: database.prepare<[], bigint | null>("SELECT max(sequence) FROM event").pluck(),
    read: database.prepare(
      "SELECT sequence, payload FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
    ),
    newest: database.prepare("SELECT sequence, payload FROM event ORDER BY sequence DESC LIMIT ?"),
    hasEvent: database
      .prepare<[bigint, bigint, string, string], bigint>(
        `SELECT sequence FROM event
         WHERE source_id = ? AND message_rowid = ? AND reason = ? AND fingerprint = ?`,
      )
      .pluck(),
    insertEvent: database.prepare(
      `INSERT INTO event (sequence, source_id, message_rowid, reason, fingerprint, payload)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    lastFingerprint: database
      .prepare<[string, string, bigint, string], string>(
        `SELECT fingerprint FROM event
         WHERE source_id = (SELECT id FROM source WHERE database_uid = ? AND generation = ?)
           AND message_rowid = ? AND reason = ?
         ORDER BY sequence DESC LIMIT 1`,
      )
      .pluck(),
    // The inner query is answered by the index of the keys alone.
    lastEvent: database
      .prepare<[string, string, bigint, string], Uint8Array>(
        `SELECT payload FROM event
         WHERE sequence = (SELECT max(sequence) FROM event
                           WHERE source_id = (SELECT id FROM source WHERE database_uid = ? AND generation = ?)
                             AND message_rowid = ? AND reason IN (SELECT value FROM json_each(?)))`,
      )
      .pluck(),
    sourceId: database
      .prepare<[string, string], bigint>("SELECT id FROM source WHERE database_uid = ? AND generation = ?")
      .pluck(),
    insertSource: database.prepare("INSERT INTO source (database_uid, generation) VALUES (?, ?)"),
    cursor: database.prepare("SELECT cursor, seen_unix_ns FROM source_cursor WHERE id = 1"),
    moveCursor: database.prepare("UPDATE source_cursor SET cursor = ?, seen_unix_ns = ? WHERE id = 1"),
    pages: database.prepare<[], bigint>("PRAGMA page_count").pluck(),
  };
}
