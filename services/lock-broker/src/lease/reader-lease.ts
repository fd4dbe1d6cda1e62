import { FileLock, FileLockFailedError, FileLockHeldError } from "@imesh/file-lock";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";

/**
 * Keeps a second lock-broker off the same socket, and so off the same chat.db (I1): a lock on a file of its
 * own beside the socket, which has nothing to do with chat.db's locks. Made at `path` when missing, held
 * until disposed. Throws StartupError: 75 when another process has it, else 73.
 */
export function takeReaderLease(path: string): Disposable {
  try {
    return FileLock.take(path);
  } catch (error) {
    throw refusal(path, error);
  }
}

function refusal(path: string, cause: unknown): unknown {
  if (cause instanceof FileLockHeldError) {
    return new StartupError({
      exitCode: EXIT_CODES.temporary,
      message: `Cannot start lock-broker: "${path}" (another one is running)`,
      hint: "Stop the other one first, or choose another --socket for another chat.db",
      cause,
    });
  }
  if (!(cause instanceof FileLockFailedError)) return cause;
  return new StartupError({
    exitCode: EXIT_CODES.cannotCreate,
    message: `Cannot take lock file: "${path}" (${cause.sqliteCode ?? "unknown error"})`,
    hint: "Check that the directory of --socket exists and is this user's, or remove the file",
    cause,
  });
}
