import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/** What is waited for and how long at most. */
export interface WaitOptions {
  /** Milliseconds of real time. */
  readonly deadlineMs: number;
  /** Named in the failure: "the bridge to report CAUGHT_UP". */
  readonly what: string;
}

/**
 * Polls `predicate` until it gives something other than undefined, null or false, and returns that. For end-to-end tests
 * over real processes; unit tests use FakeClock. Throws at the deadline, naming `what` and the predicate's last error
 * (a predicate may throw while its target is not there yet).
 */
export async function waitFor<T>(
  predicate: () => T | Promise<T>,
  options: WaitOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const endMs = performance.now() + options.deadlineMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await predicate();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= endMs) {
      throw new Error(`Cannot see ${options.what} in time (${options.deadlineMs} ms)`, { cause });
    }
    await sleep(POLL_MS);
  }
}
