import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "./seeded-random.ts";

const draws = (seed: bigint, purpose: string) => {
  const random = new SeededRandom(seed, purpose);
  return Array.from({ length: 5 }, () => random.next());
};

test("next() repeats for the same seed and purpose, and for no other", () => {
  assert.deepEqual(draws(1n, "a"), draws(1n, "a"));
  assert.notDeepEqual(draws(1n, "a"), draws(1n, "b"));
  assert.notDeepEqual(draws(1n, "a"), draws(2n, "a"));
});

test("next() spreads evenly over [0, 1)", () => {
  const random = new SeededRandom(3n, "spread");
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw += 1) {
    const bucket = Math.floor(random.next() * 10);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  // Five standard deviations of a fair tenth of 100,000 are about 475.
  assert.ok(
    counts.every((count) => Math.abs(count - 10_000) < 475),
    String(counts),
  );
});

test("uuid() has the form of version 4 and does not repeat", () => {
  const random = new SeededRandom(4n, "uuid");
  const uuids = Array.from({ length: 10_000 }, () => random.uuid());
  assert.ok(
    uuids.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
  );
  assert.equal(new Set(uuids).size, uuids.length);
});
