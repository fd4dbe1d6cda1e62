import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type BurstOrder, burstAddress, planBurst } from "./burst-plan.ts";

const ORDER: BurstOrder = {
  messages: 500,
  chats: 7,
  ratePerSecond: 100,
  joinDelay: { minMs: 2, maxMs: 5 },
  seed: 42n,
  prefix: "burst",
};

describe("planBurst()", () => {
  test("is a pure function of the order", () => {
    assert.deepEqual([...planBurst(ORDER)], [...planBurst(ORDER)]);
    assert.notDeepEqual([...planBurst(ORDER)], [...planBurst({ ...ORDER, seed: 43n })]);
  });

  test("numbers the texts from 1 behind the prefix, and each has more to say", () => {
    const numbers = [...planBurst(ORDER)].map(({ text }) => Number(/^burst (\d+) \S/.exec(text)?.[1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
    assert.match([...planBurst({ ...ORDER, messages: 1, prefix: "" })][0]?.text ?? "", /^1 \S/);
  });

  test("uses every chat, stays within the waits and keeps the rate on average", () => {
    const plan = [...planBurst(ORDER)];
    const used = new Set(plan.map(({ from }) => from));
    assert.deepEqual(
      [...used].sort(),
      Array.from({ length: 7 }, (_, index) => burstAddress(index)),
    );
    assert.ok(plan.every(({ joinDelayMs }) => joinDelayMs >= 2 && joinDelayMs <= 5));
    const dues = plan.map(({ dueMs }) => dueMs);
    assert.deepEqual(
      dues,
      dues.toSorted((a, b) => a - b),
    );
    const lastMs = dues.at(-1) ?? 0;
    assert.ok(lastMs > 4_500 && lastMs < 5_500, `500 messages at 100/s take about 5 s, planned ${lastMs} ms`);
  });

  test("is due at once where no rate is asked for", () => {
    assert.ok([...planBurst({ ...ORDER, ratePerSecond: 0 })].every(({ dueMs }) => dueMs === 0));
  });

  test("makes the messages one by one", () => {
    const plan = planBurst({ ...ORDER, messages: 1_000_000 });
    assert.equal(plan.next().value?.dueMs, 0);
  });
});
