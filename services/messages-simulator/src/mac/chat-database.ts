import { readFileSync, statSync } from "node:fs";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import Database from "better-sqlite3";
import { registerAppleFunctions } from "./apple-functions.ts";
import { ChatTables } from "./chat-tables.ts";
import { MessageTables } from "./message-tables.ts";

const SCHEMA = new URL("./schema-macos-26.5.2.sql", import.meta.url);

/** Apple's busy timeout (CoreSDB): how long a writer waits for another one before it fails. */
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Row of kvtable that says: this database is ours to write. Apple has no such key, so a Mac's own chat.db can never be
 * taken for one of ours. Its value is the guid of the simulated account.
 */
const MARK_KEY = "imesh.messages-simulator";

/** Apple's own number for the layout of 26.5.2 is not known to us; readers only compare it with itself. */
const CLIENT_VERSION = "26005";

/** What a database gets when it is made. */
export interface DatabaseBirth {
  /** `_UniqueIdentifier`, an upper-case UUID that no other database ever had. */
  readonly uniqueIdentifier: string;
  /** `account_guid` of the messages and `account_id` of the chats, an upper-case UUID. */
  readonly accountGuid: string;
  /** Writes what the database holds from the beginning; runs inside the transaction that makes it. */
  readonly fill: (tables: Tables, accountGuid: string) => void;
}

/** All tables, to read and to write. */
export interface Tables {
  readonly chats: ChatTables;
  readonly messages: MessageTables;
}

/**
 * The simulated chat.db with its only writer, as IMDPersistenceAgent opens it (reference §4.1): WAL, incremental
 * auto-vacuum, pages of 4 KiB, a busy timeout of 30 s, foreign keys on (under which Apple's cleanup triggers make sense).
 * `synchronous` is NORMAL: a kill of the process loses nothing, a power cut at most the last commits.
 */
export class ChatDatabase implements Disposable {
  readonly path: string;
  readonly tables: Tables;
  /** Guid of the simulated account. */
  readonly accountGuid: string;
  /** `_UniqueIdentifier` of the database. */
  readonly uniqueIdentifier: string;
  readonly #database: Database.Database;
  readonly #keeper: Database.Database;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  readonly #bumpSequence: Database.Statement;
  readonly #readSequence: Database.Statement;

  /**
   * Opens the database at `path`, or makes it (schema, properties and first rows in one transaction, so a kill leaves
   * all or nothing). Throws StartupError: 78 for a database that is not ours (nothing was written), 73 when it cannot be made.
   */
  static open(path: string, makeBirth: () => DatabaseBirth): ChatDatabase {
    refuseForeign(path);
    const database = openConnection(path);
    try {
      if (!isMade(database)) make(database, makeBirth());
      return new ChatDatabase(path, database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private constructor(path: string, database: Database.Database) {
    this.path = path;
    this.#database = database;
    this.tables = { chats: new ChatTables(database), messages: new MessageTables(database) };
    this.accountGuid = readMark(database) ?? "";
    this.uniqueIdentifier = String(
      database
        .prepare("SELECT value FROM _SqliteDatabaseProperties WHERE key = '_UniqueIdentifier'")
        .pluck()
        .get(),
    );
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.#bumpSequence = database.prepare(
      "UPDATE _SqliteDatabaseProperties SET value = CAST(value AS INTEGER) + 1 WHERE key = '__CSDBRecordSequenceNumber'",
    );
    this.#readSequence = database
      .prepare("SELECT value FROM _SqliteDatabaseProperties WHERE key = '__CSDBRecordSequenceNumber'")
      .pluck();
    this.#keeper = openKeeper(path);
  }

  /** `__CSDBRecordSequenceNumber`: saves since the database was made. Never the same twice, in whatever run. */
  get saves(): bigint {
    return BigInt(String(this.#readSequence.get()));
  }

  /** One record-store save: BEGIN IMMEDIATE, `write`, bump of the save counter, COMMIT. A throw in `write` leaves no trace. */
  save<T>(write: (tables: Tables) => T): T {
    this.#begin.run();
    try {
      const result = write(this.tables);
      this.#bumpSequence.run();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  /** Closes it; `-wal` and `-shm` stay, as after Apple's SQLITE_FCNTL_PERSIST_WAL. */
  [Symbol.dispose](): void {
    this.#database.close();
    this.#keeper.close();
  }
}

/** A Mac's own chat.db, opened for writing, would be damaged: looked at read-only before anything else. */
function refuseForeign(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const database = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const tables = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
    if (tables !== 0 && readMark(database) === undefined) throw foreign(path);
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

function openConnection(path: string): Database.Database {
  try {
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    database.defaultSafeIntegers(true);
    // The first two count only before the first table; on an existing database they change nothing.
    database.pragma("page_size = 4096");
    database.pragma("auto_vacuum = INCREMENTAL");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    // In KiB. better-sqlite3 compiles in 16 MB.
    database.pragma("cache_size = -2048");
    database.pragma("foreign_keys = ON");
    registerAppleFunctions(database);
    return database;
  } catch (cause) {
    throw new StartupError({
      exitCode: EXIT_CODES.cannotCreate,
      message: `Cannot create chat.db: "${path}"`,
      hint: "Check that its directory can be written and that the disk is not full",
      cause,
    });
  }
}

/**
 * A second, read-only connection that outlives the writer: the last one to close cannot checkpoint, so it
 * cannot remove `-wal` and `-shm`. better-sqlite3 has no door to SQLITE_FCNTL_PERSIST_WAL, which does the same on a Mac.
 */
function openKeeper(path: string): Database.Database {
  const keeper = new Database(path, { readonly: true });
  keeper.prepare("SELECT count(*) FROM _SqliteDatabaseProperties").pluck().get();
  return keeper;
}

function isMade(database: Database.Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kvtable'").get() !== undefined;
}

function readMark(database: Database.Database): string | undefined {
  if (!isMade(database)) return undefined;
  const value = database.prepare("SELECT value FROM kvtable WHERE key = ?").pluck().get(MARK_KEY);
  return value === undefined ? undefined : String(value);
}

function make(database: Database.Database, birth: DatabaseBirth): void {
  const schema = readFileSync(SCHEMA, "utf8");
  database.transaction(() => {
    database.exec(schema);
    const property = database.prepare("INSERT INTO _SqliteDatabaseProperties (key, value) VALUES (?, ?)");
    property.run("_ClientVersion", CLIENT_VERSION);
    property.run("_UniqueIdentifier", birth.uniqueIdentifier);
    property.run("__CSDBRecordSequenceNumber", "0");
    for (const counter of [
      "counter_in_all",
      "counter_in_lifetime",
      "counter_out_all",
      "counter_out_lifetime",
    ]) {
      property.run(counter, "0");
    }
    database.exec("INSERT INTO index_state_metrics (id) VALUES (1)");
    database.prepare("INSERT INTO kvtable (key, value) VALUES (?, ?)").run(MARK_KEY, birth.accountGuid);
    birth.fill({ chats: new ChatTables(database), messages: new MessageTables(database) }, birth.accountGuid);
  })();
}
