import { statSync } from "node:fs";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import Database from "better-sqlite3";
import { registerAppleFunctions } from "./apple-functions.ts";
import { cannotCreate, type DatabaseBirth, makeDatabaseFile, readMark } from "./database-birth.ts";

/** Apple's busy timeout (CoreSDB): how long a writer waits for another one before it fails. */
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Opens chat.db to write as IMDPersistenceAgent does (docs/chat-db.md §1): WAL, a busy timeout of 30 s, foreign keys on (under
 * which Apple's cleanup triggers make sense). `synchronous` is NORMAL: a kill of the process loses nothing, a power cut at
 * most the last commits. Without a database at `path` it makes one. Throws StartupError: 78 for a database that is not ours
 * (nothing was written), 73 when it cannot be made.
 */
export function openWriter(path: string, makeBirth: () => DatabaseBirth): Database.Database {
  if (!isOurs(path)) makeDatabaseFile(path, makeBirth());
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true });
    database.defaultSafeIntegers(true);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    // In KiB. better-sqlite3 compiles in 16 MB.
    database.pragma("cache_size = -2048");
    // Apple compiles its SQLite with it: a log that is started anew is cut off to this many bytes.
    database.pragma("journal_size_limit = 32768");
    database.pragma("foreign_keys = ON");
    registerAppleFunctions(database);
    return database;
  } catch (cause) {
    database?.close();
    throw cannotCreate(path, cause);
  }
}

/**
 * A second, read-only connection that outlives the writer: the last one to close cannot checkpoint, so it
 * cannot remove `-wal` and `-shm`. better-sqlite3 has no door to SQLITE_FCNTL_PERSIST_WAL, which does the same on a Mac.
 */
export function openKeeper(path: string): Database.Database {
  const keeper = new Database(path, { readonly: true });
  keeper.prepare("SELECT count(*) FROM _SqliteDatabaseProperties").pluck().get();
  return keeper;
}

/**
 * Whether there is a database; one without tables counts as none. A Mac's own chat.db, opened for writing, would be
 * damaged: looked at read-only before anything else, and refused.
 */
function isOurs(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return false;
  const database = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    if (readMark(database) !== undefined) return true;
    const tables = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
    if (tables !== 0) throw foreign(path);
    return false;
  } catch (cause) {
    throw cause instanceof StartupError ? cause : foreign(path, cause);
  } finally {
    database.close();
  }
}

function foreign(path: string, cause?: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.configuration,
    message: `Cannot write chat.db: "${path}" (not made by messages-simulator)`,
    hint: "Give --mac a directory of its own, never the home of a person",
    cause,
  });
}
