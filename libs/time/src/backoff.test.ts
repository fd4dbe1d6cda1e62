import { deepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { backoffDelayMs } from "./backoff.ts";
import { SystemRandom } from "./random.ts";

const ALMOST_ONE = { next: () => 1 - Number.EPSILON, uuid: () => "" };

test("backoffDelayMs() doubles its ceiling up to the maximum, however many attempts", () => {
  const ceilings = [0, 1, 2, 3, 4, 40, 5000].map((attempt) =>
    Math.round(backoffDelayMs(attempt, { baseMs: 100, maxMs: 1000 }, ALMOST_ONE)),
  );
  deepEqual(ceilings, [100, 200, 400, 800, 1000, 1000, 1000]);
});

test("backoffDelayMs() spreads over the whole range below its ceiling", () => {
  const random = SeededRandom.fromEnvironment("backoff");
  const delays = Array.from({ length: 2000 }, () => backoffDelayMs(2, { baseMs: 10, maxMs: 1000 }, random));
  ok(delays.every((delayMs) => delayMs >= 0 && delayMs < 40));
  const quarters = [0, 1, 2, 3].map(
    (quarter) => delays.filter((ms) => Math.floor(ms / 10) === quarter).length,
  );
  ok(
    quarters.every((count) => count > 350 && count < 650),
    String(quarters),
  );
});

test("backoffDelayMs() refuses a shape that cannot work", () => {
  const random = new SystemRandom();
  throws(() => backoffDelayMs(-1, { baseMs: 1, maxMs: 1 }, random), { name: "AssertionError" });
  throws(() => backoffDelayMs(0, { baseMs: 0, maxMs: 1 }, random), { name: "AssertionError" });
  throws(() => backoffDelayMs(0, { baseMs: 2, maxMs: 1 }, random), { name: "AssertionError" });
});
