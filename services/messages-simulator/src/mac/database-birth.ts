import { readFileSync, renameSync, rmSync } from "node:fs";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import Database from "better-sqlite3";
import type { Truth } from "../truth/truth.ts";
import { registerAppleFunctions } from "./apple-functions.ts";
import { BulkTables } from "./bulk-tables.ts";
import { ChatTables } from "./chat-tables.ts";
import { makeTables, type Tables } from "./tables.ts";

const SCHEMA = new URL("./schema-macos-26.5.2.sql", import.meta.url);

/** The schema's tables come first; everything from here on belongs to one of them. */
const FIRST_INDEX = "\nCREATE INDEX ";

/**
 * Row of kvtable that says: this database is ours to write. Apple has no such key, so a Mac's own chat.db can never be
 * taken for one of ours. Its value is the guid of the simulated account.
 */
const MARK_KEY = "imesh.messages-simulator";

/** Apple's own number for the layout of 26.5.2 is not known to us; readers only compare it with itself. */
const CLIENT_VERSION = "26005";

const COUNTERS = ["counter_in_all", "counter_in_lifetime", "counter_out_all", "counter_out_lifetime"];

/** In KiB: what a million messages are indexed with. A new process soon gives it back. */
const CACHE_KIB = 131_072;

/** What was there before anybody looked is no change. */
const UNSEEN: Truth = { record: () => {} };

/** What a database gets when it is made. Nothing of it is a visible change. */
export interface DatabaseBirth {
  /** `_UniqueIdentifier`, an upper-case UUID that no other database ever had. */
  readonly uniqueIdentifier: string;
  /** `account_guid` of the messages and `account_id` of the chats, an upper-case UUID. */
  readonly accountGuid: string;
  /** Writes what the database holds from the beginning. */
  readonly fill: (tables: Tables, accountGuid: string) => void;
  /** Writes a long history before that, while there are no indexes and no triggers. */
  readonly fillInBulk?: (chats: ChatTables, bulk: BulkTables, accountGuid: string) => void;
}

/**
 * Makes the database beside `path` and then renames it there, so that a kill leaves all or nothing. Without a journal, which
 * a file that nobody else knows does not need. Throws StartupError (73) when the file cannot be made, and what `fill` throws.
 */
export function makeDatabaseFile(path: string, birth: DatabaseBirth): void {
  const making = `${path}.making`;
  try {
    rmSync(making, { force: true });
    using stack = new DisposableStack();
    const database = stack.adopt(new Database(making), (open) => void open.close());
    database.defaultSafeIntegers(true);
    database.pragma("page_size = 4096");
    database.pragma("auto_vacuum = INCREMENTAL");
    database.pragma("journal_mode = OFF");
    database.pragma("synchronous = OFF");
    database.pragma(`cache_size = -${CACHE_KIB}`);
    registerAppleFunctions(database);
    database.transaction(() => make(database, birth))();
  } catch (cause) {
    rmSync(making, { force: true });
    throw cause instanceof Database.SqliteError ? cannotCreate(path, cause) : cause;
  }
  renameSync(making, path);
}

/** The file cannot be made or opened. */
export function cannotCreate(path: string, cause: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.cannotCreate,
    message: `Cannot create chat.db: "${path}"`,
    hint: "Check that its directory can be written and that the disk is not full",
    cause,
  });
}

function make(database: Database.Database, birth: DatabaseBirth): void {
  const schema = readFileSync(SCHEMA, "utf8");
  const tablesEnd = schema.indexOf(FIRST_INDEX);
  database.exec(schema.slice(0, tablesEnd));
  database.exec("INSERT INTO index_state_metrics (id) VALUES (1)");
  birth.fillInBulk?.(new ChatTables(database), new BulkTables(database), birth.accountGuid);
  database.exec(schema.slice(tablesEnd));
  const property = database.prepare("INSERT INTO _SqliteDatabaseProperties (key, value) VALUES (?, ?)");
  property.run("_ClientVersion", CLIENT_VERSION);
  property.run("_UniqueIdentifier", birth.uniqueIdentifier);
  property.run("__CSDBRecordSequenceNumber", "0");
  for (const counter of COUNTERS) property.run(counter, "0");
  database.prepare("INSERT INTO kvtable (key, value) VALUES (?, ?)").run(MARK_KEY, birth.accountGuid);
  birth.fill(makeTables(database, UNSEEN), birth.accountGuid);
}

/** Guid of the simulated account; undefined in a database that is not ours. */
export function readMark(database: Database.Database): string | undefined {
  const isMade = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kvtable'").get() !== undefined;
  if (!isMade) return undefined;
  const value = database.prepare("SELECT value FROM kvtable WHERE key = ?").pluck().get(MARK_KEY);
  return value === undefined ? undefined : String(value);
}
