import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { parsePage, type WalPosition } from "@imesh/wal";
import { CandidateSet } from "./candidate-set.ts";
import { CaptureDatabase, type CaptureDatabaseOptions, readCommits } from "./fixtures/capture-database.ts";
import { PageCandidates } from "./page-candidates.ts";

/** A database, and what its commits touch. */
async function world(options: CaptureDatabaseOptions = {}) {
  const directory = await temporaryDirectory();
  const base = CaptureDatabase.create(join(directory.path, "chat.db"), options);
  const pages = new PageCandidates(base.shapes());
  let position: WalPosition | undefined;
  return {
    base,
    pages,
    /** What `sql` touches. */
    touched: (sql: string): CandidateSet => {
      base.db.exec(sql);
      const read = readCommits(base.path, position);
      position = read.position;
      const found = new CandidateSet();
      for (const commit of read.commits) pages.observe(commit, found);
      return found;
    },
    /** ROWIDs on the leaf of chat_message_join that has this one, as the log has it last. */
    leafOf: (rowid: bigint): readonly bigint[] => {
      let found: readonly bigint[] = [];
      for (const { pages: changed } of readCommits(base.path, undefined).commits) {
        for (const [pageNumber, page] of changed) {
          if (pageNumber === 1 || page[0] !== 13) continue;
          const parsed = parsePage(page, { pageNumber, usableBytes: page.length });
          const rowids = parsed.kind === "table-leaf" ? parsed.cells.map((cell) => cell.rowid) : [];
          if (rowids.includes(rowid)) found = rowids;
        }
      }
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      base[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** `count` joins of messages 1… with chat 1, one ROWID after the other. */
function joins(count: number): string {
  return `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO chat_message_join (chat_id, message_id, message_date) SELECT 1, i, 700000000000000000 FROM n`;
}

/** `count` messages of about 200 bytes. */
function messages(count: number, body = "NULL"): string {
  return `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO message (guid, text, body) SELECT 'G' || i, printf('%.100c', 'x'), ${body} FROM n`;
}

describe("PageCandidates", () => {
  test("takes rows that only moved for what they are: not touched", async () => {
    await using w = await world();
    w.touched(messages(200));
    const split = w.touched("UPDATE message SET text = printf('%.3000c', 'y') WHERE rowid = 100");
    assert.deepEqual([...split.messages], [100n]);
    const merged = w.touched("DELETE FROM message WHERE rowid BETWEEN 50 AND 120");
    assert.deepEqual(merged.messages.size, 71);
    assert.deepEqual([merged.doubts.size, merged.missed], [0, undefined]);
  });

  test("takes no move of rows by a vacuum for a change, once it knows the pages", async () => {
    await using w = await world({ isAutoVacuum: true });
    w.touched(messages(50));
    w.touched(joins(600));
    w.touched("CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(100000))");
    w.pages.setShapes(w.base.shapes());
    w.touched(`${messages(1).replaceAll("'G' ||", "'H' ||")}; DELETE FROM filler`);
    const moved = w.touched("PRAGMA incremental_vacuum");
    assert.deepEqual([...moved.messages, ...moved.doubts], []);
  });

  test("finds a large row rewritten in place by its overflow page alone", async () => {
    await using w = await world();
    w.touched(messages(3, "zeroblob(20000)"));
    const rewrite = (byte: string) =>
      w.touched(
        `UPDATE message SET body = CAST(zeroblob(15000) || x'${byte}' || zeroblob(4999) AS BLOB) WHERE rowid = 2`,
      );
    const rewritten = rewrite("01");
    assert.deepEqual([[...rewritten.messages], [...rewritten.doubts]], [[2n], []]);
    w.pages.forget();
    const cold = rewrite("02");
    assert.deepEqual([[...cold.messages], [...cold.doubts]], [[], ["overflow"]]);
  });

  test("has no doubt about joins whose upkeep alone was written, on a page that it does not know", async () => {
    await using w = await world();
    w.touched(joins(100));
    w.pages.forget();
    const upkeep = w.touched("UPDATE chat_message_join SET index_state = 1 WHERE message_id = 50");
    assert.deepEqual([upkeep.messages.has(50n), [...upkeep.doubts]], [true, []]);
    w.pages.forget();
    assert.deepEqual([...w.touched("DELETE FROM chat_message_join WHERE message_id = 50").doubts], ["joins"]);
    assert.deepEqual([...w.touched("DELETE FROM chat_message_join WHERE message_id = 51").doubts], []);
  });

  test("doubts the joins when a page of them is gone that it did not know", async () => {
    for (const isKnown of [true, false]) {
      await using w = await world({ pageSize: 512 });
      w.touched(joins(200));
      const leaf = w.leafOf(60n);
      assert(leaf.length > 5 && leaf.length < 60);
      const range = `BETWEEN ${leaf[0]} AND ${leaf.at(-1)}`;
      if (!isKnown) w.pages.forget();
      // Every other leaf is known in either case.
      w.touched(`UPDATE chat_message_join SET index_state = 1 WHERE rowid NOT ${range}`);
      const gone = w.touched(`DELETE FROM chat_message_join WHERE rowid ${range}`);
      const expected = isKnown ? [[], leaf.length] : [["joins", "memberships"], 0];
      assert.deepEqual([[...gone.doubts], gone.messages.size], expected);
    }
  });

  test("finds joins that moved off a page and were deleted, whatever the page that was freed still says", async () => {
    await using w = await world({ pageSize: 512 });
    w.touched(joins(200));
    const gone = w.touched(`BEGIN;
      DELETE FROM chat_message_join WHERE message_id BETWEEN 60 AND 120 AND message_id NOT IN (88, 89);
      DELETE FROM chat_message_join WHERE message_id IN (88, 89); COMMIT`);
    const found = new Set(gone.messages);
    for (let message = 60n; message <= 120n; message += 1n) assert(found.has(message), `message ${message}`);
    assert.deepEqual([...gone.doubts], []);
  });

  test("tells a join that ended from one of another table that began with the same bytes", async () => {
    await using w = await world();
    const { base } = w;
    w.touched(
      "INSERT INTO chat_message_join VALUES (1, 5, 700, 0); INSERT INTO chat_recoverable_message_join VALUES (2, 6, 700, 0)",
    );
    w.touched("INSERT INTO chat_message_join VALUES (1, 7, 700, 0)");
    const same = w.touched(`BEGIN; DELETE FROM chat_message_join WHERE message_id = 7;
      INSERT INTO chat_recoverable_message_join VALUES (1, 7, 700, 0); COMMIT`);
    assert.deepEqual([...same.messages], [7n]);
    assert.equal(
      base.db.prepare("SELECT rowid FROM chat_recoverable_message_join WHERE message_id = 7").pluck().get(),
      2,
    );
  });

  test("tells a deletion on a page that it does not know by what is left of the page", async () => {
    await using w = await world();
    w.touched(messages(30));
    w.pages.forget();
    const found = w.touched("DELETE FROM message WHERE rowid = 5");
    const [leaf] = found.leaves;
    assert.deepEqual(
      [found.messages.has(5n), leaf?.rowids.includes(4n), leaf?.rowids.includes(5n)],
      [false, true, false],
    );
  });

  test("says that a table was emptied", async () => {
    await using w = await world();
    w.touched(messages(30));
    w.pages.forget();
    assert.deepEqual([...w.touched("DELETE FROM message").doubts], ["emptied"]);
  });

  test("does not look at tables that nobody watches, nor at the schema", async () => {
    await using w = await world();
    for (const sql of [
      "INSERT INTO kvtable (key, value) VALUES ('a', zeroblob(9000))",
      "UPDATE kvtable SET value = zeroblob(8999) || x'01'",
      "INSERT INTO handle (id, service) VALUES ('a', 'b')",
      "UPDATE index_state_metrics SET pending = 9",
      "INSERT INTO deleted_messages (guid) VALUES ('x')",
      "CREATE INDEX fresh ON kvtable (value)",
    ]) {
      const found = w.touched(sql);
      assert.equal(found.isEmpty, true, sql);
    }
  });

  test("calls a page unreadable that SQLite cannot have written, and goes on", async () => {
    await using w = await world();
    const broken = new Uint8Array(4096).fill(0xff);
    broken[0] = 13;
    const found = new CandidateSet();
    w.pages.observe({ pages: new Map([[40, broken]]), databasePages: 60 }, found);
    assert.equal(found.missed, "unreadable");
    assert.deepEqual([...w.touched(messages(1)).messages], [1n]);
  });
});
