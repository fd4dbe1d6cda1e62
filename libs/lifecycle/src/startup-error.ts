import type { ExitCode } from "./exit-codes.ts";

/** The facts of a {@link StartupError}. */
export interface StartupFailure {
  readonly exitCode: ExitCode;
  /** What failed, one line: "Cannot open chat.db: /Users/x/Library/Messages/chat.db (no permission)". */
  readonly message: string;
  /** What to do about it, one line, said to a person: "Grant Full Disk Access to …". */
  readonly hint?: string;
  /** The error underneath, for the debugger; it is not printed. */
  readonly cause?: unknown;
}

/**
 * A process cannot start (or cannot go on) for a reason that a person can mend. `runService` prints message and hint
 * without a stack trace and exits with the code; so the message must stand alone. It carries no handle and no message text.
 */
export class StartupError extends Error {
  override readonly name: string = "StartupError";
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(failure: StartupFailure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.exitCode = failure.exitCode;
    this.hint = failure.hint;
  }
}
