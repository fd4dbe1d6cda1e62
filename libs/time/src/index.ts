export { type Backoff, backoffDelayMs } from "./backoff.ts";
export { type Clock, DELAY_MS_MAX, type Timer } from "./clock.ts";
export { DeadlineError, deadlineSignal, type OwnedSignal } from "./deadline.ts";
export { type Random, SystemRandom } from "./random.ts";
export { sleepOn } from "./sleep.ts";
export { type ClockSource, SystemClock } from "./system-clock.ts";
