import { assert } from "@imesh/flow";
import { type Clock, DELAY_MS_MAX, type Timer } from "./clock.ts";
import { sleepOn } from "./sleep.ts";

/**
 * Difference between our wall time and the system's at which we take the system's again. `Date.now` has whole
 * milliseconds, so two correct clocks already differ by up to 1 ms; 2 ms leaves room for that and for jitter
 * between the two reads, and is small against the hops we publish.
 */
const WALL_DRIFT_MS_MAX = 2;

const NS_PER_MS = 1_000_000;

/** What {@link SystemClock} reads; replaced only by its own test. */
export interface ClockSource {
  /** Milliseconds since 1970, whole, follows NTP and the user. */
  dateMs(): number;
  /** Milliseconds since the process started, with fractions, never falling. */
  monotonicMs(): number;
  /** Milliseconds since 1970 at which `monotonicMs` was 0, with fractions. */
  readonly originMs: number;
}

const SYSTEM_SOURCE: ClockSource = {
  dateMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  originMs: performance.timeOrigin,
};

/**
 * The real clock. Wall time = an epoch offset + the monotonic clock, which gives microseconds where `Date.now` gives
 * milliseconds. The offset is taken again when the sum is more than 2 ms away from `Date.now` (NTP, sleep, a hand on the clock);
 * it is then off by at most 0.5 ms.
 */
export class SystemClock implements Clock {
  readonly #source: ClockSource;
  #offsetMs: number;

  constructor(source: ClockSource = SYSTEM_SOURCE) {
    this.#source = source;
    this.#offsetMs = source.originMs;
  }

  wallUnixNs(): bigint {
    const monotonicMs = this.#source.monotonicMs();
    const dateMs = this.#source.dateMs();
    // Half a millisecond: Date.now is the floor of the time, so its middle is the best single guess.
    const dateMiddleMs = dateMs + 0.5;
    if (Math.abs(this.#offsetMs + monotonicMs - dateMiddleMs) > WALL_DRIFT_MS_MAX) {
      this.#offsetMs = dateMiddleMs - monotonicMs;
    }
    // Whole milliseconds and the rest apart: nanoseconds since 1970 do not fit a double.
    const wallMs = this.#offsetMs + monotonicMs;
    const wholeMs = Math.floor(wallMs);
    return BigInt(wholeMs) * BigInt(NS_PER_MS) + BigInt(Math.floor((wallMs - wholeMs) * NS_PER_MS));
  }

  monotonicMs(): number {
    return this.#source.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    assert(delayMs >= 0 && delayMs <= DELAY_MS_MAX, "a timer's delay lies within 0..2^31-1 ms");
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }
}
