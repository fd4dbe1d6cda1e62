import { statSync } from "node:fs";
import type { Clock } from "@imesh/time";
import type { CommitProbe } from "../commits/commits.ts";
import { ChatDbConnection, type ConnectionView, fileIdentityAt, isSameFile } from "./chat-db-connection.ts";
import { ChatDbError } from "./chat-db-error.ts";
import type { FileIdentity } from "./row-cursor.ts";
import type { DatabaseIdentity } from "./rows.ts";

/** How long `-wal` must be gone before the connection that reads it is given up. */
const LOG_MISSING_MS = 1_000;

/** What one read transaction may look at, and which database it is. */
export interface DatabaseView extends ConnectionView {
  readonly file: FileIdentity;
  readonly identity: DatabaseIdentity;
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
 * The only door to chat.db in this process (I1): at most one connection at a time, read-only, never a statement left open.
 * Nothing here or elsewhere opens chat.db or -shm by other means, because closing any descriptor of them would drop SQLite's
 * locks (reference §6.5); stat(2) by path opens nothing.
 *
 * A failed query that another try cannot mend closes the connection; {@link reopen}, called by the commit watcher's
 * back-off, is the one way back.
 */
export class ChatDb implements CommitProbe, Disposable {
  readonly path: string;
  readonly #ports: ChatDbPorts;
  #connection: ChatDbConnection | undefined;
  #lastError: ChatDbError | undefined;
  /** Of the last database read. */
  #seen: { readonly file: FileIdentity; readonly databaseUid: string } | undefined;
  #replacements = 0;
  #dataVersion: bigint | undefined;
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
   * Runs `work` in one short read transaction and returns what it returns. Throws ChatDbError: while there is no connection, the
   * error that ended it.
   */
  read<T>(work: (view: DatabaseView) => T): T {
    const connection = this.#open();
    const startedMs = this.#ports.clock.monotonicMs();
    try {
      return connection.read((view) =>
        work({
          ...view,
          file: connection.file,
          identity: this.#identify(view.facts.databaseUid, connection),
        }),
      );
    } catch (error) {
      throw this.#lose(error);
    } finally {
      this.#ports.onRead(this.#ports.clock.monotonicMs() - startedMs);
    }
  }

  /** SQLite's version. Throws ChatDbError while there is no connection. */
  get sqliteVersion(): string {
    return this.#open().sqliteVersion;
  }

  /** True when somebody committed since the last call, or this is the first on a connection. Throws ChatDbError. */
  hasCommitted(): boolean {
    let dataVersion: bigint;
    try {
      dataVersion = this.#open().dataVersion();
    } catch (error) {
      throw this.#lose(error);
    }
    const isMoved = dataVersion !== this.#dataVersion;
    this.#dataVersion = dataVersion;
    return isMoved;
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
      this.#connection = ChatDbConnection.open(this.path);
      this.#lastError = undefined;
    } catch (error) {
      if (error instanceof ChatDbError) this.#lastError = error;
      throw error;
    }
  }

  /** When `-wal` (else chat.db) was last written, Unix nanoseconds; undefined when neither is there. One or two stat(2). */
  committedAtUnixNs(): bigint | undefined {
    const wal = statSync(`${this.path}-wal`, { bigint: true, throwIfNoEntry: false });
    if (wal !== undefined && wal.size > 0n) return wal.mtimeNs;
    return statSync(this.path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  }

  isUnreadable(error: unknown): error is Error {
    return error instanceof ChatDbError;
  }

  /** Size of `-wal`; 0 without one. */
  walBytes(): number {
    return statSync(`${this.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
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

  #open(): ChatDbConnection {
    if (this.#connection !== undefined) return this.#connection;
    throw this.#lastError ?? new ChatDbError({ code: "failed", path: this.path, detail: "not open" });
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#dataVersion = undefined;
    this.#logMissingSinceMs = undefined;
  }

  /** After a failure other than "busy", the connection is of no more use: the file may be another one by now. */
  #lose(error: unknown): unknown {
    if (!(error instanceof ChatDbError) || error.code === "busy") return error;
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
