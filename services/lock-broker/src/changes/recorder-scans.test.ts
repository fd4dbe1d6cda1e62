import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { ModelChatDb, modelGuid } from "./fixtures/model-chat-db.ts";
import { shown, TestBroker } from "./fixtures/test-broker.ts";

function database(count: number): ModelChatDb {
  const db = new ModelChatDb();
  db.chat(1n);
  for (let rowid = 1n; rowid <= BigInt(count); rowid += 1n) db.message(rowid, { chats: [1n] });
  return db;
}

function change(db: ModelChatDb, rowid: bigint, values: object): void {
  Object.assign(db.messages.get(rowid) ?? assert.fail(`no row ${rowid}`), values);
}

describe("Recorder and scans", () => {
  test("the baseline is silent up to its head, and nothing above it is lost", async () => {
    await using directory = await temporaryDirectory();
    const db = database(2_500);
    db.attachment(1n, { transferState: 3 });
    change(db, 9n, { attachments: [1n], chats: [] });
    using broker = new TestBroker(directory.path, db, new FakeClock());
    assert.deepEqual(broker.scans, ["baseline", "baseline"]);
    // A row of before that is written while nobody knows it yet is kept silently; a row of after is new.
    change(db, 2n, { read: 1 });
    db.message(2_501n, { chats: [1n] });
    db.chat(2n);
    assert.deepEqual(broker.commit({ messages: [2n, 2_501n], chats: [1n, 2n] }), [
      "chat 2 new",
      "message 2501 new",
    ]);
    assert.equal(broker.recorder.scanProgress(), 0);
    assert.deepEqual(broker.scanAll(100), []);
    assert.deepEqual(
      [broker.recorder.nextScanRange(), broker.recorder.scanProgress()],
      [undefined, undefined],
    );
    assert.equal(broker.ledger.store.scan.baseline, undefined);
    change(db, 2_500n, { content: 2 });
    change(db, 9n, { chats: [1n] });
    db.attachment(1n, { transferState: 5 });
    db.chat(1n, { name: 2 });
    assert.deepEqual(broker.commit({ messages: [2_500n, 9n], attachments: [1n], chats: [1n] }), [
      "chat 1 name",
      "message 9 joined",
      "attachment 1 ready",
      "message 2500 content",
    ]);
  });

  test("a row that went while its page was on its way is not kept", async () => {
    await using directory = await temporaryDirectory();
    const db = database(10);
    using broker = new TestBroker(directory.path, db, new FakeClock());
    // The range above the head and the chats come first.
    broker.recorder.recordScanPage(broker.readPage() ?? assert.fail());
    broker.recorder.recordScanPage(broker.readPage() ?? assert.fail());
    const page = broker.readPage() ?? assert.fail();
    assert.equal(page.prints.length, 10);
    db.messages.delete(5n);
    assert.equal(broker.recorder.recordScanPage(page).kind, "recorded");
    assert.deepEqual([broker.ledger.message(5n), broker.ledger.message(6n)?.stage], [undefined, "told"]);
  });

  test("a scan finds what was missed: new, changed, joined and deleted rows of any age, each once", async () => {
    await using directory = await temporaryDirectory();
    const db = database(3_000);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    for (let rowid = 1_000n; rowid < 1_010n; rowid += 1n) db.messages.delete(rowid);
    db.messages.delete(3_000n);
    change(db, 7n, { delivered: 1 });
    change(db, 8n, { upkeep: 9 });
    db.message(3_001n, { chats: [1n] });
    db.message(3_002n);
    db.chat(1n, { members: 4 });
    assert.deepEqual(broker.commit({ missed: "reset" }), ["message 3001 new"], "what is new comes at once");
    assert.equal(broker.scans.at(-1), "reset");
    const told = broker.scanAll(700);
    assert.equal(told[0], "chat 1 members");
    assert.deepEqual(told.slice(1).sort(), [
      "message 1000 deleted",
      "message 1001 deleted",
      "message 1002 deleted",
      "message 1003 deleted",
      "message 1004 deleted",
      "message 1005 deleted",
      "message 1006 deleted",
      "message 1007 deleted",
      "message 1008 deleted",
      "message 1009 deleted",
      "message 3000 deleted",
      "message 7 delivered",
    ]);
    broker.recorder.reconcile();
    assert.deepEqual(broker.scanAll(), []);
    assert.equal(broker.ledger.message(3_002n)?.stage, "waiting");
  });

  test("a page older than live capture tells nothing twice and takes nothing back", async () => {
    await using directory = await temporaryDirectory();
    const db = database(5);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    broker.recorder.reconcile();
    broker.recorder.recordScanPage(broker.readPage() ?? assert.fail());
    broker.recorder.recordScanPage(broker.readPage() ?? assert.fail());
    const page = broker.readPage() ?? assert.fail();
    change(db, 2n, { read: 1 });
    db.messages.delete(3n);
    assert.deepEqual(broker.commit({ messages: [2n, 3n] }), ["message 2 read", "message 3 deleted"]);
    assert.deepEqual(broker.recorder.recordScanPage(page), { kind: "recorded", changes: 0, rest: undefined });
    assert.deepEqual([broker.ledger.message(2n)?.print.read, broker.ledger.message(3n)], [1, undefined]);
    assert.deepEqual(broker.recorder.recordScanPage(page), { kind: "stale" });
  });

  test("a page with more to look up than a slice takes is recorded in parts", async () => {
    await using directory = await temporaryDirectory();
    const db = database(1_000);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    for (const message of db.messages.values()) message.read = 1;
    broker.recorder.reconcile();
    broker.recorder.recordScanPage(broker.readPage() ?? assert.fail());
    broker.recorder.recordScanPage(broker.readPage() ?? assert.fail());
    const found: number[] = [];
    for (let page = broker.readPage(); page !== undefined; ) {
      const outcome = broker.recorder.recordScanPage(page);
      assert(outcome.kind === "recorded");
      found.push(outcome.changes);
      assert.equal(
        outcome.rest === undefined || outcome.rest.range === broker.recorder.nextScanRange(),
        true,
      );
      page = outcome.rest;
    }
    assert.deepEqual(found, [256, 256, 256, 232]);
    assert.equal(new Set(shown(broker.heard)).size, 1_000);
  });

  test("goes on with its scan after a kill, at the place where it was", async () => {
    await using directory = await temporaryDirectory();
    const db = database(2_000);
    const clock = new FakeClock();
    const broker = new TestBroker(directory.path, db, clock);
    for (let pages = 0; pages < 7; pages += 1)
      broker.recorder.recordScanPage(broker.readPage(200) ?? assert.fail());
    const range = broker.recorder.nextScanRange();
    assert(range !== undefined && range.after > 0n);
    broker.kill();
    using again = new TestBroker(directory.path, db, clock);
    assert.deepEqual(again.recorder.nextScanRange(), range);
    assert.deepEqual(again.scans, ["baseline"]);
    assert.deepEqual(again.scanAll(), []);
  });

  test("looks through again from the start what was begun when more was missed", async () => {
    await using directory = await temporaryDirectory();
    const db = database(2_000);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    broker.recorder.reconcile();
    const stale = broker.readPage();
    for (let pages = 0; pages < 5; pages += 1)
      broker.recorder.recordScanPage(broker.readPage(200) ?? assert.fail());
    change(db, 1n, { read: 1 });
    broker.commit({ missed: "unreadable" });
    assert(stale !== undefined);
    assert.deepEqual(broker.recorder.recordScanPage(stale), { kind: "stale" });
    assert.deepEqual(broker.scanAll(), ["message 1 read"]);
  });

  test("answers each doubt with the tables it concerns, and an overflow with the rows that overflow, newest first", async () => {
    await using directory = await temporaryDirectory();
    const db = database(600);
    for (const [rowid, message] of db.messages) message.isOverflowing = rowid % 2n === 0n;
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    broker.commit({ doubts: ["memberships"] });
    assert.deepEqual(tablesOwed(broker), ["chat"]);
    broker.scanAll();
    broker.commit({ doubts: ["joins"] });
    assert.deepEqual(tablesOwed(broker), ["message", "message", "attachment"]);
    broker.scanAll();
    change(db, 4n, { content: 2 });
    change(db, 600n, { content: 2 });
    change(db, 5n, { content: 2 });
    const { observed } = db;
    assert.deepEqual(broker.commit({ doubts: ["overflow"] }), []);
    assert.deepEqual(broker.tend(), ["message 600 content", "message 4 content"]);
    assert.equal(db.observed - observed, 300);
    assert.equal(broker.recorder.dueInMs(), undefined);
  });

  test("another database is met silently, its rows are never taken for the old ones, and the log goes on", async () => {
    await using directory = await temporaryDirectory();
    const db = database(20);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    const tail = broker.tail();
    change(db, 3n, { read: 1 });
    broker.commit({ messages: [3n] });
    const cursor = tail.cursor();
    db.databaseUid = "OTHER";
    db.inode = 8n;
    db.generation = "1:8:1";
    db.messages.clear();
    for (let rowid = 1n; rowid <= 5n; rowid += 1n) db.message(rowid, { guid: `other-${rowid}`, chats: [1n] });
    // So many that it was there before.
    db.message(2_000n, { guid: "other-2000", chats: [1n] });
    assert.deepEqual(broker.commit({ messages: [1n, 2n, 3n], missed: "replaced" }), []);
    assert.deepEqual(broker.scans.slice(-2), ["baseline", "replaced"]);
    assert.deepEqual(broker.scanAll(), []);
    db.message(2_001n, { guid: "other-2001", chats: [1n] });
    assert.deepEqual(broker.commit({ messages: [2_001n] }), ["message 2001 new"]);
    // What was not read of the old one comes without its row and under its name, after a restart too.
    broker.recorder[Symbol.dispose]();
    broker.kill();
    using again = new TestBroker(directory.path, db, new FakeClock());
    const resumed = again.tail(cursor);
    const [first, second] = [resumed.read(10), resumed.read(10)];
    assert.deepEqual(
      [shown(first.changes), first.database],
      [["message 3 read"], { databaseUid: "MODEL", generation: "1:7:0" }],
    );
    assert("message" in (first.changes[0] ?? {}) && first.changes[0] !== undefined);
    assert.equal("message" in first.changes[0] && first.changes[0].message, undefined);
    assert.deepEqual([shown(second.changes), second.database.databaseUid], [["message 2001 new"], "OTHER"]);
    assert.equal(first.restarted, undefined);
  });

  test("a young database in another's place is told whole, once", async () => {
    await using directory = await temporaryDirectory();
    const db = database(20);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    db.databaseUid = "OTHER";
    db.inode = 8n;
    db.generation = "1:8:1";
    db.messages.clear();
    for (let rowid = 1n; rowid <= 3n; rowid += 1n) db.message(rowid, { guid: `other-${rowid}`, chats: [1n] });
    const told = [...broker.commit({ messages: [3n], missed: "replaced" }), ...broker.scanAll()];
    assert.deepEqual(told.filter((line) => line.startsWith("message")).sort(), [
      "message 1 new",
      "message 2 new",
      "message 3 new",
    ]);
    assert.deepEqual(broker.scanAll(), []);
  });

  test("a restored copy keeps what is known: only what differs is told", async () => {
    await using directory = await temporaryDirectory();
    const db = database(300);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    db.inode = 8n;
    db.messages.delete(300n);
    change(db, 10n, { content: 5 });
    assert.deepEqual(broker.commit({ missed: "replaced" }), []);
    assert(broker.scans.includes("moved"));
    assert.deepEqual(broker.scanAll(), ["message 10 content", "message 300 deleted"]);
    assert.equal(broker.ledger.store.generation, 1n);
  });

  test("the same uid with other rows is another database", async () => {
    await using directory = await temporaryDirectory();
    const db = database(300);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    db.inode = 8n;
    for (const [rowid, message] of db.messages) message.guid = modelGuid(rowid + 1_000n);
    assert.deepEqual(broker.commit({ missed: "replaced" }), []);
    assert.deepEqual(broker.scanAll(), []);
    assert.deepEqual([broker.ledger.store.generation, broker.heard.length], [2n, 0]);
  });
});

function tablesOwed(broker: TestBroker): string[] {
  return broker.ledger.store.scan.ranges.map(({ table }) => table);
}
