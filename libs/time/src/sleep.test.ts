import { deepEqual, equal, rejects } from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { sleepOn } from "./sleep.ts";

test("sleepOn() leaves neither timer nor listener, slept or aborted", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const slept = sleepOn(clock, 10, controller.signal);
  const aborted = sleepOn(clock, 99, controller.signal);
  await clock.advance(10);
  await slept;
  equal(getEventListeners(controller.signal, "abort").length, 1);
  controller.abort("stopped");
  await rejects(aborted, (reason) => reason === "stopped");
  deepEqual([clock.timersPending, getEventListeners(controller.signal, "abort").length], [0, 0]);
});
