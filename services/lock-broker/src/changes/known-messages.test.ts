import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import type { ChatDbFixture } from "../fixtures/chat-db-fixture.ts";
import { WatchedWorld } from "./fixtures/watched-world.ts";

/** One or two on a page of 1 KiB: more pages than are remembered. */
const ROWS = 1_400;

const OPTIONS = { pageSize: 1_024 } as const;

function fill(fixture: ChatDbFixture): void {
  fixture.db.exec("CREATE INDEX message_idx_ck_sync_state_service ON message(ck_sync_state, service)");
  fixture.db.exec("CREATE INDEX message_idx_failed ON message(is_finished, is_from_me, error)");
  fixture.db.exec("CREATE INDEX message_idx_was_downgraded ON message(was_downgraded)");
  fixture.db.exec("CREATE INDEX message_idx_is_read ON message(is_read, is_from_me, is_finished)");
  fixture.db.exec("INSERT INTO handle (id, country, service) VALUES ('+15550001', 'us', 'SMS')");
  fixture.db.transaction(() => {
    for (let index = 1; index <= ROWS; index += 1) {
      const rowid = fixture.insert({ text: `message ${index} ${"x".repeat(300)}`, date: BigInt(index) });
      if (index % 50 !== 0) fixture.join(rowid);
    }
  })();
}

/** All rows as the ledger has them, against the only witness: SQLite. */
function assertAllKnown({ db, ledger, fixture }: WatchedWorld, what: string): void {
  const rowids = fixture.db
    .prepare<[], bigint>("SELECT ROWID FROM message ORDER BY ROWID")
    .pluck()
    .safeIntegers()
    .all();
  assert.deepEqual(ledger.tables.message.rowidsBetween(-1n, 10_000n), rowids, what);
  db.read(({ reader }) => {
    for (const rowid of rowids) {
      const { content: _, ...known } = ledger.message(rowid)?.print ?? assert.fail(what);
      const { content: _2, ...seen } = reader.messagePrint(rowid, undefined) ?? assert.fail(what);
      // The handle that a row names is looked at when its sender is.
      assert.deepEqual(known, seen, `${what}, row ${rowid}`);
    }
  });
}

describe("messages known by their records", () => {
  test("200 commits of upkeep to pages that nobody remembers run no statement on chat.db", async () => {
    await using world = await WatchedWorld.begin(OPTIONS, fill);
    const upkeep = world.fixture.db.prepare(
      "UPDATE message SET ck_sync_state = ?, ck_record_id = ?, index_state = ? WHERE ROWID = ?",
    );
    const { statements, reads } = world.db.statistics;
    const { commits, irrelevantCommits } = world.capture.statistics;
    for (let index = 0; index < 200; index += 1) {
      upkeep.run(index % 5, `record ${index}`, index % 3, 1 + ((index * 7) % ROWS));
      assert.deepEqual(world.follow(), []);
    }
    assert.deepEqual(world.db.statistics, { statements, reads, longestReadMs: 0 });
    const now = world.capture.statistics;
    assert.deepEqual([now.commits - commits, now.irrelevantCommits - irrelevantCommits], [200, 200]);
  });

  test("each kind of change on such pages is told, once", async () => {
    await using world = await WatchedWorld.begin(OPTIONS, fill);
    const changes: readonly (readonly [string, string])[] = [
      ["text = 'edited', date_edited = 5", "content"],
      ["is_read = 1, date_read = 9", "read"],
      ["is_delivered = 1", "delivered"],
      ["date_played = 4", "played"],
      ["error = 22", "status"],
      ["handle_id = 2", "status"],
      ["schedule_state = 2", "schedule"],
      ["guid = 'ANOTHER'", "guid"],
      ["attributedBody = zeroblob(3000)", "content"],
    ];
    for (const [index, [assignment, reason]] of changes.entries()) {
      const rowid = 11 + index * 100;
      world.fixture.db.exec(`UPDATE message SET ${assignment} WHERE ROWID = ${rowid}`);
      assert.deepEqual(world.follow(), [`message ${rowid} ${reason}`], assignment);
    }
    // The same address with another handle: nothing to tell, but known from now on.
    world.fixture.db.exec("UPDATE message SET handle_id = 3 WHERE ROWID = 1211");
    assert.deepEqual(world.follow(), []);
    world.fixture.db.exec("DELETE FROM message WHERE ROWID = 1301");
    assert.deepEqual(world.follow(), ["message 1301 deleted"]);
    assertAllKnown(world, "at the end");
  });

  test("whatever is committed, what is known stays what SQLite says (I14)", async () => {
    const random = SeededRandom.fromEnvironment("known messages");
    await using world = await WatchedWorld.begin(OPTIONS, fill);
    const { fixture } = world;
    const operations: readonly (readonly [number, (rowid: number) => unknown])[] = [
      [
        8,
        (rowid) =>
          fixture.db.exec(`UPDATE message SET ck_sync_state = ck_sync_state + 1 WHERE ROWID = ${rowid}`),
      ],
      [
        4,
        (rowid) =>
          fixture.db.exec(`UPDATE message SET ck_record_id = hex(randomblob(40)) WHERE ROWID = ${rowid}`),
      ],
      [2, (rowid) => fixture.db.exec(`UPDATE message SET text = text || 'y' WHERE ROWID = ${rowid}`)],
      [2, (rowid) => fixture.db.exec(`UPDATE message SET is_read = 1 - is_read WHERE ROWID = ${rowid}`)],
      [
        1,
        (rowid) => fixture.db.exec(`UPDATE message SET handle_id = 1 + handle_id % 5 WHERE ROWID = ${rowid}`),
      ],
      [
        1,
        (rowid) => fixture.db.exec(`UPDATE message SET text = printf('%.2000c', 'z') WHERE ROWID = ${rowid}`),
      ],
      [2, (rowid) => fixture.db.exec(`DELETE FROM message WHERE ROWID = ${rowid}`)],
      [1, () => fixture.insertJoined({ guid: random.uuid(), text: "new" })],
      [1, (rowid) => fixture.db.exec(`DELETE FROM message WHERE ROWID BETWEEN ${rowid} AND ${rowid + 6}`)],
    ];
    const drawn = operations.flatMap(
      ([weight, operate]) => Array(weight).fill(operate) as (typeof operate)[],
    );
    const { irrelevantCommits } = world.capture.statistics;
    for (let round = 1; round <= 240; round += 1) {
      fixture.db.transaction(() => {
        for (let count = random.pick([1, 1, 1, 2, 8]); count > 0; count -= 1) {
          random.pick(drawn)(random.integer(1, ROWS));
        }
      })();
      if (random.chance(0.7)) world.follow();
      if (random.chance(0.03)) fixture.db.pragma("wal_checkpoint(RESTART)");
      if (round % 30 === 0) {
        world.follow();
        world.scan();
        assertAllKnown(world, `seed ${random.seed}, round ${round}`);
      }
    }
    assert(world.capture.statistics.irrelevantCommits > irrelevantCommits + 20);
  });
});
