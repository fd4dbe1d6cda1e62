import assert from "node:assert/strict";
import { test } from "node:test";
import { appleToTimestamp, isTimestamp, toAppleNs, toDuration, toTimestamp } from "./wire-time.ts";

test("a moment keeps its nanoseconds, before 1970 too", () => {
  assert.deepEqual(toTimestamp(1_767_323_045_123_456_789n), { seconds: 1_767_323_045n, nanos: 123_456_789 });
  assert.deepEqual(toTimestamp(-1n), { seconds: -1n, nanos: 999_999_999 });
  assert.deepEqual(toTimestamp(-1_000_000_000n), { seconds: -1n, nanos: 0 });
});

test("a bound in time becomes a date column's value, cut at 64 bits", () => {
  assert.equal(toAppleNs({ seconds: 978_307_201n, nanos: 5 }), 1_000_000_005n);
  assert.equal(toAppleNs({ seconds: 978_307_199n, nanos: 0 }), -1_000_000_000n);
  assert.equal(toAppleNs({ seconds: 253_402_300_799n, nanos: 0 }), 2n ** 63n - 1n);
  assert.equal(toAppleNs({ seconds: -62_135_596_800n, nanos: 0 }), -(2n ** 63n));
});

test("a date column's value becomes a moment; none, and what is no date, becomes nothing", () => {
  assert.deepEqual(appleToTimestamp(700_000_000_000_000_001n), { seconds: 1_678_307_200n, nanos: 1 });
  for (const date of [0n, -5n, 2n ** 63n - 1n]) assert.equal(appleToTimestamp(date), undefined);
});

test("a timestamp is refused beyond the years 1 to 9999 and beyond a second's nanoseconds", () => {
  for (const [seconds, nanos, isOne] of [
    [0n, 0, true],
    [-62_135_596_800n, 999_999_999, true],
    [-62_135_596_801n, 0, false],
    [253_402_300_800n, 0, false],
    [0n, -1, false],
    [0n, 1_000_000_000, false],
  ] as const) {
    assert.equal(isTimestamp({ seconds, nanos }), isOne, `${seconds} ${nanos}`);
  }
});

test("a length of time keeps its microseconds", () => {
  assert.deepEqual(toDuration(12_345.678), { seconds: 12n, nanos: 345_678_000 });
});
