import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import BetterSqlite3, { type Database } from "better-sqlite3";

/**
 * Keeps a second lock-broker off the same socket, and so off the same chat.db (I1): an exclusive lock on an empty SQLite
 * database beside the socket, held as an open transaction that never writes.
 *
 * Why this and nothing simpler: a file with a process id in it lies after kill -9 and after the id was given to another process;
 * probing the socket alone lets two copies that start together both find it dead, and loses the lock when somebody tidies
 * the socket away. The kernel drops this lock with the process, however it ends, and takes it atomically. SQLite's is used
 * because Node has no flock(2), and because it is here already; its file has nothing to do with chat.db's locks.
 */
export class ReaderLease implements Disposable {
  readonly #db: Database;

  /** Takes the lease at `path`, which is made when missing. Throws StartupError: 75 when another process has it, else 73. */
  static take(path: string): ReaderLease {
    let db: Database | undefined;
    try {
      db = new BetterSqlite3(path, { timeout: 0 });
      db.exec("PRAGMA journal_mode = MEMORY");
      db.exec("BEGIN EXCLUSIVE");
      return new ReaderLease(db);
    } catch (cause) {
      db?.close();
      throw refusal(path, cause);
    }
  }

  private constructor(db: Database) {
    this.#db = db;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function refusal(path: string, cause: unknown): StartupError {
  const code = cause instanceof BetterSqlite3.SqliteError ? cause.code : "unknown error";
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new StartupError({
      exitCode: EXIT_CODES.temporary,
      message: `Cannot start lock-broker: "${path}" (another one is running)`,
      hint: "Stop the other one first, or choose another --socket for another chat.db",
      cause,
    });
  }
  return new StartupError({
    exitCode: EXIT_CODES.cannotCreate,
    message: `Cannot take lock file: "${path}" (${code})`,
    hint: "Check that the directory of --socket exists and is this user's, or remove the file",
    cause,
  });
}
