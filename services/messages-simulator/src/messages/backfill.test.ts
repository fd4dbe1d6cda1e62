import assert from "node:assert/strict";
import { describe, test } from "node:test";
import Database from "better-sqlite3";
import { type BackfillOrder, writeBackfill } from "./backfill.ts";
import { type Disk, withDisk } from "./testing/disk-fixture.ts";

const NS_PER_DAY = 86_400_000_000_000n;
const ORDER: BackfillOrder = {
  messages: 130,
  chats: 5,
  newestAgeNs: 3n * NS_PER_DAY,
  spacingNs: 60_000_000_000n,
  batch: 10,
  seed: 4n,
};

/** With it the joins of the first batch come after the rows of the second. */
const seedOfLateJoin = 5n;

async function bring(disk: Disk, order: BackfillOrder): Promise<readonly bigint[]> {
  const bringing = writeBackfill(order, disk.writer);
  bringing.catch(() => {});
  for (let batch = 0; batch < order.messages / order.batch; batch += 1) await disk.clock.advance(0);
  return await bringing;
}

/** What another process sees after each commit: rows, and those of them in a chat. */
function watchCommits(disk: Disk): (readonly [bigint, bigint])[] {
  const seen: (readonly [bigint, bigint])[] = [];
  const reader = new Database(disk.mac.paths.chatDb, { readonly: true });
  reader.defaultSafeIntegers(true);
  const count = reader
    .prepare("SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM chat_message_join)")
    .raw();
  const { database } = disk.mac;
  const save = database.save.bind(database);
  database.save = (write) => {
    const result = save(write);
    seen.push(count.get() as [bigint, bigint]);
    return result;
  };
  return seen;
}

describe("writeBackfill()", () => {
  test("brings rows with new ROWIDs and old dates, newest first, read and in their chats", async () => {
    await withDisk(async (disk) => {
      disk.messages(3);
      const rowids = await bring(disk, ORDER);
      assert.deepEqual(
        rowids,
        Array.from({ length: 130 }, (_, index) => BigInt(index + 4)),
      );
      const dates = disk.read("SELECT date FROM message WHERE ROWID > 3 ORDER BY ROWID").flat() as bigint[];
      assert.ok(
        dates.every((date, index) => index === 0 || date === (dates[index - 1] ?? 0n) - ORDER.spacingNs),
      );
      const counted = `SELECT count(*), count(DISTINCT j.chat_id), min(m.is_read), min(m.ck_sync_state), sum(m.is_from_me) > 0
        FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID WHERE m.ROWID > 3`;
      assert.deepEqual(disk.read(counted), [[130n, 5n, 1n, 1n, 1n]]);
      assert.deepEqual(disk.read("PRAGMA integrity_check"), [["ok"]]);
    });
  });

  test("writes batches in one transaction, the joins of some in a later one", async () => {
    await withDisk(async (disk) => {
      const commits = watchCommits(disk);
      await bring(disk, ORDER);
      const rows = commits.map(([count]) => count);
      assert.deepEqual(
        [...new Set(rows)],
        Array.from({ length: 14 }, (_, batch) => BigInt(batch * 10)),
      );
      const lags = new Set(commits.map(([messages, joins]) => messages - joins));
      assert.deepEqual([...lags].toSorted(), [0n, 10n, 20n].slice(0, lags.size));
      assert.ok(lags.size >= 2, "no batch had its joins later");
    });
  });

  test("is told as new, once each, in the transaction of its join; its chats too", async () => {
    await withDisk(async (disk) => {
      const rowids = await bring(disk, ORDER);
      const truth = disk.mac.truth.after(0n, 1_000).map(({ change }) => change);
      const of = (subject: string) => truth.filter((change) => change.subject === subject);
      assert.deepEqual(
        of("message")
          .map(({ rowid }) => rowid)
          .toSorted((left, right) => Number(left - right)),
        rowids,
      );
      assert.equal(of("chat").length, 5);
      assert.ok(truth.every(({ reason, state }) => reason === "new" && state !== ""));
    });
  });

  test("is the same for the same seed and database", async () => {
    const outcomes: unknown[] = [];
    for (let time = 0; time < 2; time += 1) {
      await withDisk(async (disk) => {
        await bring(disk, { ...ORDER, messages: 30 });
        outcomes.push(
          disk.read("SELECT guid, text, attributedBody, is_from_me, date FROM message ORDER BY ROWID"),
        );
      });
    }
    assert.deepEqual(outcomes[0], outcomes[1]);
  });

  test("stopped between two batches, it rejects", async () => {
    await withDisk(async (disk) => {
      const bringing = writeBackfill(ORDER, disk.writer);
      disk.stop(new Error("quitting"));
      await assert.rejects(bringing, /quitting/);
      assert.deepEqual(disk.read("SELECT count(*) FROM message"), [[10n]]);
    });
  });

  test("passes over what was removed before its join", async () => {
    await withDisk(async (disk) => {
      const order = { ...ORDER, messages: 20, seed: seedOfLateJoin };
      const bringing = writeBackfill(order, disk.writer);
      assert.deepEqual(disk.read("SELECT count(*) FROM chat_message_join"), [[0n]]);
      disk.mac.database.save(({ changes }) => changes.delete(1n));
      await disk.clock.advance(0);
      assert.equal((await bringing).length, 20);
      assert.deepEqual(disk.read("SELECT count(*), min(message_id) FROM chat_message_join"), [[19n, 2n]]);
      assert.ok(
        disk.mac.truth.after(0n, 100).every(({ change }) => change.subject === "chat" || change.rowid !== 1n),
      );
    });
  });
});
