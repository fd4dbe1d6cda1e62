import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import Database from "better-sqlite3";

/**
 * Keeps a second simulator away from the same Mac: the exclusive lock of an empty SQLite file, which the system drops
 * with the process however it dies. Throws StartupError 75 when another process has it. Disposing gives it up.
 */
export function lockMac(path: string): Disposable {
  const lock = new Database(path, { timeout: 0 });
  try {
    // No journal file beside it: nothing is ever written.
    lock.pragma("journal_mode = MEMORY");
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new StartupError({
      exitCode: EXIT_CODES.temporary,
      message: `Cannot lock simulated Mac: "${path}" (another messages-simulator is running on it)`,
      hint: "Stop the other one, or give --mac another directory",
      cause,
    });
  }
  return { [Symbol.dispose]: () => lock.close() };
}
