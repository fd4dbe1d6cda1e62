import type { Database } from "better-sqlite3";

/** "imsA": tells an agent's store from any other SQLite file. */
export const APPLICATION_ID = 0x696d7341n;

/** Version of {@link DDL}. A store of a later version is refused; earlier ones are migrated here, step by step (I12). */
export const SCHEMA_VERSION = 1n;

/**
 * One file, three tables. What a crash must not undo is held by the schema too: a decision, once there, cannot change (I10),
 * an event stands in one conversation once (I5), a cursor does not fall (I6).
 *
 * - journals: every journal of mac-bridge that was ever read, in order; the last is the one being read.
 * - turns: one row for each answer, from its start on.
 * - transcript: what was said, in the order in which the agent took it up. Lines with a sequence came from the journal;
 *   the agent's own stand there from the moment they were decided.
 *
 * Size: a line is its text and about 150 bytes, a turn about 300; a chat of 1,000 messages a day grows by some 100 MB
 * in a year. Nothing is removed yet.
 */
const DDL = `
  CREATE TABLE journals (
    journal_number    INTEGER PRIMARY KEY AUTOINCREMENT,
    journal_id        TEXT    NOT NULL,
    finished_sequence INTEGER NOT NULL CHECK (finished_sequence >= 0),
    opened_unix_ns    INTEGER NOT NULL,
    updated_unix_ns   INTEGER NOT NULL
  ) STRICT;

  CREATE TRIGGER journals_cursor_rises BEFORE UPDATE OF finished_sequence ON journals
  WHEN NEW.finished_sequence < OLD.finished_sequence
  BEGIN SELECT RAISE(ABORT, 'a cursor does not fall'); END;

  CREATE TABLE turns (
    turn_number         INTEGER PRIMARY KEY AUTOINCREMENT,
    journal_id          TEXT    NOT NULL,
    first_sequence      INTEGER NOT NULL,
    last_sequence       INTEGER NOT NULL CHECK (last_sequence >= first_sequence),
    chat_guid           TEXT    NOT NULL,
    state               TEXT    NOT NULL CHECK (state IN ('thinking', 'replying', 'replied', 'failed')),
    reply_parts         TEXT,
    request_id          TEXT    NOT NULL DEFAULT '',
    reason              TEXT    NOT NULL DEFAULT '',
    model               TEXT    NOT NULL DEFAULT '',
    input_tokens        INTEGER NOT NULL DEFAULT 0,
    output_tokens       INTEGER NOT NULL DEFAULT 0,
    traceparent         TEXT,
    is_live             INTEGER NOT NULL,
    received_unix_ns    INTEGER NOT NULL,
    started_unix_ns     INTEGER NOT NULL,
    first_token_unix_ns INTEGER,
    decided_unix_ns     INTEGER,
    ended_unix_ns       INTEGER,
    UNIQUE (journal_id, first_sequence)
  ) STRICT;

  CREATE INDEX turns_open ON turns (turn_number) WHERE state IN ('thinking', 'replying');

  CREATE TRIGGER turns_decision_is_final BEFORE UPDATE OF reply_parts ON turns
  WHEN OLD.reply_parts IS NOT NULL AND NEW.reply_parts IS NOT OLD.reply_parts
  BEGIN SELECT RAISE(ABORT, 'a decision does not change'); END;

  CREATE TABLE transcript (
    line_number     INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_guid       TEXT    NOT NULL,
    author          TEXT    NOT NULL CHECK (author IN ('contact', 'own', 'agent')),
    text            TEXT    NOT NULL,
    journal_id      TEXT,
    sequence        INTEGER,
    message_guid    TEXT,
    turn_number     INTEGER REFERENCES turns (turn_number),
    is_answered     INTEGER NOT NULL,
    is_withheld     INTEGER NOT NULL DEFAULT 0,
    written_unix_ns INTEGER NOT NULL,
    UNIQUE (journal_id, sequence)
  ) STRICT;

  CREATE INDEX transcript_by_chat ON transcript (chat_guid, line_number);
  CREATE INDEX transcript_by_guid ON transcript (message_guid) WHERE message_guid IS NOT NULL;
  CREATE INDEX transcript_by_turn ON transcript (turn_number) WHERE turn_number IS NOT NULL;
`;

/** Makes the tables in an empty file. Called within a transaction. */
export function createSchema(database: Database): void {
  database.exec(DDL);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${SCHEMA_VERSION}`);
}
