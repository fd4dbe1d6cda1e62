import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { CursorExpiredError, CursorInvalidError, decodeCursor, UNTOLD_MAX } from "./change-cursor.ts";
import type { ChangeTail } from "./change-tail.ts";
import { ModelChatDb, modelGuid } from "./fixtures/model-chat-db.ts";
import { SETTLE_MS, shown, TestBroker } from "./fixtures/test-broker.ts";
import { formerGuidHash } from "./former-cursor.ts";

function database(count: number): ModelChatDb {
  const db = new ModelChatDb();
  db.chat(1n);
  for (let rowid = 1n; rowid <= BigInt(count); rowid += 1n) db.message(rowid, { chats: [1n] });
  return db;
}

/** Reads to the head; changes in short. */
function drain(tail: ChangeTail, changesMax = 256): string[] {
  const changes: string[] = [];
  do changes.push(...shown(tail.read(changesMax).changes));
  while (!tail.isAtHead);
  return changes;
}

function add(broker: TestBroker, rowid: bigint, chats: bigint[] = [1n]): string[] {
  broker.db.message(rowid, { chats });
  return broker.commit({ messages: [rowid] });
}

/** A cursor of the former format. */
function former(
  uid: string,
  row: { rowid: bigint; guid: string },
  unsent: readonly number[] = [],
): Uint8Array {
  const hash = Buffer.alloc(4);
  hash.writeUInt32BE(formerGuidHash(row.guid));
  const rowids: number[] = [];
  let before = 0;
  for (const rowid of unsent) {
    rowids.push(rowid - before, 0, 0, 0, 0, 0, 0);
    before = rowid;
  }
  const head = [...Buffer.from("imc"), 1, uid.length, ...Buffer.from(uid), 1, 7, Number(row.rowid)];
  const body = Buffer.from([...head, ...hash, unsent.length, ...rowids]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]);
}

