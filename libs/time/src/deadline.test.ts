import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { DeadlineError, deadlineSignal } from "./deadline.ts";

test("deadlineSignal() aborts with DeadlineError when its time is up", async () => {
  const clock = new FakeClock();
  using deadline = deadlineSignal(clock, 50);
  await clock.advance(49);
  equal(deadline.signal.aborted, false);
  await clock.advance(1);
  const reason = deadline.signal.reason;
  deepEqual(
    [reason instanceof DeadlineError, reason.deadlineMs, reason.message],
    [true, 50, "Cannot finish in time (50 ms)"],
  );
});

test("deadlineSignal() aborts with its parent's reason, and drops its timer", () => {
  const clock = new FakeClock();
  const parent = new AbortController();
  using deadline = deadlineSignal(clock, 50, parent.signal);
  equal(clock.timersPending, 1);
  parent.abort("stopped");
  deepEqual([deadline.signal.reason, clock.timersPending], ["stopped", 0]);
  using late = deadlineSignal(clock, 50, parent.signal);
  deepEqual([late.signal.reason, clock.timersPending], ["stopped", 0]);
});

test("disposing releases timer and listener and does not abort", () => {
  const clock = new FakeClock();
  const parent = new AbortController();
  const deadline = deadlineSignal(clock, 50, parent.signal);
  deadline[Symbol.dispose]();
  parent.abort();
  deepEqual([deadline.signal.aborted, clock.timersPending], [false, 0]);
});
