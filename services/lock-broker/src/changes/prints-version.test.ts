import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FakeClock, SeededRandom, type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import SqliteDatabase from "better-sqlite3";
import { PRINTS_VERSION } from "../rows/prints.ts";
import { ModelChatDb } from "./fixtures/model-chat-db.ts";
import { TestBroker } from "./fixtures/test-broker.ts";
import { Ledger } from "./ledger.ts";

/** Makes the ledger one whose prints are of another version, and cannot be read as ours. */
function makeOld(directory: TemporaryDirectory): void {
  const file = new SqliteDatabase(join(directory.path, "ledger.db"));
  file.exec("UPDATE store SET prints_version = 0; UPDATE message SET print = substr(print, 1, 37)");
  file.close();
}

function versionIn(directory: TemporaryDirectory): unknown {
  const file = new SqliteDatabase(join(directory.path, "ledger.db"), { readonly: true });
  const version = file.prepare("SELECT prints_version FROM store").pluck().get();
  file.close();
  return version;
}

/** Ten messages, one that waits for its chat, and the ledger of a broker that knew them under another version. */
async function oldWorld() {
  const directory = await temporaryDirectory();
  const db = new ModelChatDb();
  const clock = new FakeClock();
  db.chat(1n);
  for (let rowid = 1n; rowid <= 10n; rowid += 1n) db.message(rowid, { chats: [1n] });
  const broker = TestBroker.settled(directory.path, db, clock);
  db.message(11n);
  db.message(12n, { chats: [1n] });
  assert.deepEqual(broker.commit({ messages: [11n, 12n] }), ["message 12 new"]);
  const { headSequence } = broker.ledger.log;
  broker.kill();
  makeOld(directory);
  return {
    ...{ directory, db, clock, headSequence },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("prints of another version", () => {
  test("are made anew without a word, while what came since is told as ever", async () => {
    await using w = await oldWorld();
    Object.assign(w.db.messages.get(5n) ?? assert.fail(), { content: 9 });
    w.db.messages.delete(6n);
    w.db.message(13n, { chats: [1n] });
    Object.assign(w.db.messages.get(11n) ?? assert.fail(), { chats: [1n] });
    {
      using broker = new TestBroker(w.directory.path, w.db, w.clock);
      assert.deepEqual(broker.scans, ["baseline", "baseline"]);
      assert.equal(broker.ledger.origin.kind, "continued");
      assert.deepEqual(broker.commit({ messages: [5n, 7n] }), []);
      assert.deepEqual(broker.scanAll(), ["message 11 new", "message 13 new"]);
      assert.equal(broker.ledger.log.headSequence, w.headSequence + 2n);
      assert.deepEqual(broker.ledger.tables.message.rowidsBetween(1n, 20n).length, 12);
      Object.assign(w.db.messages.get(5n) ?? assert.fail(), { content: 10 });
      assert.deepEqual(broker.commit({ messages: [5n] }), ["message 5 content"]);
    }
    assert.equal(versionIn(w.directory), PRINTS_VERSION);
    using again = new TestBroker(w.directory.path, w.db, w.clock);
    assert.deepEqual(again.scans, []);
  });

  test("of another database are forgotten with it", async () => {
    await using w = await oldWorld();
    w.db.databaseUid = "OTHER";
    using broker = new TestBroker(w.directory.path, w.db, w.clock);
    assert.equal(broker.ledger.store.generation, 2n);
    assert.equal(broker.ledger.store.arePrintsCurrent, true);
  });

  test("stay what they are until chat.db is met", async () => {
    await using w = await oldWorld();
    const ports = { random: new SeededRandom(1), clock: w.clock };
    using ledger = Ledger.open(ports, { path: join(w.directory.path, "ledger.db") });
    assert.equal(ledger.origin.kind, "continued");
    assert.deepEqual([ledger.store.arePrintsCurrent, ledger.tables.message.last()], [false, 12n]);
  });
});
