import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { SystemClock } from "./system-clock.ts";

/** A source whose hands a test moves. */
class HandSource {
  readonly originMs: number;
  elapsedMs = 0;
  wallMs: number;

  constructor(originMs: number) {
    this.originMs = originMs;
    this.wallMs = originMs;
  }

  dateMs(): number {
    return Math.floor(this.wallMs);
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  pass(ms: number): void {
    this.elapsedMs += ms;
    this.wallMs += ms;
  }
}

test("wallUnixNs() is finer than a millisecond", () => {
  const source = new HandSource(1_767_323_045_000.25);
  const clock = new SystemClock(source);
  const readings = [0, 0.125, 0.25].map((ms) => {
    source.pass(ms);
    return clock.wallUnixNs();
  });
  deepEqual(readings, [1_767_323_045_000_250_000n, 1_767_323_045_000_375_000n, 1_767_323_045_000_625_000n]);
});

test("wallUnixNs() keeps its own count while the system's clock is within 2 ms, and follows it beyond", () => {
  const source = new HandSource(1_000_000);
  const clock = new SystemClock(source);
  source.pass(1000);
  source.wallMs += 1.5;
  equal(clock.wallUnixNs(), 1_001_000_000_000n);
  source.wallMs += 60_000;
  // Half a millisecond above Date.now's floor is the best guess without more reads.
  equal(clock.wallUnixNs(), 1_061_001_500_000n);
  source.pass(0.25);
  equal(clock.wallUnixNs(), 1_061_001_750_000n);
  source.wallMs -= 120_000;
  equal(clock.wallUnixNs(), 941_001_500_000n);
});

test("the real clock is within 3 ms of Date.now and monotonic time does not fall", () => {
  const clock = new SystemClock();
  const before = clock.monotonicMs();
  const differenceMs = Number(clock.wallUnixNs() - BigInt(Date.now()) * 1_000_000n) / 1e6;
  ok(Math.abs(differenceMs) < 3, `${differenceMs} ms`);
  ok(clock.monotonicMs() >= before);
});

test("setTimer() runs once, not after cancel(), and refuses what Node would fire at once", async () => {
  const clock = new SystemClock();
  const seen: string[] = [];
  clock.setTimer(0, () => seen.push("cancelled")).cancel();
  await new Promise<void>((resolve) => clock.setTimer(1, resolve));
  deepEqual(seen, []);
  for (const delayMs of [-1, 2 ** 31, Number.NaN]) {
    throws(() => clock.setTimer(delayMs, () => {}), { name: "AssertionError" });
  }
});

test("sleep() rejects with the signal's reason, before and during", async () => {
  const clock = new SystemClock();
  const stopped = new Error("stopped");
  await rejects(clock.sleep(60_000, AbortSignal.abort(stopped)), stopped);
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, controller.signal);
  controller.abort(stopped);
  await rejects(sleeping, stopped);
  await clock.sleep(1, new AbortController().signal);
});
