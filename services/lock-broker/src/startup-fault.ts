import { EXIT_CODES, type ExitCode, StartupError } from "@imesh/lifecycle";
import { LedgerError } from "./changes/ledger-error.ts";
import { ChatDbError, type ChatDbFault } from "./rows/chat-db-error.ts";

/** What a person is told to do about each reason, and the code to exit with. */
const FAULTS: Readonly<Record<ChatDbFault, { readonly exitCode: ExitCode; readonly hint: string }>> = {
  "not-found": {
    exitCode: EXIT_CODES.noInput,
    hint: "Sign in to Messages on this Mac once, or point --chat-db to the file",
  },
  "no-permission": {
    exitCode: EXIT_CODES.noPermission,
    hint: "Give this program Full Disk Access: System Settings → Privacy & Security → Full Disk Access",
  },
  "cannot-open": {
    exitCode: EXIT_CODES.noInput,
    hint: "Point --chat-db to the file; its directory must be writable for -shm",
  },
  "not-a-database": {
    exitCode: EXIT_CODES.configuration,
    hint: "Point --chat-db to Messages' own chat.db",
  },
  "wrong-schema": {
    exitCode: EXIT_CODES.configuration,
    hint: "Point --chat-db to Messages' own chat.db",
  },
  corrupt: {
    exitCode: EXIT_CODES.configuration,
    hint: "Quit Messages and look at the file with `PRAGMA integrity_check`; Messages mends it when it starts",
  },
  "io-error": {
    exitCode: EXIT_CODES.unexpected,
    hint: "Look at the disk, then at the log for SQLite's words",
  },
  busy: { exitCode: EXIT_CODES.temporary, hint: "Try again; another process holds the file for a moment" },
  "busy-recovery": {
    exitCode: EXIT_CODES.temporary,
    hint: "Try again; another process mends the log after a crash",
  },
  locked: { exitCode: EXIT_CODES.temporary, hint: "Try again; a lock was lost in a race" },
  moved: { exitCode: EXIT_CODES.temporary, hint: "Try again; the file was replaced while it was opened" },
  failed: { exitCode: EXIT_CODES.unexpected, hint: "Try again, then look at the log for SQLite's words" },
};

/** The error by which a process that cannot read chat.db at its start ends. Anything but a ChatDbError or a LedgerError is passed on as it is. */
export function startupFault(error: unknown): unknown {
  if (error instanceof LedgerError) {
    return new StartupError({
      exitCode: EXIT_CODES.cannotCreate,
      message: error.message,
      hint: "Check that the directory of --ledger is this user's and that the disk is not full",
      cause: error,
    });
  }
  if (!(error instanceof ChatDbError)) return error;
  return new StartupError({ ...FAULTS[error.code], message: error.message, cause: error });
}
