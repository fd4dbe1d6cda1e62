import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { CHECKPOINT_FRAMES, GAP_MS_MAX, WAIT_MS_MAX } from "./read-gap.ts";
import { ReadGaps } from "./read-gaps.ts";

function stage() {
  const clock = new FakeClock();
  const log = { frames: 0, looks: 0, isPageOut: false, ends: 0, endings: 0 };
  const gaps = new ReadGaps({
    clock,
    isPageOut: () => log.isPageOut,
    endPage: () => {
      log.endings += 1;
    },
    frames: () => {
      log.looks += 1;
      return log.frames;
    },
  });
  gaps.subscribe(() => {
    log.ends += 1;
  });
  return { clock, log, gaps };
}

test("a short log costs one look at most every other millisecond, and no timer", async () => {
  const { clock, log, gaps } = stage();
  for (let question = 0; question < 100; question += 1) assert(gaps.mayRead() && gaps.mayBeginPage());
  assert.deepEqual([log.looks, clock.timersPending], [1, 0]);
  await clock.advance(1_000);
  assert.equal(log.looks, 1);
});

test("on a long log no page begins, while the tail reads on; who waited is called when it ends", async () => {
  const { clock, log, gaps } = stage();
  log.frames = CHECKPOINT_FRAMES;
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), log.ends], [true, false, 0]);
  await clock.advance(WAIT_MS_MAX - 1);
  assert.deepEqual([gaps.mayBeginPage(), log.ends], [false, 0]);
  await clock.advance(1);
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), log.ends, gaps.gaps], [true, true, 1, 0]);
  assert.equal(clock.timersPending, 0);
});

test("from a busy writer both threads keep away, once no page is out", async () => {
  const { clock, log, gaps } = stage();
  log.isPageOut = true;
  assert.equal(gaps.mayBeginPage(), true);
  await clock.advance(10);
  log.frames = CHECKPOINT_FRAMES;
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), log.endings > 0], [true, false, true]);
  log.isPageOut = false;
  log.frames += 100;
  await clock.advance(1);
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), gaps.gaps], [false, false, 1]);
  await clock.advance(GAP_MS_MAX - 1);
  assert.equal(gaps.mayRead(), false);
  await clock.advance(1);
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), log.ends], [true, true, 1]);
});

test("a log that is started over ends a pause within a millisecond, and whoever waited is called", async () => {
  const { clock, log, gaps } = stage();
  log.frames = CHECKPOINT_FRAMES;
  gaps.mayBeginPage();
  log.frames = 6;
  await clock.advance(1);
  assert.deepEqual([gaps.mayBeginPage(), log.ends], [true, 1]);
});

test("after disposal nothing is pending", () => {
  const { clock, log, gaps } = stage();
  log.frames = CHECKPOINT_FRAMES;
  gaps.mayRead();
  gaps[Symbol.dispose]();
  assert.equal(clock.timersPending, 0);
});
