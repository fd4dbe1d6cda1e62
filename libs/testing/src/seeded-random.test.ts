import { deepEqual, match, notDeepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "./seeded-random.ts";

function draws(seed: number): number[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: 5 }, () => random.integer(0, 999_999));
}

test("the same seed gives the same numbers on every machine", () => {
  deepEqual(draws(42), [230575, 293271, 866074, 891166, 902403]);
  deepEqual(draws(0), [526236, 890562, 865879, 30504, 226677]);
});

test("neighbouring seeds have nothing in common", () => {
  for (let seed = 0; seed < 50; seed += 1) notDeepEqual(draws(seed), draws(seed + 1));
});

test("next() is spread evenly over [0, 1)", () => {
  const random = new SeededRandom(7);
  const tenths = new Array<number>(10).fill(0);
  for (let round = 0; round < 10_000; round += 1) {
    const number = random.next();
    ok(number >= 0 && number < 1);
    const tenth = Math.floor(number * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  ok(
    tenths.every((count) => count > 850 && count < 1150),
    String(tenths),
  );
});

test("uuid(), integer(), pick() and shuffle() keep to their forms", () => {
  const random = SeededRandom.fromEnvironment("seeded-random");
  for (let round = 0; round < 200; round += 1) {
    match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const number = random.integer(-2, 2);
    ok(Number.isInteger(number) && number >= -2 && number <= 2);
    ok(["a", "b"].includes(random.pick(["a", "b"])));
    deepEqual(random.shuffle([3, 1, 2]).sort(), [1, 2, 3]);
  }
});

test("a seed that is no 32-bit integer is refused", () => {
  for (const seed of [-1, 1.5, 2 ** 32, Number.NaN]) {
    throws(() => new SeededRandom(seed), { name: "AssertionError" });
  }
});
