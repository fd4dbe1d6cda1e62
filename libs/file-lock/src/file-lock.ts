import BetterSqlite3, { type Database } from "better-sqlite3";
import { FileLockFailedError, FileLockHeldError } from "./file-lock-error.ts";

/**
 * The right of one holder at a time, over all processes of this machine: an open BEGIN EXCLUSIVE on an SQLite
 * file that stays empty.
 *
 * Why this and nothing simpler: a file with a process id in it lies after kill -9, and again once the id was
 * given to another process; a bound socket lets two copies that start together both find it dead, is lost
 * when somebody tidies it away, and guards nothing but itself. This is a lock of the kernel's, taken in one
 * atomic step and dropped with the process however it ends: nothing is ever stale and nobody has to judge.
 * SQLite's, because Node has no flock(2) and it is here already.
 *
 * Why a file of its own: an exclusive transaction on the database it guards would lock out its owner's own
 * reads, and `locking_mode = EXCLUSIVE` whoever wants to inspect or back it up while it is in use.
 *
 * The lock belongs to the file and not to its name: every path that leads to it, symbolic links included, is
 * the same lock, and a file put in its place is another one. So leave the file where it is, held or not; and
 * whoever derives its name from that of another file (`<journal>.lock`) resolves that one's links first, or a
 * link leads past the lock.
 *
 * Nothing else in the holder's process may open the file: closing any descriptor of it drops the process's
 * locks on it (POSIX). SQLite sees to that for the locks taken here.
 */
export class FileLock implements Disposable {
  readonly #database: Database;

  /**
   * Takes the lock at `path`, whose directory exists; the file is made when missing. Never waits. Throws
   * FileLockHeldError when somebody has it, else FileLockFailedError. It is held until it is disposed or the
   * process ends: keep a reference, for a lock that is garbage is given up.
   */
  static take(path: string): FileLock {
    let database: Database | undefined;
    try {
      database = new BetterSqlite3(path, { timeout: 0 });
      // No journal file beside it and no sync: nothing is ever written, the lock is all there is.
      database.pragma("journal_mode = MEMORY");
      database.exec("BEGIN EXCLUSIVE");
      return new FileLock(database);
    } catch (cause) {
      database?.close();
      const code = cause instanceof BetterSqlite3.SqliteError ? cause.code : undefined;
      throw isHeld(code) ? new FileLockHeldError(path, cause) : new FileLockFailedError(path, code, cause);
    }
  }

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Gives it up; the file stays. A second time is nothing. */
  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function isHeld(sqliteCode: string | undefined): boolean {
  return sqliteCode !== undefined && /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode);
}
