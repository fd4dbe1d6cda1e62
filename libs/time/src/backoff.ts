import { assert } from "@imesh/flow";
import type { Random } from "./random.ts";

/** Shape of a back-off: the ceiling doubles from `baseMs` to `maxMs`. */
export interface Backoff {
  /** Ceiling of the first delay, in milliseconds, more than 0. */
  readonly baseMs: number;
  /** Ceiling of every delay, in milliseconds, at least `baseMs`. */
  readonly maxMs: number;
}

/**
 * Delay before retry number `attempt` (0 = the first retry): "full jitter", uniform in [0, min(maxMs, baseMs · 2^attempt)),
 * in fractional milliseconds. Uniform over the whole range rather than around its end, because it spreads a herd of
 * clients that lost the same server best; its mean is half of what plain doubling would wait.
 */
export function backoffDelayMs(attempt: number, backoff: Backoff, random: Random): number {
  assert(Number.isSafeInteger(attempt) && attempt >= 0, "an attempt is a non-negative integer");
  assert(backoff.baseMs > 0 && backoff.maxMs >= backoff.baseMs, "a back-off has 0 < baseMs <= maxMs");
  // 2^attempt is Infinity from attempt 1024 on, and min() still gives maxMs.
  return random.next() * Math.min(backoff.maxMs, backoff.baseMs * 2 ** attempt);
}
