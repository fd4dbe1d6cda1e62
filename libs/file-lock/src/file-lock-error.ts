/**
 * Somebody has the lock, in this process or another one. Waiting may help; whoever asked knows what to tell a
 * person.
 */
export class FileLockHeldError extends Error {
  override readonly name = "FileLockHeldError";
  readonly code = "held";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`Cannot take lock file: "${path}" (held)`, { cause });
    this.path = path;
  }
}

/**
 * The lock's file cannot be made, opened or locked: a missing directory, no permission, a file that is
 * something else.
 */
export class FileLockFailedError extends Error {
  override readonly name = "FileLockFailedError";
  readonly code = "failed";
  readonly path: string;
  /**
   * SQLite's result code, "SQLITE_CANTOPEN"; undefined when it did not come as far as SQLite (a missing
   * directory).
   */
  readonly sqliteCode: string | undefined;

  constructor(path: string, sqliteCode: string | undefined, cause: unknown) {
    super(`Cannot take lock file: "${path}" (${sqliteCode ?? "unknown error"})`, { cause });
    this.path = path;
    this.sqliteCode = sqliteCode;
  }
}
