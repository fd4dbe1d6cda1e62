import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { describe, test } from "node:test";
import { FakeClock, type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";
import { appleNs, ChatDbFixture } from "../fixtures/chat-db-fixture.ts";
import { ChatDb } from "./chat-db.ts";
import { ChatDbError } from "./chat-db-error.ts";
import { DatabaseTail } from "./database-tail.ts";
import { CursorInvalidError, decodeCursor, encodeCursor } from "./row-cursor.ts";
import type { TailRead } from "./rows.ts";

const OLD = { date: appleNs(1_600_000_000_000) };
const NOTHING = new Uint8Array();
const SETTLE_MS = 30_000;

interface World {
  readonly fixture: ChatDbFixture;
  readonly db: ChatDb;
  readonly clock: FakeClock;
  readonly directory: TemporaryDirectory;
  open(cursor?: Uint8Array, rowsMax?: number): DatabaseTail;
}

async function inWorld(run: (world: World) => void | Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory();
  using fixture = ChatDbFixture.create(directory.file("chat.db"));
  const clock = new FakeClock();
  using db = ChatDb.open(fixture.path, { clock, onRead: () => {}, onReplaced: () => {} });
  const open = (cursor: Uint8Array = NOTHING, rowsMax = 256) =>
    DatabaseTail.open({ db, clock }, { rowsMax, settleDeadlineMs: SETTLE_MS }, cursor);
  await run({ fixture, db, clock, directory, open });
}

function shown(read: TailRead): string[] {
  return read.rows.map(({ message, reason }) => `${message.rowid} ${reason}`);
}

/** The date of a row that was sent just now. */
function now(clock: FakeClock): { readonly date: bigint } {
  return { date: appleNs(Number(clock.wallUnixNs() / 1_000_000n)) };
}

describe("DatabaseTail", () => {
  test("starts at the head, so that what is there already is not sent", () =>
    inWorld(({ fixture, open }) => {
      fixture.insertJoined(OLD);
      const tail = open();
      assert.deepEqual(shown(tail.read()), []);
      fixture.insertJoined(OLD);
      const read = tail.read();
      assert.deepEqual([shown(read), read.isCatchingUp, read.hasMore], [["2 new"], false, false]);
    }));

  test("says of what was there when it was opened that it catches up, and of nothing else", () =>
    inWorld(({ fixture, open }) => {
      const { ...start } = decodeCursor(open().cursor());
      for (let count = 0; count < 5; count += 1) fixture.insertJoined(OLD);
      const tail = open(encodeCursor(start), 2);
      fixture.insertJoined(OLD);
      const reads = [tail.read(), tail.read(), tail.read(), tail.read()];
      assert.deepEqual(
        reads.map((read) => [shown(read).join(), read.isCatchingUp, read.hasMore]),
        [
          ["1 new,2 new", true, true],
          ["3 new,4 new", true, true],
          ["5 new", true, true],
          ["6 new", false, false],
        ],
      );
    }));

  test("reaches the end of its catching up when the last rows were deleted meanwhile", () =>
    inWorld(({ fixture, open }) => {
      const start = open().cursor();
      for (let count = 0; count < 3; count += 1) fixture.insertJoined(OLD);
      const tail = open(start);
      fixture.remove(3n);
      assert.deepEqual(shown(tail.read()), ["1 new", "2 new"]);
      fixture.insertJoined(OLD);
      const read = tail.read();
      assert.deepEqual([shown(read), read.isCatchingUp], [["4 new"], false]);
    }));

  test("goes on from a stored cursor with all that was pending", () =>
    inWorld(({ fixture, open, clock }) => {
      const tail = open();
      const bare = fixture.insert(OLD);
      const own = fixture.insertJoined({ ...now(clock), is_from_me: 1 });
      assert.deepEqual(shown(tail.read()), [`${own} new`]);
      fixture.join(bare);
      fixture.update(own, { is_sent: 1 });
      const resumed = open(tail.cursor());
      assert.deepEqual(shown(resumed.read()), [`${bare} new`, `${own} status`]);
      assert.equal(resumed.pendingRows, 1);
    }));

  test("keeps the very same cursor while nothing moves", () =>
    inWorld(({ fixture, open }) => {
      const tail = open();
      tail.read();
      const before = tail.cursor();
      fixture.update(1n, { text: "maintenance" });
      tail.read();
      assert.equal(tail.cursor(), before);
    }));

  test("wants to be read at the settling deadline of the first row that waits", () =>
    inWorld(async ({ fixture, open, clock }) => {
      const tail = open();
      tail.read();
      assert.equal(tail.dueInMs(), undefined);
      const bare = fixture.insert(OLD);
      tail.read();
      await clock.advance(1_000);
      fixture.insert(OLD);
      tail.read();
      assert.equal(tail.dueInMs(), SETTLE_MS - 1_000);
      await clock.advance(SETTLE_MS - 1_000);
      assert.equal(tail.dueInMs(), 0);
      assert.deepEqual(shown(tail.read()), [`${bare} unjoined`]);
      assert.equal(tail.dueInMs(), 1_000);
    }));

  test("with many followed rows reads the young ones at once, the others a quarter of a second later", () =>
    inWorld(async ({ fixture, open, clock }) => {
      const tail = open();
      fixture.db.transaction(() => {
        for (let count = 0; count < 100; count += 1) fixture.insertJoined({ ...now(clock), is_from_me: 1 });
      })();
      while (tail.read().hasMore);
      assert.equal(tail.pendingRows, 100);
      await clock.advance(10_000);
      const young = fixture.insertJoined({ ...now(clock), is_from_me: 1 });
      assert.deepEqual(shown(tail.read()), [`${young} new`]);
      await clock.advance(100);
      fixture.update(50n, { is_sent: 1 });
      fixture.update(young, { is_sent: 1 });
      assert.deepEqual(shown(tail.read()), [`${young} status`]);
      assert.equal(tail.dueInMs(), 150);
      await clock.advance(150);
      assert.equal(tail.dueInMs(), 0);
      assert.deepEqual(shown(tail.read()), ["50 status"]);
      assert.equal(tail.dueInMs(), undefined);
    }));

  test("tells of a direction corrected after the row was emitted, and does not count the row as pending", () =>
    inWorld(({ fixture, open, clock }) => {
      const tail = open();
      const rowid = fixture.insertJoined(now(clock));
      assert.deepEqual(shown(tail.read()), [`${rowid} new`]);
      assert.equal(tail.pendingRows, 0);
      fixture.update(rowid, { is_from_me: 1 });
      assert.deepEqual(shown(tail.read()), [`${rowid} status`]);
    }));

  test("splits what is too large for one frame, and leaves out the bodies that fit none", () =>
    inWorld(({ fixture, open }) => {
      const tail = open();
      const body = (bytes: number) => ({ ...OLD, attributedBody: Buffer.alloc(bytes) });
      fixture.insertJoined(body(600_000));
      fixture.insertJoined(body(600_000));
      fixture.insertJoined(body(3_000_000));
      const reads = [tail.read(), tail.read(), tail.read()];
      assert.deepEqual(
        reads.map((read) => [shown(read).join(), read.hasMore, read.rowsOversized]),
        [
          ["1 new", true, 0],
          ["2 new", true, 0],
          ["3 new", false, 1],
        ],
      );
      assert.equal(reads[2]?.rows[0]?.message.attributedBody, undefined);
    }));

  test("starts again at the head of another database, and says so once", () =>
    inWorld(async ({ fixture, open, db, directory }) => {
      fixture.insertJoined(OLD);
      const tail = open();
      tail.read();
      const stored = tail.cursor();
      for (const suffix of ["", "-wal", "-shm"]) {
        await rename(`${fixture.path}${suffix}`, directory.file(`old${suffix}`));
      }
      using other = ChatDbFixture.create(fixture.path, { databaseUid: "UID-B" });
      other.insertJoined(OLD);
      other.insertJoined(OLD);
      db.reopen();
      const first = tail.read();
      assert.deepEqual(
        [shown(first), first.restarted, first.database.databaseUid],
        [[], "uid-changed", "UID-B"],
      );
      other.insertJoined(OLD);
      const second = tail.read();
      assert.deepEqual([shown(second), second.restarted], [["3 new"], undefined]);
      const resumed = open(stored).read();
      assert.deepEqual([shown(resumed), resumed.restarted, resumed.isCatchingUp], [[], "uid-changed", false]);
    }));

  test("goes on in a copy of the same database", () =>
    inWorld(async ({ fixture, open, db, directory }) => {
      fixture.insertJoined(OLD);
      const tail = open();
      const bare = fixture.insert(OLD);
      tail.read();
      fixture.db.exec(`VACUUM INTO '${directory.file("copy")}'`);
      using copy = ChatDbFixture.open(directory.file("copy"));
      copy.db.pragma("journal_mode = WAL");
      copy.join(bare);
      copy.insertJoined(OLD);
      copy[Symbol.dispose]();
      for (const suffix of ["", "-wal", "-shm"]) {
        await rename(`${fixture.path}${suffix}`, directory.file(`old${suffix}`));
      }
      await rename(directory.file("copy"), fixture.path);
      db.reopen();
      const read = tail.read();
      assert.deepEqual([shown(read), read.restarted], [[`${bare} new`, "3 new"], undefined]);
    }));

  test("has not moved when a read fails", () =>
    inWorld(({ fixture, open, db }) => {
      const tail = open();
      const before = tail.cursor();
      fixture.insertJoined(OLD);
      fixture.db.exec("ALTER TABLE chat RENAME TO away");
      assert.throws(() => tail.read(), ChatDbError);
      assert.equal(tail.cursor(), before);
      fixture.db.exec("ALTER TABLE away RENAME TO chat");
      db.reopen();
      assert.deepEqual(shown(tail.read()), ["1 new"]);
    }));

  test("refuses a cursor that is none", () =>
    inWorld(({ open }) => {
      assert.throws(() => open(Buffer.from("elsewhere")), CursorInvalidError);
    }));
});
