import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as buckets from "./buckets.ts";

test("every bucket list rises from above zero", () => {
  const lists = Object.entries(buckets);
  equal(lists.length, 6);
  for (const [name, bounds] of lists) {
    deepEqual(
      [...new Set(bounds)].sort((left, right) => left - right),
      bounds,
      name,
    );
    ok((bounds[0] ?? 0) > 0, name);
  }
});

test("token buckets are the powers of 4 up to 67 108 864", () => {
  deepEqual([buckets.GEN_AI_TOKENS_BUCKETS[0], buckets.GEN_AI_TOKENS_BUCKETS.at(-1)], [1, 67_108_864]);
});

test("RPC and hop durations can tell half a millisecond from one", () => {
  for (const bounds of [buckets.RPC_SECONDS_BUCKETS, buckets.HOP_SECONDS_BUCKETS]) {
    deepEqual(bounds.slice(0, 5), [0.0005, 0.001, 0.0025, 0.005, 0.01]);
  }
});
