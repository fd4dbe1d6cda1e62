import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { BoundedQueue } from "./bounded-queue.ts";

test("offer() refuses at the bound in items and leaves the queue as it was", () => {
  const queue = new BoundedQueue<string>({ itemsMax: 2, bytesMax: 100 });
  deepEqual([queue.offer("a", 1), queue.offer("b", 1), queue.offer("c", 1)], [true, true, false]);
  deepEqual([queue.size, queue.bytes, queue.take(), queue.take(), queue.take()], [2, 2, "a", "b", undefined]);
});

test("offer() refuses at the bound in bytes, fills it exactly, and has room again after take()", () => {
  const queue = new BoundedQueue<string>({ itemsMax: 10, bytesMax: 100 });
  deepEqual([queue.offer("a", 60), queue.offer("b", 41), queue.offer("b", 40)], [true, false, true]);
  equal(queue.take(), "a");
  deepEqual([queue.bytes, queue.offer("c", 61), queue.offer("c", 60)], [40, false, true]);
});

test("offer() refuses an item larger than bytesMax even when empty", () => {
  equal(new BoundedQueue<string>({ itemsMax: 1, bytesMax: 10 }).offer("a", 11), false);
});

test("a queue without a usable bound, or an item without a size, is our bug", () => {
  for (const bounds of [
    { itemsMax: 0, bytesMax: 1 },
    { itemsMax: 1, bytesMax: Number.POSITIVE_INFINITY },
    { itemsMax: 1.5, bytesMax: 1 },
  ]) {
    throws(() => new BoundedQueue(bounds), { name: "AssertionError" });
  }
  const queue = new BoundedQueue<string>({ itemsMax: 1, bytesMax: 1 });
  for (const bytes of [-1, 0.5, Number.NaN])
    throws(() => queue.offer("a", bytes), { name: "AssertionError" });
});

test("any offers and takes: first in first out, and never above a bound (I8)", () => {
  const random = SeededRandom.fromEnvironment("bounded-queue");
  for (let run = 0; run < 200; run += 1) {
    const bounds = { itemsMax: random.integer(1, 40), bytesMax: random.integer(1, 400) };
    const queue = new BoundedQueue<{ id: number; bytes: number }>(bounds);
    const model: { id: number; bytes: number }[] = [];
    for (let id = 0; id < 300; id += 1) {
      if (random.chance(0.55)) {
        const item = { id, bytes: random.integer(0, 50) };
        const held = model.reduce((sum, { bytes }) => sum + bytes, 0);
        const fits = model.length < bounds.itemsMax && held + item.bytes <= bounds.bytesMax;
        equal(queue.offer(item, item.bytes), fits);
        if (fits) model.push(item);
      } else {
        deepEqual(queue.take(), model.shift());
      }
      const bytes = model.reduce((sum, item) => sum + item.bytes, 0);
      deepEqual([queue.size, queue.bytes], [model.length, bytes]);
    }
  }
});
