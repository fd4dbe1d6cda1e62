import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { Health } from "./health.ts";

test("health is not ready while no check is registered, and after the last one left", async () => {
  const health = new Health(new FakeClock());
  deepEqual(await health.report(), { isReady: false, checks: {} });
  const check = health.register("journal", () => ({ kind: "ready" }));
  deepEqual(await health.report(), { isReady: true, checks: { journal: "ready" } });
  check[Symbol.dispose]();
  deepEqual(await health.report(), { isReady: false, checks: {} });
});

test("one check that is not ready, throws or does not answer makes the whole not ready, each with its reason", async () => {
  const clock = new FakeClock();
  const health = new Health(clock);
  health.register("journal", async () => ({ kind: "ready" }));
  health.register("broker", () => ({ kind: "not-ready", reason: "no connection" }));
  health.register("chat-db", () => {
    throw new TypeError("quoting a private path");
  });
  health.register("stuck", () => new Promise(() => {}));
  const asking = health.report();
  await clock.advance(800);
  deepEqual(await asking, {
    isReady: false,
    checks: {
      journal: "ready",
      broker: "no connection",
      "chat-db": "TypeError",
      stuck: "no answer in 800 ms",
    },
  });
  deepEqual(clock.timersPending, 0);
});

test("two checks of one name are our bug", () => {
  const health = new Health(new FakeClock());
  health.register("journal", () => ({ kind: "ready" }));
  throws(() => health.register("journal", () => ({ kind: "ready" })), { name: "AssertionError" });
});
