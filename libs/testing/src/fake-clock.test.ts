import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "./fake-clock.ts";

test("advance() runs timers in order of time, then of making, each at its own moment", async () => {
  const clock = new FakeClock();
  const seen: [string, number][] = [];
  for (const [name, delayMs] of [
    ["c", 30],
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
    ["late", 31],
  ] as const) {
    clock.setTimer(delayMs, () => seen.push([name, clock.monotonicMs()]));
  }
  await clock.advance(30);
  deepEqual(seen, [
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
    ["c", 30],
  ]);
  deepEqual([clock.monotonicMs(), clock.timersPending, clock.nextTimerMs], [30, 1, 1]);
});

test("advance() runs what wakes up on the way, timers set by woken promises included", async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const walking = (async () => {
    for (let step = 0; step < 3; step += 1) {
      await clock.sleep(10);
      seen.push(clock.monotonicMs());
    }
  })();
  await clock.advance(100);
  await walking;
  deepEqual(seen, [10, 20, 30]);
});

test("a cancelled timer does not run; an aborted sleep leaves none", async () => {
  const clock = new FakeClock();
  clock
    .setTimer(1, () => {
      throw new Error("cancelled timers do not run");
    })
    .cancel();
  const controller = new AbortController();
  const sleeping = clock.sleep(5, controller.signal);
  controller.abort(new Error("stopped"));
  await rejects(sleeping, { message: "stopped" });
  equal(clock.timersPending, 0);
  await clock.advance(10);
});

test("wall time moves with monotonic time and steps on its own", async () => {
  const clock = new FakeClock({ wallUnixNs: 1_000n });
  await clock.advance(1.5);
  equal(clock.wallUnixNs(), 1_501_000n);
  clock.stepWall(-1);
  deepEqual([clock.wallUnixNs(), clock.monotonicMs()], [501_000n, 1.5]);
});
