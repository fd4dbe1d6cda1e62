import { FileLock, FileLockFailedError, FileLockHeldError } from "@imesh/file-lock";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";

/**
 * Keeps a second simulator away from the same Mac, until disposed. Throws StartupError: 75 when another
 * process has it, 73 when the lock's file cannot be one.
 */
export function lockMac(path: string): Disposable {
  try {
    return FileLock.take(path);
  } catch (error) {
    if (error instanceof FileLockHeldError) throw alreadyRunning(path, error);
    if (error instanceof FileLockFailedError) throw cannotLock(path, error);
    throw error;
  }
}

function alreadyRunning(path: string, cause: unknown): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.temporary,
    message: `Cannot lock simulated Mac: "${path}" (another messages-simulator is running on it)`,
    hint: "Stop the other one, or give --mac another directory",
    cause,
  });
}

function cannotLock(path: string, cause: FileLockFailedError): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.cannotCreate,
    message: `Cannot lock simulated Mac: "${path}" (${cause.sqliteCode ?? "unknown error"})`,
    hint: "Remove the file, or give --mac another directory",
    cause,
  });
}
