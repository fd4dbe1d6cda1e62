import { closeSync, openSync } from "node:fs";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { JOURNAL_APPLICATION_ID, JOURNAL_VERSION } from "./journal-schema.ts";

/** A backup or a person with a shell may hold the file for a moment; longer than this is an error of the append. */
const BUSY_TIMEOUT_MS = 2_000;

/** It holds what people wrote: for this user alone. SQLite gives `-wal` and `-shm` the mode of the file. */
const JOURNAL_MODE = 0o600;

/**
 * Opens or creates the file of a journal and sets the connection up; integers are bigint throughout. Nothing is changed
 * in a file that is not a journal of a version we know. Called only under the journal's lock. Throws StartupError: 73 cannot be made, 78 not a journal, or
 * written by a newer version.
 */
export function openJournalDatabase(path: string): Database {
  let database: Database;
  try {
    closeSync(openSync(path, "a", JOURNAL_MODE));
    database = new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    throw new StartupError({
      exitCode: EXIT_CODES.cannotCreate,
      message: `Cannot open journal: "${path}" (the file cannot be opened or made)`,
      hint: "Check that the directory exists, is writable and that the disk is not full",
      cause,
    });
  }
  try {
    refuseForeignFile(database, path);
    // A backup can read while we write.
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    // In KiB. better-sqlite3 compiles in 16 MB; the journal is appended at its end and read in sequence.
    database.pragma("cache_size = -1024");
    database.defaultSafeIntegers(true);
    return database;
  } catch (error) {
    database.close();
    throw error instanceof StartupError ? error : notAJournal(path, error);
  }
}

function refuseForeignFile(database: Database, path: string): void {
  const version = Number(database.pragma("user_version", { simple: true }));
  const applicationId = Number(database.pragma("application_id", { simple: true }));
  const isEmpty = Number(database.pragma("schema_version", { simple: true })) === 0;
  if (isEmpty) return;
  if (applicationId !== JOURNAL_APPLICATION_ID) throw notAJournal(path, undefined);
  if (version > JOURNAL_VERSION) {
    throw new StartupError({
      exitCode: EXIT_CODES.configuration,
      message: `Cannot open journal: "${path}" (version ${version}, this program knows ${JOURNAL_VERSION})`,
      hint: "It was written by a newer imesh: run that one",
    });
  }
}

function notAJournal(path: string, cause: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.configuration,
    message: `Cannot open journal: "${path}" (not a journal of mac-bridge)`,
    hint: "Name another file with --journal, or move this one away",
    cause,
  });
}
