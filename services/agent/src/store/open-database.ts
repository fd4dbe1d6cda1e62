import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { APPLICATION_ID, createSchema, SCHEMA_VERSION } from "./schema.ts";

/** Statements wait this long for a lock: one that is still held then belongs to another agent, not to a passing reader. */
const BUSY_TIMEOUT_MS = 500;

/**
 * Opens the store's file, made with its tables when it is not there, and locks it for as long as it is open: a second agent on
 * the same file would think each turn twice. Every commit is on the disk when it returns (synchronous = FULL). Throws
 * StartupError: 73 when it cannot be made or read, 75 when another process has it, 78 when it is another program's or a later version's.
 */
export function openDatabase(path: string): Database {
  let database: Database;
  try {
    database = new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    throw cannotOpen(
      path,
      "cannot be made or read",
      "Check that its directory exists and is ours",
      EXIT_CODES.cannotCreate,
      cause,
    );
  }
  try {
    prepare(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: Database, path: string): void {
  database.defaultSafeIntegers(true);
  try {
    // Before journal_mode: a WAL database that is locked exclusively from its first use needs no -shm file.
    database.pragma("locking_mode = EXCLUSIVE");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    // In KiB. better-sqlite3 compiles in 16 MB; a turn touches a few pages.
    database.pragma("cache_size = -1024");
    database.pragma("foreign_keys = ON");
    database.transaction(() => migrate(database, path)).immediate();
  } catch (error) {
    throw explain(path, error);
  }
}

function migrate(database: Database, path: string): void {
  const applicationId = database.pragma("application_id", { simple: true });
  const version = database.pragma("user_version", { simple: true }) as bigint;
  const tables = database.prepare("SELECT count(1) FROM sqlite_schema").pluck().get();
  if (applicationId === 0n && version === 0n && tables === 0n) {
    createSchema(database);
    return;
  }
  if (applicationId !== APPLICATION_ID) {
    const hint = "Name the file of an agent with --store, or a new one";
    throw cannotOpen(path, "another program's database", hint, EXIT_CODES.configuration);
  }
  if (version !== SCHEMA_VERSION) {
    const hint = "Run the version of imesh that wrote it, or a later one";
    throw cannotOpen(
      path,
      `schema version ${version}, at most ${SCHEMA_VERSION}`,
      hint,
      EXIT_CODES.configuration,
    );
  }
}

function explain(path: string, error: unknown): unknown {
  if (!(error instanceof SqliteDatabase.SqliteError)) return error;
  if (error.code.startsWith("SQLITE_BUSY")) {
    const hint = "Another agent runs on this store; stop it, or give this one a store of its own";
    return cannotOpen(path, "in use", hint, EXIT_CODES.temporary, error);
  }
  if (error.code === "SQLITE_NOTADB") {
    const hint = "Name the file of an agent with --store, or a new one";
    return cannotOpen(path, "no SQLite database", hint, EXIT_CODES.configuration, error);
  }
  return cannotOpen(
    path,
    error.code,
    "Check the disk and the file's permissions",
    EXIT_CODES.cannotCreate,
    error,
  );
}

function cannotOpen(
  path: string,
  bound: string,
  hint: string,
  exitCode: StartupError["exitCode"],
  cause?: unknown,
): StartupError {
  return new StartupError({ exitCode, message: `Cannot open store: "${path}" (${bound})`, hint, cause });
}
