import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { ChatDbFixture } from "../fixtures/chat-db-fixture.ts";
import { inRowsWorld, openChatDb } from "../fixtures/rows-world.ts";
import { ChatDbError } from "./chat-db-error.ts";

/** The reason for which opening `path` fails. */
function faultAt(path: string): string {
  try {
    openChatDb(path)[Symbol.dispose]();
    return "opened";
  } catch (error) {
    assert(error instanceof ChatDbError);
    return `${error.code} (${error.detail})`;
  }
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
  test("visibleFrames() says how far a read sees into the log, and moves nothing in it", () =>
    inRowsWorld(({ fixture, db }) => {
      const wal = () => readFileSync(`${fixture.path}-wal`);
      const framesInLog = () => (wal().length - 32) / (24 + 4096);
      fixture.insert();
      const first = db.visibleFrames();
      assert.equal(first, framesInLog());
      fixture.insert();
      const before = wal();
      assert.equal(db.visibleFrames(), framesInLog());
      assert(db.visibleFrames() > first);
      assert.deepEqual(wal(), before);
      fixture.db.pragma("wal_checkpoint(PASSIVE)");
      assert.equal(db.visibleFrames(), framesInLog());
      fixture.db.pragma("wal_checkpoint(TRUNCATE)");
      assert.equal(db.visibleFrames(), 0);
    }));

  test("a replaced file is noticed, and another database gets another generation", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("chat.db");
    using first = ChatDbFixture.create(path);
    first.insertJoined();
    const replaced: string[] = [];
    using db = openChatDb(path, new FakeClock(), (generation) => replaced.push(generation));
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
    await inRowsWorld(({ fixture, db }) => {
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
    using db = openChatDb(fixture.path, clock);
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
      return openChatDb(fixture.path);
    })();
    await rename(path, `${path}.away`);
    const isNotFound = (error: unknown) => error instanceof ChatDbError && error.code === "not-found";
    assert.throws(() => db.isReplaced(), isNotFound);
    assert.throws(() => db.visibleFrames(), isNotFound);
    assert.throws(() => db.read(() => 0), isNotFound);
    assert.throws(() => db.reopen(), isNotFound);
    await rename(`${path}.away`, path);
    db.reopen();
    assert.equal(
      db.read(({ facts }) => facts.headRowid),
      0n,
    );
  });

  test("a query that the schema no longer answers closes the connection until it is opened again", () =>
    inRowsWorld(({ fixture, db }) => {
      fixture.db.exec("ALTER TABLE chat_message_join RENAME TO away");
      const isWrongSchema = (error: unknown) => error instanceof ChatDbError && error.code === "wrong-schema";
      assert.throws(() => db.read(({ reader }) => reader.message(1n)), isWrongSchema);
      assert.throws(() => db.visibleFrames(), isWrongSchema);
      fixture.db.exec("ALTER TABLE away RENAME TO chat_message_join");
      db.reopen();
      assert.equal(
        db.read(({ facts }) => facts.headRowid),
        0n,
      );
    }));

  test("what passes by waiting leaves the connection as it is", () =>
    inRowsWorld(({ fixture, db }) => {
      for (const code of ["busy", "busy-recovery", "locked"] as const) {
        const passing = new ChatDbError({ code, path: fixture.path, detail: "SQLITE_BUSY" });
        const fail = () => {
          throw passing;
        };
        assert.throws(() => db.read(fail), passing);
        db.visibleFrames();
      }
      const damaged = new ChatDbError({ code: "corrupt", path: fixture.path, detail: "SQLITE_CORRUPT" });
      const fail = () => {
        throw damaged;
      };
      assert.throws(() => db.read(fail), damaged);
      assert.throws(() => db.visibleFrames(), damaged);
    }));

  test("another process that holds the database exclusively is busy, and passes", () =>
    inRowsWorld(async ({ fixture, directory }) => {
      const path = directory.file("exclusive.db");
      using other = ChatDbFixture.create(path);
      other.insertJoined();
      other.db.pragma("locking_mode = EXCLUSIVE");
      other.insertJoined();
      assert.match(faultAt(path), /^(busy|locked) /);
      other.db.pragma("locking_mode = NORMAL");
      other.insertJoined();
      using db = openChatDb(path);
      assert.equal(
        db.read(({ facts }) => facts.headRowid),
        3n,
      );
      assert.notEqual(path, fixture.path);
    }));

  test("a damaged page is corrupt, not another database", () =>
    inRowsWorld(async ({ directory }) => {
      const path = directory.file("damaged.db");
      using other = ChatDbFixture.create(path);
      for (let count = 0; count < 50; count += 1) other.insertJoined({ text: "x".repeat(900) });
      const root = other.db
        .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'message'")
        .pluck()
        .get();
      other[Symbol.dispose]();
      const bytes = await readFile(path);
      bytes.fill(0xee, (Number(root) - 1) * 4096, Number(root) * 4096);
      await writeFile(path, bytes);
      using db = openChatDb(path);
      const isCorrupt = (error: unknown) => error instanceof ChatDbError && error.code === "corrupt";
      assert.throws(() => db.read(({ reader }) => reader.message(1n)), isCorrupt);
      assert.throws(() => db.read(() => undefined), isCorrupt);
    }));

  test("an error of its own is told from any other", () =>
    inRowsWorld(({ fixture, db }) => {
      const own = new ChatDbError({ code: "io-error", path: fixture.path, detail: "SQLITE_IOERR" });
      assert.deepEqual([db.isUnreadable(own), db.isUnreadable(new TypeError("ours"))], [true, false]);
    }));

  test("no transaction outlives its read, whatever is thrown inside", () =>
    inRowsWorld(({ fixture, db }) => {
      fixture.insertJoined();
      const broken = new Error("ours");
      const fail = () => {
        throw broken;
      };
      assert.throws(() => db.read(fail), broken);
      fixture.insertJoined();
      const [found] = fixture.db.pragma("wal_checkpoint(TRUNCATE)") as [{ busy: number }];
      assert.equal(found.busy, 0);
      assert.equal(
        db.read(({ facts }) => facts.headRowid),
        2n,
      );
    }));
});
