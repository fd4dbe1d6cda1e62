import { statSync } from "node:fs";
import type { Clock } from "@imesh/time";
import { ChatDbConnection, fileIdentityAt, isSameFile } from "./chat-db-connection.ts";
import { ChatDbError } from "./chat-db-error.ts";
import type { ChatDbReader } from "./chat-db-reader.ts";
import type { DatabaseDescription, DatabaseFacts, DatabaseIdentity, FileIdentity } from "./rows.ts";

/** How long `-wal` must be gone before the connection that reads it is given up. */
const LOG_MISSING_MS = 1_000;

/** What one read transaction may look at, and which database it is. Valid only while the transaction's function runs. */
export interface DatabaseView {
  readonly reader: ChatDbReader;
  readonly facts: DatabaseFacts;
  readonly file: FileIdentity;
  readonly identity: DatabaseIdentity;
}

/** What a {@link ChatDb} has asked of chat.db since the process began. */
export interface ReadStatistics {
  /** Read transactions. */
  readonly reads: number;
  /** Statements run, with BEGIN, COMMIT and pragmas, but for the probing of a schema. Stands still while nobody asks anything. */
  readonly statements: number;
  /** Milliseconds of the longest transaction. */
  readonly longestReadMs: number;
}

/** Collaborators of a {@link ChatDb}. */
export interface ChatDbPorts {
  readonly clock: Clock;
  /** Called after each read transaction with its length. Must not throw. */
  readonly onRead: (durationMs: number) => void;
  /** Called when another database is found in the place of the one before. Must not throw. */
  readonly onReplaced: (identity: DatabaseIdentity) => void;
}

/**
 * A thread's door to chat.db (I1): one connection at a time, read-only, never a statement left open. The process has two of
 * them at most, the main thread's for the tail and the worker's for reads and scans, over one copy of the SQLite library,
 * which keeps its locks right between them. Nothing here or elsewhere opens chat.db or -shm by other means, because closing any
 * descriptor of them would drop SQLite's locks, the other thread's too (docs/chat-db.md §20); stat(2) by path opens nothing.
 *
 * A failed query that waiting cannot mend closes the connection; {@link reopen}, called by whoever watches, is the one way back.
 */
export class ChatDb implements Disposable {
  readonly path: string;
  readonly #ports: ChatDbPorts;
  readonly #tally = { reads: 0, statements: 0, longestReadMs: 0 };
  #connection: ChatDbConnection | undefined;
  #lastError: ChatDbError | undefined;
  /** Of the last database read. */
  #seen: { readonly file: FileIdentity; readonly databaseUid: string } | undefined;
  #replacements = 0;
  #logMissingSinceMs: number | undefined;

  /** Opens it. Throws ChatDbError. `path` is absolute. */
  static open(path: string, ports: ChatDbPorts): ChatDb {
    const db = new ChatDb(path, ports);
    db.reopen();
    return db;
  }

  private constructor(path: string, ports: ChatDbPorts) {
    this.path = path;
    this.#ports = ports;
  }

  /**
   * Runs `work` in one short read transaction and returns what it returns. `work` is synchronous and bounds itself: at most 256
   * whole rows or 1,000 prints, or 20 ms. Throws ChatDbError: while there is no connection, the error that ended it.
   */
  read<T>(work: (view: DatabaseView) => T): T {
    const connection = this.#open();
    const startedMs = this.#ports.clock.monotonicMs();
    try {
      return connection.read((reader) => {
        const facts = reader.facts();
        const identity = this.#identify(facts.databaseUid, connection);
        return work({ reader, facts, file: connection.file, identity });
      });
    } catch (error) {
      throw this.#lose(error);
    } finally {
      this.#count(this.#ports.clock.monotonicMs() - startedMs);
    }
  }

  /** What is open, for whoever asks after it, in one read transaction. Throws ChatDbError. */
  describe(): DatabaseDescription {
    const { sqliteVersion } = this.#open();
    return this.read(({ reader, facts, identity }) => ({
      identity,
      headRowid: facts.headRowid,
      messageColumns: reader.schema.messageColumns,
      clientVersion: reader.clientVersion(),
      sqliteVersion,
    }));
  }

  get statistics(): ReadStatistics {
    return { ...this.#tally };
  }

  /** How many frames of the log a read that begins now sees. One statement, some 4 µs. Throws ChatDbError. */
  visibleFrames(): number {
    try {
      return this.#open().visibleFrames();
    } catch (error) {
      throw this.#lose(error);
    }
  }

  /**
   * True when the path names another file than the open one, or `-wal` is no longer the log the connection reads. Two stat(2).
   * Throws ChatDbError "not-found" when there is nothing at the path.
   */
  isReplaced(): boolean {
    const connection = this.#open();
    const file = fileIdentityAt(this.path);
    if (file === undefined) {
      throw this.#lose(new ChatDbError({ code: "not-found", path: this.path, detail: "it was removed" }));
    }
    if (!isSameFile(file, connection.file)) return true;
    return connection.walInode !== undefined && this.#isLogReplaced(connection.walInode);
  }

  /** Closes what is open and opens what is at the path now. Throws ChatDbError. */
  reopen(): void {
    this.#close();
    try {
      this.#connection = ChatDbConnection.open(this.path, this.#tally);
      this.#lastError = undefined;
    } catch (error) {
      if (error instanceof ChatDbError) this.#lastError = error;
      throw error;
    }
  }

  /** True for an error of this door: the database cannot be read now. */
  isUnreadable(error: unknown): error is Error {
    return error instanceof ChatDbError;
  }

  [Symbol.dispose](): void {
    this.#close();
    this.#lastError ??= new ChatDbError({ code: "failed", path: this.path, detail: "closed" });
  }

  /**
   * A log that is gone may be on its way: a database is moved away file by file, and opening it half moved would show it
   * as it was at its last checkpoint, and make a new log in the way of whoever moves. So only its absence for a while counts.
   */
  #isLogReplaced(openInode: bigint): boolean {
    const inode = statSync(`${this.path}-wal`, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode !== undefined) {
      this.#logMissingSinceMs = undefined;
      return inode !== openInode;
    }
    const nowMs = this.#ports.clock.monotonicMs();
    this.#logMissingSinceMs ??= nowMs;
    return nowMs - this.#logMissingSinceMs >= LOG_MISSING_MS;
  }

  #count(durationMs: number): void {
    this.#tally.reads += 1;
    this.#tally.longestReadMs = Math.max(this.#tally.longestReadMs, durationMs);
    this.#ports.onRead(durationMs);
  }

  #open(): ChatDbConnection {
    if (this.#connection !== undefined) return this.#connection;
    throw this.#lastError ?? new ChatDbError({ code: "failed", path: this.path, detail: "not open" });
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#logMissingSinceMs = undefined;
  }

  /** After a failure that does not pass by waiting, the connection is of no more use: the file may be another one by now. */
  #lose(error: unknown): unknown {
    if (!(error instanceof ChatDbError) || error.remedy === "wait") return error;
    this.#close();
    this.#lastError = error;
    return error;
  }

  #identify(databaseUid: string, connection: ChatDbConnection): DatabaseIdentity {
    const { file } = connection;
    const isOther =
      this.#seen !== undefined &&
      (this.#seen.databaseUid !== databaseUid || !isSameFile(this.#seen.file, file));
    if (isOther) this.#replacements += 1;
    this.#seen = { file, databaseUid };
    const identity = { databaseUid, generation: `${file.device}:${file.inode}:${this.#replacements}` };
    if (isOther) this.#ports.onReplaced(identity);
    return identity;
  }
}
