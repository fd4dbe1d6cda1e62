import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import Database from "better-sqlite3";
import type { SeenChange } from "./truth.ts";

/** "imST": a file with another number is none of ours and is left alone. */
const APPLICATION_ID = 0x69_6d_53_54;

/** A change as it was recorded. */
export interface RecordedChange {
  /** 1, 2, 3 …, without gaps, over all databases and runs. */
  readonly sequence: bigint;
  readonly change: SeenChange;
  /** `_UniqueIdentifier` of the database it happened in. */
  readonly databaseUid: string;
  /** Just before the commit. Nanoseconds since 1970. */
  readonly commitUnixNs: bigint;
}

/** The save that makes changes; see {@link TruthLog.append}. */
export interface SaveIdentity {
  readonly databaseUid: string;
  /** `__CSDBRecordSequenceNumber` after it. */
  readonly save: bigint;
  readonly commitUnixNs: bigint;
}

interface StoredChange {
  readonly sequence: bigint;
  readonly subject: string;
  readonly row: bigint;
  readonly reason: string;
  readonly state: string;
  readonly databaseUid: string;
  readonly commitUnixNs: bigint;
}

/**
 * Where the ground truth is kept: a file of its own beside the simulated disk, so that chat.db has Apple's tables only and
 * the log outlives every replacement of it. It is exact over kill -9 of the simulator all the same: what a save changes is
 * appended just before the COMMIT together with the number of the save, which chat.db counts in the same transaction. At
 * the next start {@link keepCommitted} drops what is numbered beyond chat.db's count, the only entry that can be untrue.
 * (`synchronous` is OFF: a kill loses nothing, a power cut may, which no test of ours can make.)
 */
export class TruthLog implements Disposable {
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  readonly #after: Database.Statement;
  readonly #append: (changes: readonly SeenChange[], save: SaveIdentity) => void;
  #lastSequence: bigint;

  /** Opens the log at `path`, or makes it. Throws StartupError: 73 when it cannot be one. */
  static open(path: string): TruthLog {
    let database: Database.Database | undefined;
    try {
      database = new Database(path);
      database.defaultSafeIntegers(true);
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = OFF");
      make(database);
      return new TruthLog(database);
    } catch (cause) {
      database?.close();
      throw new StartupError({
        exitCode: EXIT_CODES.cannotCreate,
        message: `Cannot open log of visible changes: "${path}"`,
        hint: "Give --mac a directory of its own that can be written",
        cause,
      });
    }
  }

  private constructor(database: Database.Database) {
    this.#database = database;
    this.#insert = database.prepare(`
      INSERT INTO change (sequence, subject, row, reason, state, database_uid, save, commit_unix_ns)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#after = database.prepare(`
      SELECT sequence, subject, row, reason, state, database_uid AS databaseUid, commit_unix_ns AS commitUnixNs
      FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?`);
    this.#append = database.transaction((changes: readonly SeenChange[], save: SaveIdentity) => {
      for (const [index, change] of changes.entries()) this.#write(change, index, save);
    });
    this.#lastSequence = readLast(database);
  }

  /** Sequence of the newest change, 0n without any. */
  get lastSequence(): bigint {
    return this.#lastSequence;
  }

  /** Appends what one save changes; called between its last write and its COMMIT. */
  append(changes: readonly SeenChange[], save: SaveIdentity): void {
    this.#append(changes, save);
    this.#lastSequence += BigInt(changes.length);
  }

  /**
   * Drops the changes of saves that `databaseUid` does not count: those whose COMMIT never came. Called when a database is
   * opened, and when a COMMIT failed.
   */
  keepCommitted(databaseUid: string, saves: bigint): void {
    const [newest] = this.#database
      .prepare("SELECT database_uid AS databaseUid, save FROM change WHERE sequence = ?")
      .all(this.#lastSequence) as { databaseUid: string; save: bigint }[];
    // A save that did not commit is the last thing its process did, so only the newest can be one.
    if (newest === undefined || newest.databaseUid !== databaseUid || newest.save <= saves) return;
    this.#database
      .prepare("DELETE FROM change WHERE database_uid = ? AND save = ?")
      .run(databaseUid, newest.save);
    this.#lastSequence = readLast(this.#database);
  }

  /** Changes above `afterSequence`, at most `limit`, by rising sequence. */
  after(afterSequence: bigint, limit: number): readonly RecordedChange[] {
    return (this.#after.all(afterSequence, limit) as StoredChange[]).map((stored) => ({
      sequence: stored.sequence,
      // The three are written from a SeenChange only.
      change: {
        subject: stored.subject,
        rowid: stored.row,
        reason: stored.reason,
        state: stored.state,
      } as SeenChange,
      databaseUid: stored.databaseUid,
      commitUnixNs: stored.commitUnixNs,
    }));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #write(change: SeenChange, index: number, save: SaveIdentity): void {
    this.#insert.run(
      this.#lastSequence + BigInt(index) + 1n,
      change.subject,
      change.rowid,
      change.reason,
      change.state,
      save.databaseUid,
      save.save,
      save.commitUnixNs,
    );
  }
}

function make(database: Database.Database): void {
  if (database.pragma("application_id", { simple: true }) === BigInt(APPLICATION_ID)) return;
  database.transaction(() => {
    // Fails on a file that has a table of this name, and so on nothing of another program that matters.
    database.exec(`
      CREATE TABLE change (
        sequence INTEGER PRIMARY KEY,
        subject TEXT NOT NULL,
        row INTEGER NOT NULL,
        reason TEXT NOT NULL,
        state TEXT NOT NULL,
        database_uid TEXT NOT NULL,
        save INTEGER NOT NULL,
        commit_unix_ns INTEGER NOT NULL
      )`);
    database.pragma(`application_id = ${APPLICATION_ID}`);
  })();
}

function readLast(database: Database.Database): bigint {
  return database.prepare("SELECT coalesce(max(sequence), 0) FROM change").pluck().get() as bigint;
}
