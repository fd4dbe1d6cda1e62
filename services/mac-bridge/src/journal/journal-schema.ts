import type { Database } from "better-sqlite3";

/** "imsh": tells our journal from any other SQLite file before anything in it is touched. */
export const JOURNAL_APPLICATION_ID = 0x696d7368;

/** The version this program writes. Every older one opens and is brought up to it (I12); a newer one is refused. */
export const JOURNAL_VERSION = 1;

/**
 * Version 1.
 *
 * - journal: one row; the incarnation of this journal.
 * - source: each file of a database that rows came from, so that an event's key stays small.
 * - event: the journal itself. `sequence` is AUTOINCREMENT as a second line of defence: even after a deletion by hand
 *   SQLite would not reuse one (I5). The key columns are NULL for events that the bridge made itself, and NULLs are
 *   distinct, so UNIQUE binds only what came from chat.db (I14).
 * - source_cursor: one row; how far lock-broker was read, moved with the events (I3). `seen_unix_ns` is when lock-broker
 *   last spoke, to a minute or so: what arrived since is "catch-up", not "backfill".
 * - command: every command ever accepted. Kept for ever, because a key that is forgotten could send twice (I7).
 *
 * Times are nanoseconds since 1970.
 */
const VERSION_1 = `
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    journal_id TEXT NOT NULL,
    created_unix_ns INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    database_uid TEXT NOT NULL,
    generation TEXT NOT NULL,
    UNIQUE (database_uid, generation)
  ) STRICT;

  CREATE TABLE event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER REFERENCES source (id),
    message_rowid INTEGER,
    reason TEXT,
    fingerprint TEXT,
    payload BLOB NOT NULL,
    UNIQUE (source_id, message_rowid, reason, fingerprint)
  ) STRICT;

  CREATE TABLE source_cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cursor BLOB NOT NULL,
    seen_unix_ns INTEGER
  ) STRICT;

  CREATE TABLE command (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    content_sha256 TEXT NOT NULL,
    chat_guid TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    floor_database_uid TEXT,
    floor_generation TEXT,
    floor_rowid INTEGER,
    proof_database_uid TEXT,
    proof_generation TEXT,
    proof_rowid INTEGER,
    message_guid TEXT,
    fault_reason TEXT,
    fault_number INTEGER,
    fault_description TEXT,
    accepted_unix_ns INTEGER NOT NULL,
    dispatched_unix_ns INTEGER,
    returned_unix_ns INTEGER,
    written_unix_ns INTEGER,
    sent_unix_ns INTEGER,
    delivered_unix_ns INTEGER,
    settled_unix_ns INTEGER,
    traceparent TEXT NOT NULL
  ) STRICT;

  CREATE INDEX command_open ON command (state, ordinal) WHERE state IN ('accepted', 'dispatched', 'uncertain');
  CREATE INDEX command_proof ON command (proof_rowid) WHERE proof_rowid IS NOT NULL;

  INSERT INTO source_cursor (id, cursor) VALUES (1, x'');
`;

/** What brings a journal from version n - 1 to n stands at index n - 1. Never edited once released; appended to. */
const STEPS: readonly string[] = [VERSION_1];

/** Who a new journal is. */
export interface JournalBirth {
  readonly journalId: string;
  readonly createdUnixNs: bigint;
}

/**
 * Brings `database` to {@link JOURNAL_VERSION} in one transaction; a new file also gets its birth row. The caller has
 * made sure that the version found is not newer.
 */
export function migrateJournal(database: Database, birth: JournalBirth): void {
  database
    .transaction(() => {
      const found = Number(database.pragma("user_version", { simple: true }));
      for (const step of STEPS.slice(found)) database.exec(step);
      if (found === 0) {
        database
          .prepare("INSERT INTO journal (id, journal_id, created_unix_ns) VALUES (1, ?, ?)")
          .run(birth.journalId, birth.createdUnixNs);
        database.pragma(`application_id = ${JOURNAL_APPLICATION_ID}`);
      }
      database.pragma(`user_version = ${JOURNAL_VERSION}`);
    })
    .immediate();
}
