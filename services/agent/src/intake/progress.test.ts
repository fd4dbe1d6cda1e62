import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionError } from "@imesh/flow";
import { FakeClock } from "@imesh/testing";
import type { Cursor } from "../store/journal-table.ts";
import type { WrittenEvent } from "../store/transcript-table.ts";
import { JOURNAL } from "../testing/arrivals.ts";
import { type CursorStore, Progress } from "./progress.ts";

const OTHER_JOURNAL = "22222222-2222-4222-8222-222222222222";

function storeOf(cursor: Cursor | null, written: WrittenEvent[] = []): CursorStore & { saved: Cursor[] } {
  const saved: Cursor[] = [];
  return {
    saved,
    cursor: () => cursor,
    beginJournal: (begun) => saved.push(begun),
    moveCursor: (moved) => saved.push(moved),
    writtenAfter: () => written,
  };
}

const at = (finishedSequence: bigint, journalId = JOURNAL): Cursor => ({ journalId, finishedSequence });

test("finish() moves the cursor over the finished prefix only (I6)", () => {
  using progress = new Progress(storeOf(at(4n)), new FakeClock());
  for (const sequence of [5n, 6n, 7n]) assert.equal(progress.begin(sequence), "new");
  assert.equal(progress.finish(JOURNAL, [6n]), null);
  assert.deepEqual(progress.finish(JOURNAL, [5n]), at(6n));
  assert.deepEqual(progress.position, { journalId: JOURNAL, sequence: 7n });
});

test("pass() lets the cursor be stored a little later, once for many", async () => {
  const clock = new FakeClock();
  const store = storeOf(at(0n));
  using progress = new Progress(store, clock);
  for (const sequence of [1n, 2n, 3n]) {
    progress.begin(sequence);
    progress.pass(sequence);
  }
  assert.deepEqual(store.saved, []);
  await clock.advance(1_000);
  assert.deepEqual([store.saved, clock.timersPending], [[at(3n)], 0]);
});

test("disposing stores where it is", () => {
  const clock = new FakeClock();
  const store = storeOf(at(0n));
  {
    using progress = new Progress(store, clock);
    progress.begin(1n);
    progress.pass(1n);
  }
  assert.deepEqual([store.saved, clock.timersPending], [[at(1n)], 0]);
});

test("begin() knows what was written down before a stop", () => {
  const written: WrittenEvent[] = [
    { sequence: 3n, turnState: "replied" },
    { sequence: 4n, turnState: "thinking" },
    { sequence: 6n, turnState: null },
  ];
  using progress = new Progress(storeOf(at(2n), written), new FakeClock());
  const kinds = [3n, 4n, 5n, 6n].map((sequence) => progress.begin(sequence));
  assert.deepEqual(kinds, ["written", "written", "new", "written"]);
  assert.deepEqual(progress.cursor, at(3n));
  assert.equal(progress.finish(JOURNAL, [5n]), null);
  assert.deepEqual(progress.finish(JOURNAL, [4n]), at(6n));
});

test("finish() may come before the events of a recovered turn come again", () => {
  const written: WrittenEvent[] = [
    { sequence: 3n, turnState: "replying" },
    { sequence: 4n, turnState: "replying" },
  ];
  using progress = new Progress(storeOf(at(2n), written), new FakeClock());
  assert.equal(progress.begin(3n), "written");
  assert.deepEqual(progress.finish(JOURNAL, [3n, 4n]), at(3n));
  assert.equal(progress.begin(4n), "written");
  assert.deepEqual(progress.cursor, at(4n));
});

test("beginJournal() goes on elsewhere; what finishes late of the journal before moves nothing", () => {
  const store = storeOf(at(2n));
  using progress = new Progress(store, new FakeClock());
  progress.begin(3n);
  progress.beginJournal(at(40n, OTHER_JOURNAL));
  assert.equal(progress.finish(JOURNAL, [3n]), null);
  assert.deepEqual(progress.position, { journalId: OTHER_JOURNAL, sequence: 40n });
  assert.deepEqual(store.saved, [at(2n), at(40n, OTHER_JOURNAL)]);
});

test("begin() refuses a gap, and events before a journal", () => {
  using progress = new Progress(storeOf(at(4n)), new FakeClock());
  assert.throws(() => progress.begin(6n), AssertionError);
  assert.throws(() => progress.begin(4n), AssertionError);
  using fresh = new Progress(storeOf(null), new FakeClock());
  assert.throws(() => fresh.begin(1n), AssertionError);
  assert.deepEqual([fresh.position, fresh.cursor], [null, null]);
});

test("waitForRoom() waits while too much is begun and not covered (I8)", async () => {
  using progress = new Progress(storeOf(at(0n)), new FakeClock());
  const never = new AbortController().signal;
  for (let sequence = 1n; sequence <= 50_000n; sequence += 1n) {
    await progress.waitForRoom(never);
    progress.begin(sequence);
    if (sequence > 1n) progress.pass(sequence);
  }
  let hasRoom = false;
  const waiting = progress.waitForRoom(never).then(() => {
    hasRoom = true;
  });
  await Promise.resolve();
  assert.equal(hasRoom, false);
  progress.finish(JOURNAL, [1n]);
  await waiting;
  assert.deepEqual(progress.cursor, at(50_000n));
});
