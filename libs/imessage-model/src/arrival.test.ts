import assert from "node:assert/strict";
import { test } from "node:test";
import { type ArrivalClass, type ArrivalFacts, classifyArrival } from "./arrival.ts";

const S = 1_000_000_000n;
const MIN = 60n * S;
const NOW = 1_790_000_000n * S;

function classOf(facts: Partial<ArrivalFacts>): ArrivalClass {
  return classifyArrival({
    sentAtUnixNs: NOW,
    detectedAtUnixNs: NOW,
    phase: "live",
    lastSeenUnixNs: NOW - 60n * MIN,
    liveAgeMaxNs: MIN,
    ...facts,
  });
}

test("classifyArrival() calls a message live up to the live age, in both phases and without a last time", () => {
  for (const phase of ["live", "catching-up"] as const) {
    for (const lastSeenUnixNs of [null, NOW - 60n * MIN]) {
      assert.equal(classOf({ phase, lastSeenUnixNs, sentAtUnixNs: NOW - MIN }), "live");
    }
  }
  assert.equal(classOf({ sentAtUnixNs: NOW - MIN - 1n }), "backfill");
  assert.equal(classOf({ sentAtUnixNs: NOW - MIN - 1n, phase: "catching-up" }), "catch-up");
});

test("classifyArrival() calls the future live", () => {
  assert.equal(classOf({ sentAtUnixNs: NOW + 3600n * S }), "live");
});

test("classifyArrival() takes another live age", () => {
  assert.equal(classOf({ sentAtUnixNs: NOW - 2n * S, liveAgeMaxNs: S }), "backfill");
  assert.equal(classOf({ sentAtUnixNs: NOW - 2n * MIN, liveAgeMaxNs: 2n * MIN }), "live");
});

test("classifyArrival() catches up from 5 minutes before we were last up", () => {
  const edge = NOW - 65n * MIN;
  assert.equal(classOf({ phase: "catching-up", sentAtUnixNs: edge }), "catch-up");
  assert.equal(classOf({ phase: "catching-up", sentAtUnixNs: edge - 1n }), "backfill");
  assert.equal(classOf({ phase: "live", sentAtUnixNs: NOW - 10n * MIN }), "backfill");
});

test("classifyArrival() calls everything old backfill on the first start", () => {
  assert.equal(
    classOf({ phase: "catching-up", lastSeenUnixNs: null, sentAtUnixNs: NOW - 2n * MIN }),
    "backfill",
  );
});

test("classifyArrival() calls a message without a date backfill", () => {
  assert.equal(classOf({ sentAtUnixNs: null }), "backfill");
  assert.equal(classOf({ sentAtUnixNs: null, phase: "catching-up" }), "backfill");
});
