import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { TailBuffer } from "./tail-buffer.ts";

function filled(): TailBuffer<string> {
  const buffer = new TailBuffer<string>({ itemsMax: 3, bytesMax: 100 }, 10n);
  for (const [index, item] of ["a", "b", "c", "d"].entries()) buffer.push(10n + BigInt(index), item, 10);
  return buffer;
}

test("push() evicts the oldest at the bound in items, and a reader behind it is told so", () => {
  const buffer = filled();
  deepEqual([buffer.size, buffer.bytes, buffer.firstSequence, buffer.nextSequence], [3, 30, 11n, 14n]);
  equal(buffer.read(10n, 9, 100), "evicted");
  deepEqual(buffer.read(11n, 9, 100), ["b", "c", "d"]);
});

test("push() evicts at the bound in bytes, and an item larger than it evicts everything", () => {
  const buffer = new TailBuffer<string>({ itemsMax: 9, bytesMax: 25 }, 1n);
  buffer.push(1n, "a", 10);
  buffer.push(2n, "b", 10);
  buffer.push(3n, "c", 10);
  deepEqual(buffer.read(2n, 9, 100), ["b", "c"]);
  buffer.push(4n, "huge", 26);
  deepEqual(
    [buffer.size, buffer.bytes, buffer.read(4n, 9, 100), buffer.read(5n, 9, 100)],
    [0, 0, "evicted", []],
  );
});

test("push() refuses a sequence gap and a repetition (I5)", () => {
  const buffer = filled();
  throws(() => buffer.push(15n, "f", 1), { name: "AssertionError" });
  throws(() => buffer.push(13n, "d", 1), { name: "AssertionError" });
});

test("read() returns nothing for what was not pushed yet, even far ahead", () => {
  const buffer = filled();
  deepEqual([buffer.read(14n, 9, 100), buffer.read(99n, 9, 100)], [[], []]);
  const empty = new TailBuffer<string>({ itemsMax: 1, bytesMax: 1 }, 7n);
  deepEqual([empty.read(7n, 1, 1), empty.read(6n, 1, 1)], [[], "evicted"]);
});

test("read() keeps to its own bounds but returns at least one item", () => {
  const buffer = filled();
  deepEqual(buffer.read(11n, 2, 100), ["b", "c"]);
  deepEqual(buffer.read(11n, 9, 20), ["b", "c"]);
  deepEqual(buffer.read(11n, 9, 19), ["b"]);
  deepEqual(buffer.read(11n, 9, 0), ["b"]);
});

test("any pushes and reads: a read is a slice of the newest items, and the bounds hold (I8)", () => {
  const random = SeededRandom.fromEnvironment("tail-buffer");
  for (let run = 0; run < 150; run += 1) {
    const bounds = { itemsMax: random.integer(1, 50), bytesMax: random.integer(1, 500) };
    const start = BigInt(random.integer(1, 1000));
    const buffer = new TailBuffer<bigint>(bounds, start);
    const sizes: number[] = [];
    for (let step = 0; step < 200; step += 1) {
      sizes.push(random.integer(0, 40));
      buffer.push(start + BigInt(step), start + BigInt(step), sizes[step] ?? 0);
      equal(buffer.size <= bounds.itemsMax && buffer.bytes <= bounds.bytesMax, true);
      const from = start + BigInt(random.integer(0, step + 1));
      const items = buffer.read(from, random.integer(1, 20), random.integer(0, 200));
      if (items === "evicted") {
        // Evicted only if keeping it would have broken a bound.
        const kept = sizes.slice(Number(from - start));
        const bytes = kept.reduce((sum, size) => sum + size, 0);
        equal(kept.length > bounds.itemsMax || bytes > bounds.bytesMax, true);
      } else {
        deepEqual(
          items,
          Array.from(items, (_, index) => from + BigInt(index)),
        );
        equal(items.length > 0, from < buffer.nextSequence);
      }
    }
  }
});
