import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { appleTimeToUnixNs, unixNsToAppleTime } from "./apple-time.ts";

const NS = 1_000_000_000n;

function unixNs(iso: string): bigint {
  return BigInt(Date.parse(iso)) * 1_000_000n;
}

test("appleTimeToUnixNs() reads nanoseconds without rounding", () => {
  assert.equal(appleTimeToUnixNs(657_208_635_075_000_001n), 1_635_515_835_075_000_001n);
  assert.equal(appleTimeToUnixNs(657_208_635_075_000_001n), unixNs("2021-10-29T13:57:15.075Z") + 1n);
});

test("appleTimeToUnixNs() reads the seconds of macOS 10.12 and before", () => {
  assert.equal(appleTimeToUnixNs(400_000_000n), unixNs("2013-09-04T15:06:40Z"));
  assert.equal(appleTimeToUnixNs(1n), unixNs("2001-01-01T00:00:01Z"));
});

test("appleTimeToUnixNs() takes 10^12 for seconds and one more for nanoseconds", () => {
  assert.equal(appleTimeToUnixNs(1_000_000_000_000n), null); // the year 33689
  assert.equal(appleTimeToUnixNs(1_000_000_000_001n), unixNs("2001-01-01T00:16:40Z") + 1n);
});

test("appleTimeToUnixNs() has no date for NULL, 0, negative, INT64_MAX and beyond the year 2200", () => {
  const lastMoment = unixNs("2200-01-01T00:00:00Z");
  const lastValue = lastMoment - 978_307_200n * NS;
  assert.equal(appleTimeToUnixNs(lastValue), lastMoment);
  assert.equal(appleTimeToUnixNs(lastValue / NS), lastMoment);
  for (const value of [null, 0n, -1n, lastValue + 1n, lastValue / NS + 1n, 2n ** 63n - 1n]) {
    assert.equal(appleTimeToUnixNs(value), null, String(value));
  }
});

test("unixNsToAppleTime() is undone by appleTimeToUnixNs()", () => {
  const random = SeededRandom.fromEnvironment("unixNsToAppleTime");
  for (let round = 0; round < 1_000; round += 1) {
    const moment =
      BigInt(random.integer(978_309_000, 7_258_118_399)) * NS + BigInt(random.integer(0, 999_999_999));
    assert.equal(appleTimeToUnixNs(unixNsToAppleTime(moment)), moment);
  }
});

test("unixNsToAppleTime() refuses moments that would read as something else", () => {
  for (const moment of [0n, unixNs("2001-01-01T00:16:40Z"), unixNs("2200-01-01T00:00:00Z") + 1n]) {
    assert.throws(() => unixNsToAppleTime(moment), { name: "AssertionError" });
  }
});
