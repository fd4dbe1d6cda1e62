import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { PrefixTracker } from "./prefix-tracker.ts";

test("prefix covers only what is finished with everything before it (I6)", () => {
  const tracker = new PrefixTracker(3n);
  for (const sequence of [4n, 7n, 9n]) tracker.begin(sequence);
  const steps = [9n, 4n, 7n].map((sequence) => [tracker.finish(sequence), tracker.prefix, tracker.pending]);
  deepEqual(steps, [
    [false, 3n, 3],
    [true, 4n, 2],
    [true, 9n, 0],
  ]);
});

test("prefix is the initial cursor until something is finished", () => {
  equal(new PrefixTracker(0n).prefix, 0n);
  const tracker = new PrefixTracker(41n);
  tracker.begin(42n);
  equal(tracker.prefix, 41n);
});

test("begin() refuses a sequence that does not rise, the initial one included", () => {
  const tracker = new PrefixTracker(5n);
  throws(() => tracker.begin(5n), { name: "AssertionError" });
  tracker.begin(8n);
  throws(() => tracker.begin(8n), { name: "AssertionError" });
  throws(() => tracker.begin(7n), { name: "AssertionError" });
});

test("finish() refuses a sequence that was not begun, or twice", () => {
  const tracker = new PrefixTracker(0n);
  tracker.begin(1n);
  tracker.begin(2n);
  throws(() => tracker.finish(3n), { name: "AssertionError" });
  tracker.finish(2n);
  throws(() => tracker.finish(2n), { name: "AssertionError" });
  tracker.finish(1n);
  throws(() => tracker.finish(1n), { name: "AssertionError" });
});

test("any interleaving: the prefix is what a scan of all begun sequences says, and never falls (I6)", () => {
  const random = SeededRandom.fromEnvironment("prefix-tracker");
  for (let run = 0; run < 200; run += 1) {
    const initial = BigInt(random.integer(0, 1_000_000));
    const tracker = new PrefixTracker(initial);
    const begun: { sequence: bigint; isFinished: boolean }[] = [];
    let last = initial;
    for (let step = 0; step < 200; step += 1) {
      const open = begun.filter((entry) => !entry.isFinished);
      const before = tracker.prefix;
      if (open.length === 0 || random.chance(0.5)) {
        last += BigInt(random.integer(1, 3));
        tracker.begin(last);
        begun.push({ sequence: last, isFinished: false });
      } else {
        const entry = random.pick(open);
        entry.isFinished = true;
        equal(tracker.finish(entry.sequence), tracker.prefix !== before);
      }
      const firstOpen = begun.findIndex((entry) => !entry.isFinished);
      const covered = firstOpen === -1 ? begun : begun.slice(0, firstOpen);
      equal(tracker.prefix, covered.at(-1)?.sequence ?? initial);
      equal(tracker.pending, begun.length - covered.length);
    }
  }
});
