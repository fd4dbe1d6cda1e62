import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import {
  CHECKPOINT_FRAMES,
  GAP_MS_MAX,
  nextReadGap,
  READING,
  type ReadGap,
  WAIT_MS_MAX,
} from "./read-gap.ts";

const LONG = CHECKPOINT_FRAMES + 1;

function next(state: ReadGap, nowMs: number, frames: number, isPageOut = false): ReadGap {
  return nextReadGap(state, { nowMs, isPageOut, frames: () => frames });
}

describe("nextReadGap()", () => {
  test("lets everybody read while the log is short, and looks at it every other millisecond", () => {
    const state = next(READING, 0, 10);
    assert.equal(state.kind, "reading");
    const frames = () => assert.fail("looked too soon");
    assert.equal(nextReadGap(state, { nowMs: 1.9, isPageOut: false, frames }), state);
  });

  test("begins no page on a long log, and lets the tail read on beside a writer that takes its time", () => {
    let state = next(READING, 0, LONG, true);
    assert.equal(state.kind, "waiting");
    for (let nowMs = 1; nowMs < WAIT_MS_MAX; nowMs += 1) {
      // A commit each 10 ms.
      state = next(state, nowMs, LONG + 6 * Math.floor(nowMs / 10), nowMs < 15);
      assert.equal(state.kind, "waiting");
    }
    assert.equal(next(state, WAIT_MS_MAX, LONG + 60).kind, "reading");
    assert.equal(next(state, WAIT_MS_MAX - 1, 6).kind, "reading");
  });

  test("begins no page that could be out when a busy writer's log becomes long; then nobody reads", () => {
    let state = READING;
    const kinds: string[] = [];
    // 20 frames a millisecond: long after 50 ms; a page is out until 56.
    for (let nowMs = 0; nowMs < 60; nowMs += 2) {
      state = next(state, nowMs, nowMs * 20, nowMs < 56);
      kinds.push(state.kind);
    }
    assert.deepEqual([...new Set(kinds)], ["reading", "waiting", "gap"]);
    assert.deepEqual([kinds.indexOf("waiting") * 2, kinds.indexOf("gap") * 2], [42, 56]);
  });

  test("does not wait for ever for what it saw coming", () => {
    let state = next(next(READING, 0, 0), 2, 960);
    assert.equal(state.kind, "waiting");
    let waitedMs = 0;
    for (let nowMs = 3; nowMs < 1_000; nowMs += 1) {
      state = next(state, nowMs, 960);
      if (state.kind === "waiting") waitedMs += 1;
    }
    assert(waitedMs <= WAIT_MS_MAX, `${waitedMs} ms`);
    assert.equal(state.kind, "reading");
  });

  test("ends a gap as soon as the log is started over, else at its bound", () => {
    const gap = next(next(next(READING, 0, 0), 2, 960), 4, LONG);
    assert.equal(gap.kind, "gap");
    assert.equal(next(gap, 4 + GAP_MS_MAX - 1, LONG + 6), gap);
    assert.deepEqual(next(gap, 5, 6), {
      kind: "reading",
      lookAtMs: 5,
      since: { frames: 6, atMs: 5 },
      triedFrames: 6,
    });
    const after = next(gap, 4 + GAP_MS_MAX, LONG + 6);
    assert.deepEqual([after.kind, after.kind === "reading" && after.lookAtMs], ["reading", 2 + 2 * 42]);
  });

  test("makes one pause for a log that is long and is not written to", () => {
    let state = READING;
    let pauses = 0;
    for (let nowMs = 0; nowMs < 2_000; nowMs += 1) {
      const after = next(state, nowMs, LONG);
      if (after.kind !== "reading" && state.kind === "reading") pauses += 1;
      assert.notEqual(after.kind, "gap");
      state = after;
    }
    assert.equal(pauses, 1);
  });

  test("whatever happens: no gap with a page out, on a short log, or beyond its bound; readers have half of the time", () => {
    const random = SeededRandom.fromEnvironment("read gap");
    for (let trial = 0; trial < 200; trial += 1) {
      let state = READING;
      let [nowMs, lostMs, frames] = [0, 0, 0];
      const framesPerMs = random.pick([0, 1, 5, 50]);
      for (let step = 0; step < 500; step += 1) {
        // At most a millisecond between two looks, as the timer of a gap has it.
        const elapsedMs = random.integer(1, 8) / 8;
        nowMs += elapsedMs;
        frames = random.chance(0.02) ? 0 : frames + random.integer(0, 2 * framesPerMs);
        const isPageOut = state.kind === "reading" && random.chance(0.3);
        const after = next(state, nowMs, frames, isPageOut);
        const why = `seed ${random.seed}, trial ${trial}, step ${step}: ${state.kind} to ${after.kind}`;
        const isBegun = after.kind === "gap" && state.kind !== "gap";
        if (isBegun) assert(frames >= CHECKPOINT_FRAMES && !isPageOut, why);
        if (after.kind === "gap") assert(nowMs < after.gapSinceMs + GAP_MS_MAX, why);
        if (state.kind !== "reading") lostMs += elapsedMs;
        state = after;
      }
      const boundMs = nowMs / 2 + WAIT_MS_MAX + GAP_MS_MAX + 1;
      assert(lostMs <= boundMs, `seed ${random.seed}, trial ${trial}: ${lostMs} of ${nowMs} ms`);
    }
  });
});
