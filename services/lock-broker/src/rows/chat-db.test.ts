import assert from "node:assert/strict";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { FakeClock, type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import { ChatDbFixture } from "../fixtures/chat-db-fixture.ts";
import { ChatDb } from "./chat-db.ts";
import { ChatDbError } from "./chat-db-error.ts";

function open(path: string, onReplaced: (generation: string) => void = () => {}): ChatDb {
  return ChatDb.open(path, {
    clock: new FakeClock(),
    onRead: () => {},
    onReplaced: ({ generation }) => onReplaced(generation),
  });
}

/** The reason for which opening `path` fails. */
function faultAt(path: string): string {
  try {
    open(path)[Symbol.dispose]();
    return "opened";
  } catch (error) {
    assert(error instanceof ChatDbError);
    return `${error.code} (${error.detail})`;
  }
}

async function withFixture(
  run: (fixture: ChatDbFixture, db: ChatDb, directory: TemporaryDirectory) => void | Promise<void>,
  options: Parameters<typeof ChatDbFixture.create>[1] = {},
): Promise<void> {
  await using directory = await temporaryDirectory();
  using fixture = ChatDbFixture.create(directory.file("chat.db"), options);
  using db = open(fixture.path);
  await run(fixture, db, directory);
}

describe("ChatDb.open()", () => {
  test("says why a path is no chat.db", async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.file("folder"));
    await writeFile(
      directory.file("text"),
      "not a database, but long enough to be looked at by SQLite's header check",
    );
    using other = ChatDbFixture.create(directory.file("no-join.db"));
    other.db.exec("DROP TABLE chat_message_join");
    using guidless = ChatDbFixture.create(directory.file("no-guid.db"), { messageColumns: ["text TEXT"] });
    assert.deepEqual(
      [
        faultAt(directory.file("missing")),
        faultAt(directory.file("missing/chat.db")),
        faultAt(directory.file("folder")),
        faultAt(directory.file("text")),
        faultAt(other.path),
        faultAt(guidless.path),
      ],
      [
        "not-found (ENOENT)",
        "not-found (ENOENT)",
        "cannot-open (a directory)",
        "not-a-database (SQLITE_NOTADB: file is not a database)",
        "wrong-schema (no table chat_message_join)",
        "wrong-schema (no column message.guid)",
      ],
    );
  });
});

describe("ChatDb's checks", () => {
  test("hasCommitted() tells of each commit of another connection once", async () => {
    await withFixture((fixture, db) => {
      assert.equal(db.hasCommitted(), true);
      assert.equal(db.hasCommitted(), false);
      fixture.insert();
      fixture.insert();
      assert.equal(db.hasCommitted(), true);
      assert.equal(db.hasCommitted(), false);
      fixture.db.pragma("wal_checkpoint(PASSIVE)");
      assert.equal(db.hasCommitted(), false);
    });
  });

  test("committedAtUnixNs() moves with the log", async () => {
    await withFixture((fixture, db) => {
      fixture.insert();
      const committed = db.committedAtUnixNs();
      assert(committed !== undefined);
      assert(db.walBytes() > 0);
    });
  });

  test("a replaced file is noticed, and another database gets another generation", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    using first = ChatDbFixture.create(path);
    first.insertJoined();
    const replaced: string[] = [];
    using db = open(path, (generation) => replaced.push(generation));
    const before = db.read(({ identity }) => identity);
    assert.equal(db.isReplaced(), false);
    await rename(path, `${path}.incompatible`);
    await rename(`${path}-wal`, `${path}.incompatible-wal`);
    await rename(`${path}-shm`, `${path}.incompatible-shm`);
    using second = ChatDbFixture.create(path, { databaseUid: "UID-B" });
    second.insertJoined();
    assert.equal(db.isReplaced(), true);
    db.reopen();
    const after = db.read(({ identity }) => identity);
    assert.equal(db.isReplaced(), false);
    assert.deepEqual([before.databaseUid, after.databaseUid], ["UID-A", "UID-B"]);
    assert.notEqual(before.generation, after.generation);
    assert.deepEqual(replaced, [after.generation]);
    assert.match(after.generation, /^\d+:\d+:1$/);
  });

  test("another database in the same file gets another generation", async () => {
    await withFixture((fixture, db) => {
      const before = db.read(({ identity }) => identity);
      fixture.db.exec("UPDATE _SqliteDatabaseProperties SET value = 'UID-B' WHERE key = '_UniqueIdentifier'");
      const after = db.read(({ identity }) => identity);
      assert.equal(after.generation, before.generation.replace(/:0$/, ":1"));
    });
  });

  test("a log that was replaced under the connection counts as replaced, a missing one after a second", async () => {
    await using directory = await temporaryDirectory();
    using fixture = ChatDbFixture.create(directory.file("chat.db"));
    const clock = new FakeClock();
    using db = ChatDb.open(fixture.path, { clock, onRead: () => {}, onReplaced: () => {} });
    fixture.insert();
    assert.equal(db.isReplaced(), false);
    await rm(`${fixture.path}-wal`);
    assert.equal(db.isReplaced(), false);
    await clock.advance(1_000);
    assert.equal(db.isReplaced(), true);
    await writeFile(`${fixture.path}-wal`, "");
    assert.equal(db.isReplaced(), true);
  });

  test("a removed file is an error, and so is every read until it is there again", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    using db = (() => {
      using fixture = ChatDbFixture.create(path);
      return open(fixture.path);
    })();
    await rename(path, `${path}.away`);
    const isNotFound = (error: unknown) => error instanceof ChatDbError && error.code === "not-found";
    assert.throws(() => db.isReplaced(), isNotFound);
    assert.throws(() => db.hasCommitted(), isNotFound);
    assert.throws(() => db.read(() => 0), isNotFound);
    assert.throws(() => db.reopen(), isNotFound);
    await rename(`${path}.away`, path);
    db.reopen();
    assert.equal(
      db.read(({ facts }) => facts.headRowid),
      0n,
    );
  });

  test("a query that the schema no longer answers closes the connection until it is opened again", async () => {
    await withFixture((fixture, db) => {
      fixture.db.exec("ALTER TABLE chat_message_join RENAME TO away");
      const isWrongSchema = (error: unknown) => error instanceof ChatDbError && error.code === "wrong-schema";
      assert.throws(() => db.read(({ reader }) => reader.observe(1n)), isWrongSchema);
      assert.throws(() => db.hasCommitted(), isWrongSchema);
      fixture.db.exec("ALTER TABLE away RENAME TO chat_message_join");
      db.reopen();
      assert.equal(db.hasCommitted(), true);
    });
  });

  test("busy passes by itself: the connection stays", async () => {
    await withFixture((fixture, db) => {
      const busy = new ChatDbError({ code: "busy", path: fixture.path, detail: "SQLITE_BUSY" });
      const throwBusy = () => {
        throw busy;
      };
      assert.throws(() => db.read(throwBusy), busy);
      assert.equal(db.hasCommitted(), true);
    });
  });
});
