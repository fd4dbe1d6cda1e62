import { accessSync, constants, opendirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { assert } from "@imesh/flow";
import BetterSqlite3, { type Database } from "better-sqlite3";
import { ChatDbError, openFault, queryFault } from "./chat-db-error.ts";
import { ChatDbReader } from "./chat-db-reader.ts";
import type { ColumnValues } from "./column-values.ts";
import type { FileIdentity } from "./rows.ts";
import { probeSchema } from "./schema-probe.ts";
import { type Query, Statements, type StatementTally } from "./statements.ts";

/**
 * How long SQLite may block this process while another recovers the WAL or closes last, in milliseconds. Only those hold a
 * reader up in WAL mode, and both take milliseconds; longer than this is "busy" and tried again later.
 */
const BUSY_TIMEOUT_MS = 250;

/**
 * One open, read-only connection to one file (I1). Immutable in what it is connected to: when another file takes the path, the
 * owner closes it and opens the next.
 */
export class ChatDbConnection {
  readonly path: string;
  /** Device and inode of the file that is open. */
  readonly file: FileIdentity;
  /** Inode of `-wal` when the connection was made. If it ever changes, this connection reads a dead log (docs/chat-db.md §20). */
  readonly walInode: bigint | undefined;
  readonly #db: Database;
  readonly #statements: Statements;
  readonly #tally: StatementTally;
  readonly #noopCheckpoint: Query<ColumnValues>;
  readonly #schemaVersion: Query<unknown>;
  readonly #transaction: (work: (reader: ChatDbReader) => void) => void;
  #reader: ChatDbReader;
  #readerSchemaVersion: unknown;

  /** Opens `path` and probes its schema. Throws ChatDbError with nothing left open. */
  static open(path: string, tally: StatementTally): ChatDbConnection {
    const file = fileIdentityAt(path);
    if (file === undefined) throw openError(path, undefined);
    let db: Database;
    try {
      db = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    } catch (error) {
      throw openError(path, error);
    }
    try {
      const connection = new ChatDbConnection(db, path, file, tally);
      // The path may have got another file between stat and open; a position must not be tied to the wrong one.
      if (!isSameFile(fileIdentityAt(path), file)) throw moved(path);
      return connection;
    } catch (error) {
      db.close();
      throw error instanceof ChatDbError ? error : openError(path, error);
    }
  }

  private constructor(db: Database, path: string, file: FileIdentity, tally: StatementTally) {
    this.path = path;
    this.file = file;
    this.#db = db;
    this.#tally = tally;
    db.defaultSafeIntegers(true);
    db.exec("PRAGMA query_only = 1");
    // In KiB. better-sqlite3 compiles in 16 MB; the tail reads the newest rows, and the system caches the file anyway.
    db.exec("PRAGMA cache_size = -2048");
    // Without an index that fits, SQLite would build one over the whole table for a single lookup.
    db.exec("PRAGMA automatic_index = 0");
    this.#statements = new Statements(db, tally);
    this.#noopCheckpoint = this.#statements.rows("PRAGMA wal_checkpoint(NOOP)");
    this.#schemaVersion = this.#statements.values("PRAGMA schema_version");
    this.#readerSchemaVersion = this.#schemaVersion.get();
    this.#reader = this.#newReader();
    this.#transaction = db.transaction((work: (reader: ChatDbReader) => void) => work(this.#currentReader()));
    this.walInode = statSync(`${path}-wal`, { bigint: true, throwIfNoEntry: false })?.ino;
  }

  /** SQLite's version, as the driver was built. */
  get sqliteVersion(): string {
    const version = this.#db.prepare<[], string>("SELECT sqlite_version()").pluck().get();
    assert(version !== undefined, "SQLite knows its version");
    return version;
  }

  /**
   * How many frames of the log a read transaction that begins now sees; 0 without a log. A checkpoint of mode NOOP does nothing but
   * answer: no frame is moved, no lock of the log is taken but the one of a reader, for the time of the call (some 4 µs). Not within
   * {@link read}. Throws ChatDbError.
   */
  visibleFrames(): number {
    try {
      const answer = this.#noopCheckpoint.get();
      assert(typeof answer?.log === "bigint", "a checkpoint says how long the log is");
      return Math.max(0, Number(answer.log));
    } catch (error) {
      throw this.#queryError(error);
    }
  }

  /** Runs `work` in one read transaction. `work` is synchronous and bounded. Throws ChatDbError, or what `work` throws. */
  read<T>(work: (reader: ChatDbReader) => T): T {
    let result: { readonly value: T } | undefined;
    // BEGIN and COMMIT.
    this.#tally.statements += 2;
    try {
      this.#transaction((reader) => {
        result = { value: work(reader) };
      });
    } catch (error) {
      throw this.#queryError(error);
    }
    assert(result !== undefined, "a transaction that returned has run its function");
    return result.value;
  }

  close(): void {
    this.#db.close();
  }

  /** A migration while we run adds columns and drops indexes: all statements are made anew, within the same snapshot. */
  #currentReader(): ChatDbReader {
    const schemaVersion = this.#schemaVersion.get();
    if (schemaVersion !== this.#readerSchemaVersion) {
      this.#reader = this.#newReader();
      this.#readerSchemaVersion = schemaVersion;
    }
    return this.#reader;
  }

  #newReader(): ChatDbReader {
    return new ChatDbReader(this.#statements, probeSchema(this.#db, this.path));
  }

  #queryError(error: unknown): unknown {
    if (!(error instanceof BetterSqlite3.SqliteError)) return error;
    return new ChatDbError({ ...queryFault(error.code, error.message), path: this.path, cause: error });
  }
}

/** Device and inode of what `path` names; undefined when stat(2) refuses. Opens nothing (I1). */
export function fileIdentityAt(path: string): FileIdentity | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return { device: found.dev, inode: found.ino };
  } catch {
    // Whoever needs the reason asks for it: openError looks again.
    return undefined;
  }
}

/** Whether two are the same file; false when either is missing. */
export function isSameFile(left: FileIdentity | undefined, right: FileIdentity | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left.device === right.device && left.inode === right.inode;
}

/** Why `path` does not open, found out by system calls that open neither chat.db nor -shm (I1). */
export function openError(path: string, cause: unknown): ChatDbError {
  const sqliteError = cause instanceof BetterSqlite3.SqliteError ? cause : undefined;
  const facts = {
    sqliteCode: sqliteError?.code,
    sqliteMessage: cause instanceof Error ? cause.message : undefined,
    statErrno: errnoOf(() => statSync(path)),
    accessErrno: errnoOf(() => accessSync(path, constants.R_OK)),
    directoryErrno: errnoOf(() => opendirSync(dirname(path)).closeSync()),
    isDirectory: isDirectory(path),
  };
  return new ChatDbError({ ...openFault(facts), path, cause });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Whatever it is, statErrno tells about it.
    return false;
  }
}

function moved(path: string): ChatDbError {
  return new ChatDbError({ code: "moved", path, detail: "replaced while it was opened" });
}

function errnoOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  }
}
