import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { GAP_MS, GAP_MS_MAX, type LogLook, nextReadGap, READING, type ReadGap } from "./read-gap.ts";

const SHORT: LogLook = { isLong: false, mark: 0n };

function long(mark: bigint): LogLook {
  return { isLong: true, mark };
}

function next(state: ReadGap, nowMs: number, look: LogLook, isPageOut = false): ReadGap {
  return nextReadGap(state, { nowMs, isPageOut, look: () => look });
}

describe("nextReadGap()", () => {
  test("lets everybody read while the log is short, and looks at it every other millisecond", () => {
    const state = next(READING, 0, SHORT);
    assert.equal(state.kind, "reading");
    const look = () => assert.fail("looked too soon");
    assert.equal(nextReadGap(state, { nowMs: 1.9, isPageOut: false, look }), state);
  });

  test("waits for the page that is out, then begins the gap", () => {
    const asked = next(READING, 0, long(1n), true);
    assert.deepEqual(asked, { kind: "asked", gapMs: GAP_MS });
    assert.equal(next(asked, 15, long(2n), true), asked);
    assert.deepEqual(next(asked, 16, long(3n)), { kind: "gap", gapMs: GAP_MS, sinceMs: 16, mark: 3n });
  });

  test("ends a gap as soon as the log is started over", () => {
    const gap = next(READING, 0, long(1n));
    assert.equal(next(gap, GAP_MS - 1, long(2n)), gap);
    assert.equal(next(gap, 1, SHORT).kind, "reading");
  });

  test("makes the next gap longer when the writer wrote in one that was too short, up to a bound", () => {
    let state = READING;
    const lengths: number[] = [];
    for (let nowMs = 0, mark = 0n; lengths.length < 5; nowMs += 1, mark += 1n) {
      const after = next(state, nowMs, long(mark));
      if (state.kind === "gap" && after.kind === "reading") lengths.push(state.gapMs);
      state = after;
    }
    assert.deepEqual(lengths, [10, 20, 40, GAP_MS_MAX, GAP_MS_MAX]);
    assert.deepEqual(next(state, 10_000, SHORT).gapMs, GAP_MS);
  });

  test("makes no gap for a log that is long and is not written to", () => {
    let state = READING;
    let gaps = 0;
    for (let nowMs = 0; nowMs < 1_000; nowMs += 1) {
      const after = next(state, nowMs, long(7n));
      if (after.kind === "gap" && state.kind !== "gap") gaps += 1;
      state = after;
    }
    assert.equal(gaps, 1);
  });

  test("whatever happens: no gap with a page out, on a short log, or beyond its bound; readers have half of the time", () => {
    const seed = Number(process.env.SEED ?? 1);
    const random = new SeededRandom(seed);
    for (let trial = 0; trial < 100; trial += 1) {
      let state = READING;
      let [nowMs, gapMs, mark] = [0, 0, 0n];
      for (let step = 0; step < 300; step += 1) {
        // At most a millisecond between two looks, as the timer of a gap has it.
        const elapsedMs = random.integer(1, 10) / 10;
        nowMs += elapsedMs;
        if (random.chance(0.5)) mark += 1n;
        const look = random.chance(0.05) ? SHORT : long(mark);
        const isPageOut = state.kind !== "gap" && random.chance(0.3);
        const after = next(state, nowMs, look, isPageOut);
        const isBegun = after.kind === "gap" && state.kind !== "gap";
        const why = `seed ${seed}, trial ${trial}, step ${step}: ${state.kind} to ${after.kind}`;
        if (isBegun) assert(look.isLong && !isPageOut, why);
        if (after.kind === "gap")
          assert(nowMs < after.sinceMs + after.gapMs && after.gapMs <= GAP_MS_MAX, why);
        if (after.kind !== "reading") assert(look.isLong || (after.kind === "asked" && isPageOut), why);
        if (state.kind === "gap") gapMs += elapsedMs;
        state = after;
      }
      assert(gapMs <= nowMs / 2 + GAP_MS_MAX + 1, `seed ${seed}, trial ${trial}: ${gapMs} of ${nowMs} ms`);
    }
  });
});
