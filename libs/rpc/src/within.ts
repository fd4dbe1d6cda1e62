import type { Clock } from "@imesh/time";

/** Waits for `work`, but no longer than `ms`; the work itself goes on. Rejects when the work does. */
export async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const timeUp = Promise.withResolvers<void>();
  const timer = clock.setTimer(ms, timeUp.resolve);
  try {
    await Promise.race([work, timeUp.promise]);
  } finally {
    timer.cancel();
  }
}
