import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@imesh/testing";
import { GAP_MS } from "./read-gap.ts";
import { ReadGaps } from "./read-gaps.ts";

function stage() {
  const clock = new FakeClock();
  const log = { isLong: false, mark: 0n, looks: 0, isPageOut: false, ends: 0 };
  const gaps = new ReadGaps({
    clock,
    isPageOut: () => log.isPageOut,
    look: () => {
      log.looks += 1;
      return { isLong: log.isLong, mark: log.mark };
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

test("a gap holds both threads, and ends by itself", async () => {
  const { clock, log, gaps } = stage();
  log.isLong = true;
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), log.ends], [false, false, 0]);
  await clock.advance(GAP_MS - 1);
  assert.deepEqual([gaps.mayRead(), log.ends], [false, 0]);
  await clock.advance(1);
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage(), log.ends, gaps.gaps], [true, true, 1, 1]);
  assert.equal(clock.timersPending, 0);
});

test("while a page is out the tail goes on and no other page begins; the gap comes when it has ended", async () => {
  const { clock, log, gaps } = stage();
  log.isLong = true;
  log.isPageOut = true;
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage()], [true, false]);
  await clock.advance(5);
  assert.equal(gaps.mayRead(), true);
  log.isPageOut = false;
  await clock.advance(1);
  assert.deepEqual([gaps.mayRead(), gaps.mayBeginPage()], [false, false]);
});

test("a log that is started over ends the gap within a millisecond, and whoever waited is called", async () => {
  const { clock, log, gaps } = stage();
  log.isLong = true;
  gaps.mayRead();
  log.isLong = false;
  await clock.advance(1);
  assert.deepEqual([gaps.mayRead(), log.ends], [true, 1]);
});

test("after disposal nothing is pending", () => {
  const { clock, log, gaps } = stage();
  log.isLong = true;
  gaps.mayRead();
  gaps[Symbol.dispose]();
  assert.equal(clock.timersPending, 0);
});
