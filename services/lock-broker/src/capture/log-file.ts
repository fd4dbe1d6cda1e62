import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";

/**
 * Why the log cannot be read.
 * - no-permission: the system refuses it (macOS: no Full Disk Access)
 * - io: the disk does
 * - not-a-log: it is there and is no log, and stays so
 * - failed: anything else
 */
export type LogFault = "no-permission" | "io" | "not-a-log" | "failed";

/** `-wal` cannot be read now. Worth another try later. That there is none is no fault: the database was closed. */
export class LogFileError extends Error {
  override readonly name = "LogFileError";
  readonly code: LogFault;
  readonly path: string;
  readonly detail: string;

  constructor(failure: { code: LogFault; path: string; detail: string; cause?: unknown }) {
    const message = `Cannot read the log of chat.db: "${failure.path}" (${failure.detail})`;
    super(message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.code = failure.code;
    this.path = failure.path;
    this.detail = failure.detail;
  }
}

/**
 * The log as a file (port): one open file at a time, read by position. Synchronous, a microsecond or two each. Everything
 * that fails throws {@link LogFileError}.
 */
export interface LogFile extends Disposable {
  /** Path of `-wal`. */
  readonly path: string;
  /** Of the open file; undefined while none is open. */
  readonly inode: bigint | undefined;
  /**
   * Reads up to `bytes` bytes from `offset` of the file on into the start of `into`, and returns how many there were: fewer at the
   * file's end. For every poll, so it allocates nothing. 0 while no file is open.
   */
  read(into: Uint8Array, bytes: number, offset: number): number;
  /** Closes what is open and opens what is at the path; false when there is nothing. */
  open(): boolean;
  /** Size of the open file; 0 while none is open. */
  openBytes(): number;
  /** When the open file was last written, Unix nanoseconds by the file system's clock; undefined while none is open. */
  openModifiedNs(): bigint | undefined;
  /** Inode of what is at the path; undefined when there is nothing. */
  inodeAtPath(): bigint | undefined;
  /** Names the file that is chat.db now, for comparing; undefined when there is none. */
  databaseIdentity(): string | undefined;
  /** When the log at the path was last written, Unix nanoseconds; undefined when there is none to be seen. Never throws. */
  modifiedAtUnixNs(): bigint | undefined;
}

const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * `-wal` on disk. Of the three files it is the only one that may be opened beside SQLite: it carries no locks, while closing
 * any descriptor of chat.db or -shm would drop SQLite's (I1, docs/chat-db.md §20). Those are looked at by path alone.
 */
export class WalFile implements LogFile {
  readonly #databasePath: string;
  readonly path: string;
  #fd: number | undefined;
  #inode: bigint | undefined;

  /** `databasePath` is absolute; nothing is opened yet. */
  constructor(databasePath: string) {
    this.#databasePath = databasePath;
    this.path = `${databasePath}-wal`;
  }

  get inode(): bigint | undefined {
    return this.#inode;
  }

  read(into: Uint8Array, bytes: number, offset: number): number {
    if (this.#fd === undefined) return 0;
    try {
      return readSync(this.#fd, into, 0, bytes, offset);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  open(): boolean {
    this.#close();
    // A look first: opening what is not there costs an error's stack, at every poll of a database that nobody writes.
    if (this.inodeAtPath() === undefined) return false;
    let fd: number;
    try {
      fd = openSync(this.path, READ_ONLY);
    } catch (error) {
      if (isAbsent(error)) return false;
      throw this.#fault(error);
    }
    try {
      const found = fstatSync(fd, { bigint: true });
      if (!found.isFile()) throw new LogFileError({ code: "failed", path: this.path, detail: "not a file" });
      this.#inode = found.ino;
      this.#fd = fd;
      return true;
    } catch (error) {
      closeSync(fd);
      throw error instanceof LogFileError ? error : this.#fault(error);
    }
  }

  openBytes(): number {
    if (this.#fd === undefined) return 0;
    try {
      return fstatSync(this.#fd).size;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  openModifiedNs(): bigint | undefined {
    if (this.#fd === undefined) return undefined;
    try {
      return fstatSync(this.#fd, { bigint: true }).mtimeNs;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  inodeAtPath(): bigint | undefined {
    return this.#stat(this.path)?.ino;
  }

  databaseIdentity(): string | undefined {
    const found = this.#stat(this.#databasePath);
    return found === undefined ? undefined : `${found.dev}:${found.ino}`;
  }

  modifiedAtUnixNs(): bigint | undefined {
    try {
      return this.#stat(this.path)?.mtimeNs;
    } catch {
      // It is for display; what is wrong with the file comes up where it is read.
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    this.#inode = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  #stat(path: string) {
    try {
      return statSync(path, { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw this.#fault(error);
    }
  }

  #fault(cause: unknown): LogFileError {
    const detail = errnoOf(cause) ?? "no reason given";
    return new LogFileError({ code: logFault(detail), path: this.path, detail, cause });
  }
}

/** Sorts a system's error code ("EPERM"). */
export function logFault(errno: string): LogFault {
  if (errno === "EPERM" || errno === "EACCES") return "no-permission";
  // ESTALE and ENXIO: the volume went away.
  return ["EIO", "ENXIO", "ESTALE", "ENODEV"].includes(errno) ? "io" : "failed";
}

function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
