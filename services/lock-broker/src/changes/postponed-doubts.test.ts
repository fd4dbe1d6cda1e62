import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { ModelChatDb } from "./fixtures/model-chat-db.ts";
import { TestBroker } from "./fixtures/test-broker.ts";
import { PostponedDoubts } from "./postponed-doubts.ts";
import { NO_SCAN } from "./scan-plan.ts";

const HOUR_MS = 3_600_000;

/** A ledger that knows a message of ROWID `head` and the plan it owes. */
async function world(head: bigint) {
  const directory = await temporaryDirectory();
  const clock = new FakeClock();
  const db = new ModelChatDb();
  db.chat(1n);
  db.message(head, { chats: [1n] });
  const broker = TestBroker.settled(directory.path, db, clock);
  const { ledger } = broker;
  const tables = () => [
    ...new Set(ledger.store.scan.ranges.map(({ table, reason }) => `${table} ${reason}`)),
  ];
  return {
    ...{ clock, ledger, tables, doubts: new PostponedDoubts({ ledger, clock }) },
    [Symbol.asyncDispose]: async () => {
      broker[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("what can wait does so for an hour from the first on, and is planned once, together", async () => {
  await using w = await world(6_000n);
  const { doubts, clock } = w;
  assert.equal(doubts.dueInMs(), undefined);
  doubts.note(new Set(["joins", "emptied", "overflow"]));
  await clock.advance(HOUR_MS / 2);
  doubts.note(new Set(["memberships"]));
  assert.equal(doubts.dueInMs(), HOUR_MS / 2);
  assert.deepEqual([doubts.plan(), w.tables()], [[], []]);
  await clock.advance(HOUR_MS / 2);
  assert.equal(doubts.dueInMs(), 0);
  assert.deepEqual(doubts.plan(), ["joins", "memberships"]);
  assert.deepEqual(w.tables().sort(), ["attachment joins", "chat memberships", "message joins"]);
  assert.equal(doubts.dueInMs(), undefined);
});

test("the newest messages are looked through five seconds after the log was first cut off, once for all cuts until then", async () => {
  await using w = await world(6_000n);
  const { doubts, clock } = w;
  doubts.note(new Set(["cut"]));
  await clock.advance(4_000);
  doubts.note(new Set(["cut"]));
  assert.equal(doubts.dueInMs(), 1_000);
  await clock.advance(1_000);
  assert.deepEqual([doubts.plan(), w.tables()], [["cut"], ["message cut"]]);
  assert.equal(doubts.dueInMs(), undefined);
});

test("where few messages are known nothing waits", async () => {
  await using w = await world(5_000n);
  w.doubts.note(new Set(["joins", "memberships", "cut"]));
  assert.equal(w.doubts.dueInMs(), undefined);
});

test("a log that was cut off waits in the ledger, by the wall clock, and no longer when that is set back", async () => {
  await using w = await world(6_000n);
  const { doubts, clock, ledger } = w;
  const owe = () => {
    const cutUnixMs = Number(clock.wallUnixNs() / 1_000_000n);
    ledger.transaction(() => ledger.store.putScan({ ...NO_SCAN, cutUnixMs }));
  };
  owe();
  doubts.note(new Set(["joins"]));
  clock.stepWall(HOUR_MS - 1_000);
  assert.equal(doubts.dueInMs(), 1_000);
  clock.stepWall(1_000);
  assert.equal(doubts.dueInMs(), 0);
  // The other doubt goes by the time that passed, and waits on.
  assert.deepEqual(doubts.plan(), ["reset"]);
  assert.deepEqual(
    [w.tables().sort(), ledger.store.scan.cutUnixMs],
    [["attachment reset", "chat reset", "message reset"], undefined],
  );
  assert.equal(doubts.dueInMs(), HOUR_MS);
  owe();
  clock.stepWall(-60_000);
  assert.equal(doubts.dueInMs(), 0);
});

test("what could not be written waits on", async () => {
  await using w = await world(6_000n);
  const { doubts, clock, ledger } = w;
  doubts.note(new Set(["joins"]));
  await clock.advance(HOUR_MS);
  const { putScan } = ledger.store;
  ledger.store.putScan = () => assert.fail("no space");
  assert.throws(() => doubts.plan(), /no space/);
  ledger.store.putScan = putScan;
  assert.equal(doubts.dueInMs(), 0);
  assert.deepEqual(doubts.plan(), ["joins"]);
});
