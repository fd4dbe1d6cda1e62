/** A pending {@link Clock.setTimer} callback. */
export interface Timer {
  /** The callback will not run. Harmless when it has run or was cancelled before. */
  cancel(): void;
}

/**
 * The door through which time enters (port). Everything outside this library takes a Clock; tests pass a FakeClock.
 * Wall time is for display and the wire; elapsed time is always a difference of {@link monotonicMs}.
 */
export interface Clock {
  /**
   * Nanoseconds since 1970-01-01 UTC, finer than a millisecond so that hops of 0.3 ms can be told apart. Follows the
   * system's clock, so it may step backwards when that does. Cheap; call it per event. Never throws.
   */
  wallUnixNs(): bigint;
  /** Milliseconds since an arbitrary start, fractional, never falling. Cheap; never throws. */
  monotonicMs(): number;
  /**
   * Runs `callback` once, `delayMs` from now or later (0 = as soon as the current work yields). The owner of the Timer
   * cancels it; a pending timer keeps the process alive. Asserts 0 ≤ delayMs ≤ {@link DELAY_MS_MAX}. A throw in
   * `callback` is an uncaught exception.
   */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Resolves `ms` from now or later; rejects with `signal.reason`, timer released, when the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Longest timer: 2³¹ − 1 ms (24.8 days). Node fires longer ones after 1 ms, which is a bug in whoever asked. */
export const DELAY_MS_MAX = 2_147_483_647;
