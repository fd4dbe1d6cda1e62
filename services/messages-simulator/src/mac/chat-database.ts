import { AssertionError, assert } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type Database from "better-sqlite3";
import type { SeenChange } from "../truth/truth.ts";
import type { TruthLog } from "../truth/truth-log.ts";
import { type DatabaseBirth, readMark } from "./database-birth.ts";
import { makeTables, type Tables } from "./tables.ts";
import { openKeeper, openWriter } from "./writer-connection.ts";

/** Collaborators of a {@link ChatDatabase}; the truth log is its maker's to dispose. */
export interface ChatDatabasePorts {
  readonly clock: Clock;
  readonly truth: TruthLog;
}

/** How the writer leaves: `persist` keeps `-wal` and `-shm`, `clean` removes them as the last one to close. */
export type ClosingMode = "persist" | "clean";

/** What ends when the connection ends. */
interface Opened {
  readonly writer: Database.Database;
  readonly keeper: Database.Database;
  readonly tables: Tables;
  readonly accountGuid: string;
  readonly uniqueIdentifier: string;
  readonly begin: Database.Statement;
  readonly commit: Database.Statement;
  readonly rollback: Database.Statement;
  readonly bumpSaves: Database.Statement;
  readonly readSaves: Database.Statement;
}

/**
 * The simulated chat.db with its only writer, opened as IMDPersistenceAgent opens it. The writer may leave and come back
 * ({@link reopen}), also to another file ({@link exchange}); therefore nobody keeps `tables` over a wait.
 */
export class ChatDatabase implements Disposable {
  readonly path: string;
  readonly #ports: ChatDatabasePorts;
  /** What the save that runs has recorded so far; undefined while none runs. */
  #seen: SeenChange[] | undefined;
  #opened: Opened;

  /**
   * Opens the database at `path`, or makes it (schema, properties and first rows in one transaction, so a kill leaves
   * all or nothing). Throws StartupError: 78 for a database that is not ours (nothing was written), 73 when it cannot be made.
   */
  static open(path: string, makeBirth: () => DatabaseBirth, ports: ChatDatabasePorts): ChatDatabase {
    return new ChatDatabase(path, makeBirth, ports);
  }

  private constructor(path: string, makeBirth: () => DatabaseBirth, ports: ChatDatabasePorts) {
    this.path = path;
    this.#ports = ports;
    this.#opened = this.#open(makeBirth);
  }

  /** All tables. Not to be kept over a wait: another connection may have other ones. */
  get tables(): Tables {
    return this.#opened.tables;
  }

  /** Guid of the simulated account. */
  get accountGuid(): string {
    return this.#opened.accountGuid;
  }

  /** `_UniqueIdentifier` of the database now. */
  get uniqueIdentifier(): string {
    return this.#opened.uniqueIdentifier;
  }

  /** `__CSDBRecordSequenceNumber`: saves since the database was made. Never the same twice, in whatever run. */
  get saves(): bigint {
    return BigInt(String(this.#opened.readSaves.get()));
  }

  /**
   * One record-store save: BEGIN IMMEDIATE, `write`, bump of the save counter, COMMIT. What `write` records in
   * `tables.truth` is kept when the commit is, and only then. A throw in `write` leaves no trace.
   */
  save<T>(write: (tables: Tables) => T): T {
    assert(this.#seen === undefined, "a save is not begun within another");
    const { truth, clock } = this.#ports;
    const { writer, begin, commit, rollback, bumpSaves, tables, uniqueIdentifier } = this.#opened;
    begin.run();
    const seen: SeenChange[] = [];
    this.#seen = seen;
    try {
      const result = write(tables);
      const save = BigInt(String(bumpSaves.get()));
      if (seen.length > 0) {
        truth.append(seen, { databaseUid: uniqueIdentifier, save, commitUnixNs: clock.wallUnixNs() });
      }
      commit.run();
      return result;
    } catch (error) {
      if (writer.inTransaction) rollback.run();
      if (seen.length > 0) truth.keepCommitted(uniqueIdentifier, this.saves);
      throw error;
    } finally {
      this.#seen = undefined;
    }
  }

  /**
   * Runs statements on the writer's connection outside of a save: what Apple does below its records (PRAGMA, a
   * migration). No person sees any of it. No transaction is open afterwards.
   */
  maintain<T>(work: (writer: Database.Database) => T): T {
    const { writer } = this.#opened;
    try {
      return work(writer);
    } finally {
      if (writer.inTransaction) writer.exec("ROLLBACK");
    }
  }

  /** The writer leaves and comes back. */
  reopen(mode: ClosingMode): void {
    this.exchange(mode, () => {}, mustBeThere);
  }

  /**
   * The writer leaves, `put` moves files about, and the writer opens what is then at the path, or makes it with
   * `makeBirth`. When it cannot, this database is of no use any more and the process has to end.
   */
  exchange(mode: ClosingMode, put: () => void, makeBirth: () => DatabaseBirth): void {
    this.#close(mode);
    put();
    this.#opened = this.#open(makeBirth);
  }

  /** Closes it; `-wal` and `-shm` stay, as after Apple's SQLITE_FCNTL_PERSIST_WAL. */
  [Symbol.dispose](): void {
    this.#close("persist");
  }

  #close(mode: ClosingMode): void {
    const { writer, keeper } = this.#opened;
    const [first, last] = mode === "persist" ? [writer, keeper] : [keeper, writer];
    first.close();
    last.close();
  }

  #open(makeBirth: () => DatabaseBirth): Opened {
    const writer = openWriter(this.path, makeBirth);
    try {
      const opened = prepare(writer, this.path, (change) => this.#record(change));
      this.#ports.truth.keepCommitted(opened.uniqueIdentifier, BigInt(String(opened.readSaves.get())));
      return opened;
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  #record(change: SeenChange): void {
    assert(this.#seen !== undefined, "what a person sees is recorded within a save");
    this.#seen.push(change);
  }
}

/** For an exchange after which a database with its tables is at the path. */
export function mustBeThere(): never {
  throw new AssertionError("Broken fact: the database that was closed or put there has its tables");
}

function prepare(writer: Database.Database, path: string, record: (change: SeenChange) => void): Opened {
  const property = (key: string) =>
    String(writer.prepare("SELECT value FROM _SqliteDatabaseProperties WHERE key = ?").pluck().get(key));
  return {
    writer,
    keeper: openKeeper(path),
    tables: makeTables(writer, { record }),
    accountGuid: readMark(writer) ?? "",
    uniqueIdentifier: property("_UniqueIdentifier"),
    begin: writer.prepare("BEGIN IMMEDIATE"),
    commit: writer.prepare("COMMIT"),
    rollback: writer.prepare("ROLLBACK"),
    bumpSaves: writer
      .prepare(
        `UPDATE _SqliteDatabaseProperties SET value = CAST(value AS INTEGER) + 1
         WHERE key = '__CSDBRecordSequenceNumber' RETURNING value`,
      )
      .pluck(),
    readSaves: writer
      .prepare("SELECT value FROM _SqliteDatabaseProperties WHERE key = '__CSDBRecordSequenceNumber'")
      .pluck(),
  };
}
