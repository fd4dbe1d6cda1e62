/**
 * Why the reader thread gave no answer.
 * - crashed: it ended in the middle (out of memory, a broken driver)
 * - stalled: a page took far too long; the disk does not answer
 * - resting: it crashed a moment ago and is started again later
 * - closed: the broker is going away
 */
export type ReaderThreadFault = "crashed" | "stalled" | "resting" | "closed";

/** The reader thread gave no answer. Nothing was read; worth another try. */
export class ReaderThreadError extends Error {
  override readonly name = "ReaderThreadError";
  readonly code: ReaderThreadFault;
  /** When another try is worth it, in milliseconds. */
  readonly retryDelayMs: number;

  constructor(code: ReaderThreadFault, retryDelayMs: number, cause?: unknown) {
    super(`Cannot read a page: reader thread ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryDelayMs = retryDelayMs;
  }
}
