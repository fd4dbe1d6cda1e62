import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import Database from "better-sqlite3";

/**
 * Keeps a second bridge off a journal: two of them would each hand the same commands to Messages.
 *
 * The lock is an open BEGIN EXCLUSIVE on an empty SQLite file beside the journal, `<journal>.lock`. That is an fcntl lock
 * of the kernel's, which dies with the process: after kill -9 nothing is stale and nobody has to judge a pid. It is on a
 * file of its own because an exclusive transaction on the journal would lock out our own reads, and
 * `locking_mode = EXCLUSIVE` would lock out whoever wants to inspect or back up the journal while it runs. The bound
 * socket does not do: two bridges with different sockets could still share a journal.
 *
 * The journal is named by its real path, so that a link to it does not lead past the lock.
 */
export class JournalLock implements Disposable {
  readonly #database: Database.Database;

  /** Takes the lock or throws StartupError 75 (somebody has it) or 73 (the file cannot be made). Never waits. */
  constructor(journalPath: string) {
    const path = lockPath(journalPath);
    try {
      this.#database = new Database(path, { timeout: 0 });
    } catch (cause) {
      throw cannotLock(path, cause);
    }
    try {
      // No journal file and no sync: nothing is ever written, the lock is all there is.
      this.#database.pragma("journal_mode = MEMORY");
      this.#database.exec("BEGIN EXCLUSIVE");
    } catch (cause) {
      this.#database.close();
      throw isBusy(cause) ? alreadyRunning(journalPath, cause) : cannotLock(path, cause);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function lockPath(journalPath: string): string {
  return `${realPathOf(journalPath)}.lock`;
}

/** The journal may not be there yet; its directory is. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      // The directory is missing too: opening the lock file fails and says so.
      return path;
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}

function alreadyRunning(journalPath: string, cause: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.temporary,
    message: `Cannot open journal: "${journalPath}" (another mac-bridge is using it)`,
    hint: "Stop the other one, or give this one its own --journal",
    cause,
  });
}

function cannotLock(path: string, cause: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.cannotCreate,
    message: `Cannot create lock file: "${path}"`,
    hint: "Check that the directory exists, is writable and that the disk is not full",
    cause,
  });
}
