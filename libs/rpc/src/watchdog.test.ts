import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { type Bark, Watchdog } from "./watchdog.ts";

const IDLE_MS = 15_000;

function watch(idleTimeoutMs = IDLE_MS) {
  const clock = new FakeClock();
  const barks: Bark[] = [];
  const watchdog = new Watchdog({ clock, idleTimeoutMs, onBark: (bark) => barks.push(bark) });
  return { clock, barks, watchdog };
}

test("barks once when nothing came for the idle timeout, at most a second late, and leaves no timer", async () => {
  const { clock, barks, watchdog } = watch();
  watchdog.expect();
  await clock.advance(IDLE_MS - 1);
  assert.deepEqual(barks, []);
  await clock.advance(1_001);
  assert.deepEqual(barks, ["silent"]);
  await clock.advance(60_000);
  assert.deepEqual([barks.length, clock.timersPending], [1, 0]);
});

test("does not bark while messages come, however rare, nor while the consumer is busy", async () => {
  const { clock, barks, watchdog } = watch();
  for (let round = 0; round < 10; round += 1) {
    watchdog.expect();
    await clock.advance(IDLE_MS - 1_000);
    watchdog.rest();
    await clock.advance(10 * IDLE_MS);
  }
  assert.deepEqual(barks, []);
  watchdog.stop();
  assert.equal(clock.timersPending, 0);
});

test("barks when wall time runs ahead of monotonic time by more than 5 s: the machine slept", async () => {
  const { clock, barks } = watch();
  await clock.advance(10_000);
  clock.stepWall(4_900);
  await clock.advance(2_000);
  assert.deepEqual(barks, []);
  clock.stepWall(5_100);
  await clock.advance(1_000);
  assert.deepEqual(barks, ["clock-jumped"]);
});

test("does not bark when the wall clock is set back: no sleep does that", async () => {
  const { clock, barks, watchdog } = watch();
  clock.stepWall(-3_600_000);
  await clock.advance(5_000);
  assert.deepEqual(barks, []);
  watchdog.stop();
});

test("barks when a check comes more than 5 s late: the machine slept and monotonic time went on", async () => {
  const clock = new FakeClock();
  const barks: Bark[] = [];
  let sleptMs = 0;
  const late = {
    wallUnixNs: () => clock.wallUnixNs() + BigInt(sleptMs) * 1_000_000n,
    monotonicMs: () => clock.monotonicMs() + sleptMs,
    setTimer: clock.setTimer.bind(clock),
    sleep: clock.sleep.bind(clock),
  };
  new Watchdog({ clock: late, idleTimeoutMs: IDLE_MS, onBark: (bark) => barks.push(bark) });
  await clock.advance(3_000);
  sleptMs = 5_500;
  await clock.advance(1_000);
  assert.deepEqual(barks, ["clock-jumped"]);
});
