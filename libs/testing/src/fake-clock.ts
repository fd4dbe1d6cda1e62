import { assert } from "@imesh/flow";
import { type Clock, DELAY_MS_MAX, sleepOn, type Timer } from "@imesh/time";

const NS_PER_MS = 1_000_000;

interface PendingTimer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Where a {@link FakeClock} starts. */
export interface FakeClockOptions {
  /** Wall time at monotonic 0, nanoseconds since 1970. Default 2026-01-02T03:04:05Z, a date no code can mistake for now. */
  readonly wallUnixNs?: bigint;
}

/**
 * A clock that moves only when told. Timers run in order of their time, equal times in order of their making, each at
 * its own moment, with the promises it resolves run before the next one.
 */
export class FakeClock implements Clock {
  readonly #timers = new Set<PendingTimer>();
  #wallAtZeroNs: bigint;
  #nowMs = 0;
  #order = 0;

  constructor(options: FakeClockOptions = {}) {
    this.#wallAtZeroNs = options.wallUnixNs ?? 1_767_323_045_000_000_000n;
  }

  wallUnixNs(): bigint {
    return this.#wallAtZeroNs + BigInt(Math.round(this.#nowMs * NS_PER_MS));
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    assert(delayMs >= 0 && delayMs <= DELAY_MS_MAX, "a timer's delay lies within 0..2^31-1 ms");
    this.#order += 1;
    const timer: PendingTimer = { atMs: this.#nowMs + delayMs, order: this.#order, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** Timers set and neither run nor cancelled; 0 at the end of a test shows that nothing leaked. */
  get timersPending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, or undefined without one. */
  get nextTimerMs(): number | undefined {
    const timer = this.#next();
    return timer === undefined ? undefined : timer.atMs - this.#nowMs;
  }

  /**
   * Moves time on by `ms` and runs every timer that comes due, those set on the way included. Resolves when the
   * promises they resolved have run. Real input and output (sockets, files) is not waited for.
   */
  async advance(ms: number): Promise<void> {
    assert(ms >= 0, "time moves forwards");
    const targetMs = this.#nowMs + ms;
    await settled();
    for (let timer = this.#next(); timer !== undefined && timer.atMs <= targetMs; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
      await settled();
    }
    this.#nowMs = targetMs;
  }

  /** Steps the wall clock alone, as NTP or a user does. Timers and monotonic time do not notice. */
  stepWall(ms: number): void {
    this.#wallAtZeroNs += BigInt(Math.round(ms * NS_PER_MS));
  }

  #next(): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (
        next === undefined ||
        timer.atMs < next.atMs ||
        (timer.atMs === next.atMs && timer.order < next.order)
      ) {
        next = timer;
      }
    }
    return next;
  }
}

/** One turn of the event loop: every promise chain that needs no input or output has run when it resolves. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
