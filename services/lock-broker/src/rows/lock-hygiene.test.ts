import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { ChatDbFixture } from "../fixtures/chat-db-fixture.ts";
import { posixLocks, ReadingProcess } from "../fixtures/reading-process.ts";

const TIMEOUT = { timeout: 60_000 };

/** What every open connection holds for its whole life: a shared lock on the database, and on the byte that keeps -shm alive. */
const DATABASE_LOCK = ["READ 1073741826 1073742335"];
const LOG_INDEX_LOCK = ["READ 128 128"];

/**
 * Why I1 forbids to open chat.db or -shm: POSIX drops all locks of a process on a file when it closes any descriptor of it
 * (docs/chat-db.md §20). The first two tests show the damage, without any error; the third, that this reader's process does no such thing.
 */
describe("the locks of a reader", () => {
  for (const isCareless of [true, false]) {
    const missed = isCareless
      ? "lost when files are opened beside SQLite: commits are missed after the writer was restarted"
      : "kept: no commit is missed after the writer was restarted";
    test(`are ${missed}`, TIMEOUT, async () => {
      await using home = await temporaryDirectory();
      const path = home.file("chat.db");
      await using reader = ReadingProcess.start();
      {
        using writer = ChatDbFixture.create(path);
        writer.insertJoined();
        await reader.ask({ kind: "open", path });
        assert.equal(await reader.ask({ kind: "read" }), 1n);
        // Of -shm too, because this SQLite's writer looks there as well before it takes itself for the last one; older ones do not.
        for (const touched of isCareless ? [path, `${path}-shm`] : []) {
          await reader.ask({ kind: "touch", path: touched });
        }
      }
      // The writer that closed believed to be the last one, and removed the log that the reader still reads.
      assert.equal(existsSync(`${path}-wal`), !isCareless);
      using writer = ChatDbFixture.open(path);
      writer.insertJoined();
      assert.equal(await reader.ask({ kind: "read" }), isCareless ? 1n : 2n);
    });

    const torn = isCareless
      ? "lost when -shm is opened beside SQLite: a transaction sees two commits"
      : "kept: a transaction sees one commit";
    test(`are ${torn}`, TIMEOUT, async () => {
      await using home = await temporaryDirectory();
      const path = home.file("chat.db");
      using writer = ChatDbFixture.create(path);
      await using reader = ReadingProcess.start();
      // Three leaves, so that the reader has not got the last one in its cache when it read the first.
      const write = (length: number) =>
        writer.db.transaction(() => {
          for (let rowid = 1n; rowid <= 9n; rowid += 1n) writer.update(rowid, { text: "x".repeat(length) });
        })();
      for (let count = 0; count < 9; count += 1) writer.insertJoined({ text: "x".repeat(1_000) });
      writer.db.pragma("wal_checkpoint(TRUNCATE)");
      write(1_001);
      await reader.ask({ kind: "begin", path });
      assert.equal(await reader.ask({ kind: "length", rowid: 1n }), 1_001n);
      if (isCareless) await reader.ask({ kind: "touch", path: `${path}-shm` });
      for (const length of [1_002, 1_003]) {
        writer.db.pragma("busy_timeout = 0");
        writer.db.pragma("wal_checkpoint(RESTART)");
        write(length);
      }
      const last = await reader.ask({ kind: "length", rowid: 9n });
      assert.equal(last === 1_001n, !isCareless, `${last}`);
    });
  }

  test("outlive everything the broker reads, in both threads, and the end of one of them", {
    ...TIMEOUT,
    skip: process.platform === "linux" ? false : "only Linux tells who holds a lock",
  }, async () => {
    await using home = await temporaryDirectory();
    const path = home.file("chat.db");
    using writer = ChatDbFixture.create(path);
    await using reader = ReadingProcess.start();
    await reader.ask({ kind: "open", path });
    const locks = () => [posixLocks(reader.pid, path), posixLocks(reader.pid, `${path}-shm`)];
    assert.deepEqual(locks(), [DATABASE_LOCK, LOG_INDEX_LOCK]);
    for (let round = 1; round <= 20; round += 1) {
      writer.insertAttachment(writer.insertJoined());
      assert.equal(await reader.ask({ kind: "read" }), BigInt(round));
      assert.deepEqual(locks(), [DATABASE_LOCK, LOG_INDEX_LOCK], `round ${round}`);
    }
    await reader.ask({ kind: "close-worker" });
    assert.deepEqual(locks(), [DATABASE_LOCK, LOG_INDEX_LOCK]);
    // The check can fail: this is what it looks for.
    await reader.ask({ kind: "touch", path });
    await reader.ask({ kind: "touch", path: `${path}-shm` });
    assert.deepEqual(locks(), [[], []]);
  });
});