describe("ChangeTail", () => {
  test("an empty cursor starts at the head, and each cursor after it goes on behind what was read", async () => {
    await using directory = await temporaryDirectory();
    using broker = TestBroker.settled(directory.path, database(3), new FakeClock());
    const tail = broker.tail();
    assert.deepEqual([tail.isAtHead, drain(tail), tail.headRowid, tail.pendingRows], [true, [], 3n, 0]);
    const start = tail.cursor();
    assert.equal(tail.cursor(), start);
    add(broker, 4n);
    add(broker, 5n);
    assert.equal(tail.isAtHead, false);
    assert.deepEqual(shown(tail.read(1).changes), ["message 4 new"]);
    const middle = tail.cursor();
    assert.deepEqual(drain(broker.tail(start)), ["message 4 new", "message 5 new"]);
    assert.deepEqual(drain(broker.tail(middle)), ["message 5 new"]);
    assert.deepEqual(drain(tail), ["message 5 new"]);
  });

  test("gives the rows it was told with while they are in the ring, later as they are then", async () => {
    await using directory = await temporaryDirectory();
    const ring = { itemsMax: 2, bytesMax: 1_000_000 };
    using broker = TestBroker.settled(directory.path, database(1), new FakeClock(), { ring });
    const [near, far] = [broker.tail(), broker.tail()];
    const textOf = (tail: ChangeTail) =>
      tail.read(1).changes.map((told) => "message" in told && told.message?.text);
    add(broker, 2n);
    const { reads } = broker.db;
    assert.deepEqual(textOf(near), ["content 1"]);
    assert.equal(broker.db.reads, reads);
    Object.assign(broker.db.messages.get(2n) ?? {}, { content: 2 });
    broker.commit({ messages: [2n] });
    broker.db.messages.delete(1n);
    broker.commit({ messages: [1n] });
    assert.deepEqual(textOf(far), ["content 2"]);
    assert.deepEqual(drain(far), ["message 2 content", "message 1 deleted"]);
    assert.deepEqual(drain(near), ["message 2 content", "message 1 deleted"]);
  });

  test("a page is at most as many changes and about as many bytes as asked for, and one always fits", async () => {
    await using directory = await temporaryDirectory();
    const ring = { itemsMax: 1, bytesMax: 1_000_000 };
    using broker = TestBroker.settled(directory.path, database(1), new FakeClock(), { ring });
    for (let rowid = 2n; rowid < 12n; rowid += 1n) add(broker, rowid);
    const bounds = [
      { changesMax: 4, bytesMax: 1_000_000 },
      { changesMax: 256, bytesMax: 1_800 },
      { changesMax: 256, bytesMax: 1 },
    ];
    assert.deepEqual(
      bounds.map((bound) => broker.told.read(0n, bound).changes.length),
      [4, 2, 1],
    );
  });

  test("says what is caught up: what was there when it was opened, never mixed with what came since", async () => {
    await using directory = await temporaryDirectory();
    using broker = TestBroker.settled(directory.path, database(1), new FakeClock());
    const cursor = broker.tail().cursor();
    add(broker, 2n);
    add(broker, 3n);
    const tail = broker.tail(cursor);
    add(broker, 4n);
    const pages = [tail.read(256), tail.read(256)];
    assert.deepEqual(
      pages.map(({ changes, isCatchingUp }) => [shown(changes), isCatchingUp]),
      [
        [["message 2 new", "message 3 new"], true],
        [["message 4 new"], false],
      ],
    );
  });

  test("refuses a cursor whose changes are gone, and bytes that are none", async () => {
    await using directory = await temporaryDirectory();
    using broker = TestBroker.settled(directory.path, database(1), new FakeClock(), { changesMax: 10 });
    const cursor = broker.tail().cursor();
    for (let value = 1; value < 2_000; value += 1) {
      Object.assign(broker.db.messages.get(1n) ?? {}, { read: value });
      broker.commit({ messages: [1n] });
    }
    broker.tend();
    assert.throws(() => broker.tail(cursor), CursorExpiredError);
    assert.throws(() => broker.tail(Uint8Array.of(1, 2, 3)), CursorInvalidError);
  });

  test("a lost ledger: goes on by ROWID with what was not told, then along the log, each message once", async () => {
    await using directory = await temporaryDirectory();
    const db = database(10);
    const clock = new FakeClock();
    let cursor: Uint8Array;
    {
      using broker = TestBroker.settled(directory.path, db, clock);
      const tail = broker.tail();
      add(broker, 11n, []);
      add(broker, 12n);
      drain(tail);
      cursor = tail.cursor();
      const decoded = decodeCursor(cursor);
      assert(decoded.kind === "change");
      assert.deepEqual([decoded.cursor.headRowid, decoded.cursor.untold], [12n, [11n]]);
    }
    // Both 13 and 14 come while nobody is there; 15 is deleted before anybody is.
    db.message(13n, { chats: [1n] });
    db.message(14n);
    db.message(15n, { isRecoverable: true });
    Object.assign(db.messages.get(11n) ?? {}, { chats: [1n] });
    using broker = new TestBroker(directory.path, db, clock, { fileName: "new.db" });
    const tail = broker.tail(cursor);
    assert.equal(tail.isAtHead, false);
    add(broker, 16n, []);
    add(broker, 17n);
    const first = tail.read(1);
    assert.deepEqual(
      [shown(first.changes), first.isCatchingUp, first.restarted],
      [["message 11 new"], true, undefined],
    );
    // A broken connection in the middle takes nothing and doubles nothing.
    const again = broker.tail(tail.cursor());
    const told = drain(again, 1);
    assert.deepEqual(told, ["message 13 new", "message 14 unjoined", "message 17 new"]);
    broker.scanAll();
    Object.assign(db.messages.get(14n) ?? {}, { chats: [1n] });
    Object.assign(db.messages.get(16n) ?? {}, { chats: [1n] });
    broker.commit({ messages: [14n, 16n] });
    assert.deepEqual(drain(again), ["message 14 joined", "message 16 new"]);
    assert.deepEqual(drain(broker.tail(again.cursor())), []);
  });

  test("a walk leaves to the log what the log tells after the walk's beginning, also when it resumes", async () => {
    await using directory = await temporaryDirectory();
    const db = database(3);
    const clock = new FakeClock();
    let cursor: Uint8Array;
    {
      using broker = TestBroker.settled(directory.path, db, clock);
      cursor = broker.tail().cursor();
    }
    db.message(4n, { chats: [1n] });
    using broker = TestBroker.settled(directory.path, db, clock, { fileName: "new.db" });
    add(broker, 5n, []);
    add(broker, 6n);
    const tail = broker.tail(cursor);
    assert.deepEqual(shown(tail.read(1).changes), ["message 4 new"]);
    // 5 waited when the walk began; the log tells it before the walk comes to it.
    Object.assign(db.messages.get(5n) ?? {}, { chats: [1n] });
    broker.commit({ messages: [5n] });
    for (const resumed of [tail, broker.tail(tail.cursor())]) {
      assert.deepEqual(drain(resumed, 1), ["message 6 new", "message 5 new"]);
    }
  });

  test("a walk leaves to the log what waits, and what a scan will find", async () => {
    await using directory = await temporaryDirectory();
    const db = database(3);
    const clock = new FakeClock();
    let cursor: Uint8Array;
    {
      using broker = TestBroker.settled(directory.path, db, clock);
      cursor = broker.tail().cursor();
    }
    using broker = TestBroker.settled(directory.path, db, clock, { fileName: "new.db" });
    db.message(4n, { chats: [1n] });
    add(broker, 5n, []);
    add(broker, 6n);
    const tail = broker.tail(cursor);
    assert.deepEqual(drain(tail), ["message 6 new"]);
    broker.commit({ missed: "unreadable" });
    broker.scanAll();
    Object.assign(db.messages.get(5n) ?? {}, { chats: [1n] });
    broker.commit({ messages: [5n] });
    assert.deepEqual(drain(tail), ["message 4 new", "message 5 new"]);
  });

  test("a cursor taken while a row waited still says so when the row was told since", async () => {
    await using directory = await temporaryDirectory();
    using broker = TestBroker.settled(directory.path, database(2), new FakeClock());
    const untoldOf = (bytes: Uint8Array) => {
      const decoded = decodeCursor(bytes);
      return decoded.kind === "change" ? [decoded.cursor.headRowid, decoded.cursor.untold] : undefined;
    };
    const tail = broker.tail();
    add(broker, 3n, []);
    const cursor = tail.cursor();
    assert.deepEqual(untoldOf(cursor), [3n, [3n]]);
    Object.assign(broker.db.messages.get(3n) ?? {}, { chats: [1n] });
    broker.commit({ messages: [3n] });
    const resumed = broker.tail(cursor);
    assert.deepEqual(untoldOf(resumed.cursor()), [3n, [3n]]);
    drain(resumed);
    assert.deepEqual(untoldOf(resumed.cursor()), [3n, []]);
  });

  test("a cursor of the former format goes on by ROWID, its unsent rows first", async () => {
    await using directory = await temporaryDirectory();
    const db = database(6);
    using broker = TestBroker.settled(directory.path, db, new FakeClock());
    const row = { rowid: 4n, guid: modelGuid(4n) };
    const tail = broker.tail(former("MODEL", row, [2, 3]));
    assert.deepEqual(drain(tail, 3), ["message 2 new", "message 3 new", "message 5 new", "message 6 new"]);
    // The row at the place may be gone; another one there says that the cursor is of another life.
    db.messages.delete(4n);
    assert.deepEqual(drain(broker.tail(former("MODEL", row))), ["message 5 new", "message 6 new"]);
    const lost = broker.tail(former("MODEL", { rowid: 5n, guid: "another" }));
    assert.deepEqual(
      [lost.read(9).restarted, lost.read(9).restarted, lost.isAtHead],
      ["guid-mismatch", undefined, true],
    );
  });

  test("a cursor of another database and another ledger starts at the head, and says so once", async () => {
    await using directory = await temporaryDirectory();
    const db = database(6);
    let cursor: Uint8Array;
    {
      using broker = TestBroker.settled(directory.path, db, new FakeClock());
      cursor = broker.tail().cursor();
    }
    db.databaseUid = "OTHER";
    using broker = TestBroker.settled(directory.path, db, new FakeClock(), { fileName: "new.db" });
    for (const stored of [cursor, former("MODEL", { rowid: 4n, guid: modelGuid(4n) })]) {
      const tail = broker.tail(stored);
      const page = tail.read(9);
      assert.deepEqual([page.restarted, page.changes, tail.isAtHead], ["uid-changed", [], true]);
      assert.equal(tail.read(9).restarted, undefined);
    }
  });

  test("a cursor says which rows wait, and stays below when they are too many", async () => {
    await using directory = await temporaryDirectory();
    using broker = TestBroker.settled(directory.path, database(2), new FakeClock());
    const tail = broker.tail();
    const placeOf = () => {
      const decoded = decodeCursor(tail.cursor());
      assert(decoded.kind === "change");
      const { headRowid, untold } = decoded.cursor;
      return [headRowid, untold.length, untold.at(-1)];
    };
    for (let rowid = 10n; rowid < 10n + BigInt(UNTOLD_MAX); rowid += 1n) add(broker, rowid, []);
    assert.deepEqual(placeOf(), [73n, UNTOLD_MAX, 73n]);
    add(broker, 100n, []);
    add(broker, 101n);
    // Not at the head, since 101 was not read: it claims no more than it did when it was opened.
    assert.deepEqual(placeOf(), [2n, 0, undefined]);
    drain(tail);
    assert.deepEqual(placeOf(), [99n, UNTOLD_MAX, 73n]);
    await broker.clock.advance(SETTLE_MS);
    broker.tend();
    // Behind: all are told in the log after the place, though later rows were told before it.
    assert.deepEqual(placeOf(), [99n, UNTOLD_MAX, 73n]);
    drain(tail);
    assert.deepEqual(placeOf(), [101n, 0, undefined]);
  });

  test("while another database is met it is blocked, and then goes on", async () => {
    await using directory = await temporaryDirectory();
    const ring = { itemsMax: 1, bytesMax: 1_000_000 };
    using broker = TestBroker.settled(directory.path, database(2), new FakeClock(), { ring });
    const { db } = broker;
    const tail = broker.tail();
    add(broker, 3n);
    add(broker, 4n);
    db.inode = 9n;
    assert.deepEqual([tail.read(1).isBlocked, tail.isAtHead], [true, false]);
    broker.commit({ missed: "replaced" });
    assert.deepEqual(drain(tail), ["message 3 new", "message 4 new"]);
  });
});
