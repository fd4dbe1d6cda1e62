import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FileLock, FileLockFailedError, FileLockHeldError } from "@imesh/file-lock";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";

/**
 * Keeps a second bridge off a journal, until disposed: two of them would each hand the same commands to
 * Messages. The lock is a file of its own, `<journal>.lock`, so that the journal can be inspected and backed
 * up while it runs. The bound socket would not do: two bridges with different sockets could still share a
 * journal.
 *
 * The journal is named by its real path, so that a link to it does not lead past the lock. Throws
 * StartupError 75 (somebody has it) or 73 (the file cannot be made). Never waits.
 */
export function lockJournal(journalPath: string): Disposable {
  try {
    return FileLock.take(`${realPathOf(journalPath)}.lock`);
  } catch (error) {
    if (error instanceof FileLockHeldError) throw alreadyRunning(journalPath, error);
    if (error instanceof FileLockFailedError) throw cannotLock(error);
    throw error;
  }
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

function alreadyRunning(journalPath: string, cause: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.temporary,
    message: `Cannot open journal: "${journalPath}" (another mac-bridge is using it)`,
    hint: "Stop the other one, or give this one its own --journal",
    cause,
  });
}

function cannotLock(cause: FileLockFailedError): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.cannotCreate,
    message: `Cannot create lock file: "${cause.path}"`,
    hint: "Check that the directory exists, is writable and that the disk is not full",
    cause,
  });
}
