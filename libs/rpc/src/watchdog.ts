import { assert } from "@imesh/flow";
import type { Clock, Timer } from "@imesh/time";

/** How often the clocks are compared at most, in milliseconds: how late a sleep is noticed after waking. */
const CHECK_MS_MAX = 1_000;

/** Difference that no scheduling explains, in milliseconds: the machine slept, or somebody set its clock. */
const JUMP_MS = 5_000;

const NS_PER_MS = 1_000_000n;

/** What a {@link Watchdog} noticed. */
export type Bark = "silent" | "clock-jumped";

/** What a {@link Watchdog} watches, and whom it tells. */
export interface WatchdogOptions {
  readonly clock: Clock;
  /**
   * Longest silence while something is expected, in milliseconds, more than 0. Noticed at most 1 s or a
   * quarter of it late.
   */
  readonly idleTimeoutMs: number;
  /** Called at most once; the watchdog has stopped then. */
  readonly onBark: (bark: Bark) => void;
}

/**
 * Tells a quiet stream from a dead one, and notices that the machine slept. One slow timer for the life of a
 * stream: what happens per message is reading a clock.
 *
 * A sleep shows as wall time running ahead of monotonic time where that stands still meanwhile (Linux), and
 * as a check that comes far too late where it does not (macOS, in the versions of libuv that count sleep).
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #checkMs: number;
  #timer: Timer;
  #expectingSinceMs: number | undefined;
  #checkedMs: number;
  #checkedWallNs: bigint;

  constructor(options: WatchdogOptions) {
    assert(options.idleTimeoutMs > 0, "an idle timeout is more than 0 ms");
    this.#options = options;
    this.#checkMs = Math.min(CHECK_MS_MAX, options.idleTimeoutMs / 4);
    this.#checkedMs = options.clock.monotonicMs();
    this.#checkedWallNs = options.clock.wallUnixNs();
    this.#timer = this.#schedule();
  }

  /** A message is expected from now on. */
  expect(): void {
    this.#expectingSinceMs = this.#options.clock.monotonicMs();
  }

  /** It came; the silence that follows is the consumer's own. */
  rest(): void {
    this.#expectingSinceMs = undefined;
  }

  /** Watches no more. Harmless when repeated. */
  stop(): void {
    this.#timer.cancel();
  }

  #schedule(): Timer {
    return this.#options.clock.setTimer(this.#checkMs, () => this.#check());
  }

  #check(): void {
    const bark = this.#look();
    if (bark === undefined) this.#timer = this.#schedule();
    else this.#options.onBark(bark);
  }

  #look(): Bark | undefined {
    const { clock, idleTimeoutMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const nowWallNs = clock.wallUnixNs();
    const passedMs = nowMs - this.#checkedMs;
    const passedWallMs = Number((nowWallNs - this.#checkedWallNs) / NS_PER_MS);
    this.#checkedMs = nowMs;
    this.#checkedWallNs = nowWallNs;
    if (passedWallMs - passedMs > JUMP_MS || passedMs - this.#checkMs > JUMP_MS) return "clock-jumped";
    const sinceMs = this.#expectingSinceMs;
    return sinceMs !== undefined && nowMs - sinceMs >= idleTimeoutMs ? "silent" : undefined;
  }
}
