import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import type { LogPlace } from "../capture/candidates.ts";
import { ModelChatDb, modelGuid } from "./fixtures/model-chat-db.ts";
import { candidates, SETTLE_MS, shown, TestBroker } from "./fixtures/test-broker.ts";

function place(frames: number, salt1 = 1): LogPlace {
  return { inode: 5n, salt1, salt2: 2, frames, checksum1: frames, checksum2: 4 };
}

/** A database with a chat and `count` messages in it. */
function database(count = 3): ModelChatDb {
  const db = new ModelChatDb();
  db.chat(1n);
  for (let rowid = 1n; rowid <= BigInt(count); rowid += 1n) db.message(rowid, { chats: [1n] });
  return db;
}

/** A broker over it whose baseline is done. */
async function started(db = database()) {
  const directory = await temporaryDirectory();
  const clock = new FakeClock();
  const broker = TestBroker.settled(directory.path, db, clock);
  return {
    db,
    clock,
    broker,
    directory,
    [Symbol.asyncDispose]: async () => {
      broker[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe("Recorder", () => {
  test("tells a change once, whatever is given again, and nothing for upkeep", async () => {
    await using run = await started();
    const { db, broker } = run;
    db.message(4n, { chats: [1n] });
    assert.deepEqual(broker.commit({ messages: [4n] }), ["message 4 new"]);
    assert.deepEqual(broker.commit({ messages: [4n, 3n, 2n, 1n], chats: [1n] }), []);
    Object.assign(db.messages.get(2n) ?? {}, { upkeep: 7 });
    assert.deepEqual(broker.commit({ messages: [2n] }), []);
    Object.assign(db.messages.get(2n) ?? {}, { read: 1, content: 2 });
    assert.deepEqual(broker.commit({ messages: [2n] }), ["message 2 content", "message 2 read"]);
  });

  test("asks chat.db nothing for a commit that touched nothing that is followed", async () => {
    await using run = await started();
    const { db, broker } = run;
    const { reads } = db;
    assert.deepEqual(broker.commit({}, place(10)), []);
    assert.equal(db.reads, reads);
  });

  test("has doubts about joins wait for an hour, together, where there are many messages", async () => {
    const db = database();
    db.message(6_000n, { chats: [1n] });
    await using run = await started(db);
    const { broker, clock } = run;
    const before = broker.scans.length;
    broker.commit({ doubts: ["joins"] });
    broker.commit({ doubts: ["memberships", "joins"] });
    assert.equal(broker.scans.length, before);
    await clock.advance(3_599_000);
    broker.recorder.tend();
    assert.equal(broker.scans.length, before);
    await clock.advance(1_000);
    assert.equal(broker.recorder.dueInMs(), 0);
    broker.recorder.tend();
    assert.deepEqual(broker.scans.slice(before), ["joins", "memberships"]);
  });

  test("looks at the newest messages soon after the log was cut off, and within the hour at all, also over a restart", async () => {
    const db = database();
    db.message(6_000n, { chats: [1n] });
    await using run = await started(db);
    const { broker, clock, directory } = run;
    const before = broker.scans.length;
    broker.commit({ doubts: ["cut"] });
    await clock.advance(4_000);
    broker.commit({ doubts: ["cut"] });
    assert.deepEqual([broker.scans.slice(before), broker.recorder.dueInMs()], [[], 1_000]);
    await clock.advance(1_000);
    broker.recorder.tend();
    assert.deepEqual(broker.scans.slice(before), ["cut"]);
    await clock.advance(1_795_000);
    broker[Symbol.dispose]();
    using restarted = new TestBroker(directory.path, db, clock);
    restarted.recorder.tend();
    assert.deepEqual(restarted.scans.slice(-1), ["cut"]);
    await clock.advance(1_800_000);
    assert.equal(restarted.recorder.dueInMs(), 0);
    restarted.recorder.tend();
    assert.equal(restarted.scans.at(-1), "reset");
    assert.equal(restarted.ledger.store.scan.cutUnixMs, undefined);
  });

  test("tells a message when its chat comes, in whichever order they come", async () => {
    await using run = await started();
    const { db, broker } = run;
    db.message(4n);
    assert.deepEqual(broker.commit({ messages: [4n] }), []);
    Object.assign(db.messages.get(4n) ?? {}, { chats: [1n] });
    assert.deepEqual(broker.commit({ messages: [4n] }), ["message 4 new"]);
    // Joined to a chat that comes later: nothing of the message is written then.
    db.message(5n, { chats: [2n] });
    assert.deepEqual(broker.commit({ messages: [5n] }), []);
    db.chat(2n);
    assert.deepEqual(broker.commit({ chats: [2n] }), ["chat 2 new", "message 5 new"]);
  });

  test("tells a message without a chat when its deadline passes, exactly then", async () => {
    await using run = await started();
    const { db, broker, clock } = run;
    db.message(4n);
    broker.commit({ messages: [4n] }, place(1));
    assert.equal(broker.recorder.dueInMs(), SETTLE_MS);
    await clock.advance(SETTLE_MS - 1);
    assert.deepEqual(broker.tend(), []);
    await clock.advance(1);
    assert.equal(broker.recorder.dueInMs(), 0);
    assert.deepEqual(broker.tend(), ["message 4 unjoined"]);
    assert.equal(broker.recorder.dueInMs(), undefined);
    Object.assign(db.messages.get(4n) ?? {}, { chats: [1n] });
    assert.deepEqual(broker.commit({ messages: [4n] }), ["message 4 joined"]);
  });

  test("does not wait for ever when the wall clock is set back", async () => {
    await using run = await started();
    const { db, broker, clock } = run;
    db.message(4n);
    broker.commit({ messages: [4n] });
    clock.stepWall(-3_600_000);
    assert.equal(broker.recorder.dueInMs(), 0);
    assert.deepEqual(broker.tend(), []);
    assert.equal(broker.recorder.dueInMs(), SETTLE_MS);
    await clock.advance(SETTLE_MS);
    assert.deepEqual(broker.tend(), ["message 4 unjoined"]);
  });

  test("finds deletions by the page that lacks the row, and on both sides of it", async () => {
    await using run = await started(database(40));
    const { db, broker } = run;
    for (const rowid of [10n, 19n, 20n, 25n, 31n]) db.messages.delete(rowid);
    const leaf = { table: "message" as const, rowids: [21n, 22n, 23n, 24n, 26n, 27n, 28n, 29n, 30n] };
    assert.deepEqual(broker.commit({ leaves: [leaf] }).sort(), [
      "message 19 deleted",
      "message 20 deleted",
      "message 25 deleted",
      "message 31 deleted",
    ]);
    const { change } = broker.heard.at(-1) ?? assert.fail("told nothing");
    assert.equal(change.guid, modelGuid(change.rowid));
    // 10 was not next to the page: its own page says so.
    assert.deepEqual(broker.commit({ leaves: [{ table: "message", rowids: [9n, 11n] }] }), [
      "message 10 deleted",
    ]);
    assert.deepEqual(broker.commit({ leaves: [{ table: "message", rowids: [9n, 11n] }, leaf] }), []);
  });

  test("follows a deletion of many rows beyond the page, slice by slice", async () => {
    await using run = await started(database(2_000));
    const { db, broker } = run;
    for (let rowid = 2n; rowid < 2_000n; rowid += 1n) db.messages.delete(rowid);
    let slices = 0;
    const notice = broker.notice();
    let outcome = broker.recorder.record({
      candidates: candidates({ leaves: [{ table: "message", rowids: [1n] }] }),
      place: place(9),
      notice,
    });
    for (; outcome.kind === "recorded" && outcome.hasMore; slices += 1) {
      assert.equal(broker.ledger.store.logPlace, undefined, "the place moves with the last slice");
      outcome = broker.recorder.tend();
    }
    assert.equal(outcome.kind, "recorded");
    assert(slices >= 7, `${slices} slices`);
    assert.equal(broker.heard.length, 1_998);
    assert.deepEqual(broker.ledger.store.logPlace, place(9));
  });

  test("looks up at most 256 rows a slice", async () => {
    await using run = await started();
    const { db, broker } = run;
    for (let rowid = 4n; rowid <= 1_003n; rowid += 1n) db.message(rowid, { chats: [1n] });
    const { observed } = db;
    const messages = [...db.messages.keys()].reverse();
    const outcome = broker.recorder.record({
      candidates: candidates({ messages }),
      place: undefined,
      notice: broker.notice(),
    });
    assert.deepEqual(outcome, { kind: "recorded", hasMore: true });
    assert.equal(db.observed - observed, 256);
    assert.equal(broker.recorder.dueInMs(), 0);
    const told = broker.tend();
    assert.equal(broker.heard.length, 1_000);
    assert.equal(told.at(-1), "message 1003 new");
    // By rising ROWID, however the pages had them.
    assert.equal(shown(broker.heard)[0], "message 4 new");
  });

  test("tells attachments only once their message was told, which shows them as they are then", async () => {
    await using run = await started();
    const { db, broker } = run;
    db.attachment(1n, { transferState: 0 });
    db.message(4n, { attachments: [1n] });
    assert.deepEqual(broker.commit({ messages: [4n], attachments: [1n] }), []);
    db.attachment(1n, { transferState: 3 });
    assert.deepEqual(broker.commit({ attachments: [1n] }), []);
    Object.assign(db.messages.get(4n) ?? {}, { chats: [1n] });
    db.attachment(1n, { transferState: 4 });
    assert.deepEqual(broker.commit({ messages: [4n] }), ["message 4 new"]);
    assert.deepEqual(broker.commit({ attachments: [1n] }), [], "it came with the message");
    db.attachment(1n, { transferState: 5, progress: 2 });
    assert.deepEqual(broker.commit({ attachments: [1n] }), ["attachment 1 ready"]);
    const told = broker.heard.at(-1);
    assert(told !== undefined && "attachment" in told);
    assert.deepEqual(told.messages, [{ rowid: 4n, guid: modelGuid(4n) }]);
    db.attachments.delete(1n);
    assert.deepEqual(broker.commit({ attachments: [1n] }), ["attachment 1 deleted"]);
  });

  test("an attachment that comes later comes with its message", async () => {
    await using run = await started();
    const { db, broker } = run;
    db.attachment(1n, { transferState: 5 });
    Object.assign(db.messages.get(2n) ?? {}, { attachments: [1n] });
    // Even when the page of the join was not read: the attachment's messages are looked at first.
    assert.deepEqual(broker.commit({ attachments: [1n] }), ["message 2 attachments"]);
    assert.deepEqual(broker.commit({ messages: [2n], attachments: [1n] }), []);
  });

  test("gives tails nothing that the ledger does not have, and goes on when there is space again", async () => {
    await using directory = await temporaryDirectory();
    const clock = new FakeClock();
    const db = database();
    using broker = TestBroker.settled(directory.path, db, clock, { pagesMax: 60 });
    let failure: string | undefined;
    let rowid = 4n;
    for (; failure === undefined; rowid += 1n) {
      db.message(rowid, { chats: [1n] });
      const outcome = broker.recorder.record({
        candidates: candidates({ messages: [rowid] }),
        place: place(Number(rowid)),
        notice: broker.notice(),
      });
      if (outcome.kind === "failed")
        failure = `${outcome.error.name} ${"code" in outcome.error && outcome.error.code}`;
    }
    assert.equal(failure, "LedgerError disk-full");
    const told = broker.heard.length;
    assert.equal(broker.ledger.log.headSequence, BigInt(told));
    assert.deepEqual([broker.recorder.state.kind, broker.recorder.dueInMs()], ["failing", 250]);
    assert.equal(broker.recorder.tend().kind, "failed");
    assert.equal(broker.heard.length, told);
    // Space comes back: the limit of the connection goes.
    broker.kill();
    using again = new TestBroker(directory.path, db, clock);
    assert.deepEqual(again.ledger.log.headSequence, BigInt(told));
    assert.deepEqual(again.ledger.store.logPlace, place(Number(rowid) - 2));
    assert.deepEqual(again.commit({ messages: [rowid - 1n] }), [`message ${rowid - 1n} new`]);
  });

  test("keeps a step while chat.db cannot be read, and records it later", async () => {
    await using run = await started();
    const { db, broker, clock } = run;
    db.message(4n, { chats: [1n] });
    db.isFailing = true;
    const step = { candidates: candidates({ messages: [4n] }), place: place(3), notice: broker.notice() };
    assert.equal(broker.recorder.record(step).kind, "failed");
    assert.deepEqual([broker.recorder.state.kind, broker.recorder.unrecordedForMs()], ["failing", 0]);
    await clock.advance(250);
    assert.equal(broker.recorder.dueInMs(), 0);
    assert.equal(broker.recorder.unrecordedForMs(), 250);
    db.isFailing = false;
    assert.deepEqual(broker.tend(), ["message 4 new"]);
    assert.deepEqual(
      [broker.recorder.state, broker.ledger.store.logPlace],
      [{ kind: "recording" }, place(3)],
    );
  });

  test("writes the place with changes at once, without changes each second or thousand frames", async () => {
    await using run = await started();
    const { db, broker, clock } = run;
    const { store } = broker.ledger;
    db.message(4n, { chats: [1n] });
    broker.commit({ messages: [4n] }, place(10));
    assert.deepEqual(store.logPlace, place(10));
    broker.commit({}, place(20));
    await clock.advance(600);
    broker.commit({ messages: [4n] }, place(30));
    assert.deepEqual(
      [store.logPlace, broker.recorder.logPlace, broker.recorder.dueInMs()],
      [place(10), place(30), 400],
    );
    await clock.advance(400);
    broker.tend();
    assert.deepEqual([store.logPlace, broker.recorder.dueInMs()], [place(30), undefined]);
    broker.commit({}, place(1_030));
    assert.equal(broker.recorder.dueInMs(), 0);
    broker.tend();
    assert.deepEqual(store.logPlace, place(1_030));
    // The log was started anew.
    broker.commit({}, place(5, 2));
    broker.tend();
    assert.deepEqual(store.logPlace, place(5, 2));
    broker.commit({}, place(6, 2));
    broker.recorder[Symbol.dispose]();
    assert.deepEqual(store.logPlace, place(6, 2));
  });

  test("marks what was committed before it was there, and what scans find", async () => {
    await using run = await started();
    const { db, broker } = run;
    const tail = broker.tail();
    const phases = () => {
      const found: (readonly [string[], boolean, string | undefined])[] = [];
      while (!tail.isAtHead) {
        const page = tail.read(10);
        found.push([shown(page.changes), page.isCatchingUp, page.notice?.source]);
      }
      return found;
    };
    db.message(4n, { chats: [1n] });
    broker.commit({ messages: [4n] }, undefined, "open");
    db.message(5n, { chats: [1n] });
    broker.commit({ messages: [5n] });
    db.message(6n, { chats: [1n] });
    broker.commit({ missed: "reset" });
    Object.assign(db.messages.get(2n) ?? {}, { read: 1 });
    broker.scanAll();
    assert.deepEqual(phases(), [
      [["message 4 new"], true, "open"],
      // New rows are looked up with the step that missed them, changed ones by the scan.
      [["message 5 new", "message 6 new"], false, "hint"],
      [["message 2 read"], true, "poll"],
    ]);
  });

  test("trims the log beyond its bound, slice by slice", async () => {
    await using directory = await temporaryDirectory();
    const db = database(1);
    using broker = TestBroker.settled(directory.path, db, new FakeClock(), { changesMax: 500 });
    for (let step = 1; step <= 6; step += 1) {
      for (let index = 0; index < 500; index += 1) {
        Object.assign(db.messages.get(1n) ?? {}, { read: step * 1_000 + index });
        broker.commit({ messages: [1n] });
      }
      broker.tend();
    }
    const { log } = broker.ledger;
    assert.equal(log.headSequence, 3_000n);
    const kept = log.headSequence - log.oldestSequence + 1n;
    assert(kept >= 500n && kept < 1_500n, `${kept} kept`);
  });
});
