import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withDisk } from "../messages/testing/disk-fixture.ts";
import { maintainForever } from "./constant-maintenance.ts";
import { MAINTENANCE_KINDS, maintain } from "./maintenance.ts";

/** All that a person can see, but for bodies, whose looks {@link detectData} is tested for. */
const VISIBLE = [
  `SELECT guid, text, date, date_read, date_delivered, is_sent, is_read, message_summary_info, date_edited, part_count
   FROM message ORDER BY ROWID`,
  "SELECT guid, display_name, properties, state FROM chat ORDER BY ROWID",
  "SELECT chat_id, message_id, message_date FROM chat_message_join ORDER BY 1, 2",
];

/** What each kind is there for. */
const TOUCHED: Readonly<Record<(typeof MAINTENANCE_KINDS)[number], string>> = {
  cloudkit: "SELECT count(*) > 0 FROM message WHERE ck_sync_state = 1 AND length(ck_record_id) = 64",
  spotlight: "SELECT redonation_count > 0 FROM index_state_metrics",
  "data-detection": "SELECT count(*) > 0 FROM message WHERE has_dd_results = 1",
  "chat-counters": "SELECT max(last_read_message_timestamp) > 700000000000000000 FROM chat",
  tasks: "SELECT max(seq) > 0 FROM sqlite_sequence WHERE name = 'message_processing_task'",
  vacuum: "SELECT count(*) > 0 FROM persistent_tasks",
};

describe("maintain()", () => {
  for (const kind of MAINTENANCE_KINDS) {
    test(`${kind} touches rows and nobody sees it`, async () => {
      await withDisk(({ mac, clock, read, messages }) => {
        messages(20);
        const before = VISIBLE.map(read);
        const seen = mac.truth.lastSequence;
        const saves = mac.database.saves;
        maintain({ kind, rows: 5, seed: 3n }, { database: mac.database, clock });
        assert.deepEqual(VISIBLE.map(read), before);
        assert.equal(mac.truth.lastSequence, seen);
        assert.ok(mac.database.saves > saves);
        assert.deepEqual(read(TOUCHED[kind]), [[1n]]);
      });
    });
  }

  test("tasks come in one transaction and go in the next", async () => {
    await withDisk(({ mac, clock, read, messages }) => {
      messages(3);
      maintain({ kind: "tasks", rows: 2, seed: 1n }, { database: mac.database, clock });
      assert.deepEqual(
        read("SELECT count(*) FROM message_processing_task UNION ALL SELECT count(*) FROM persistent_tasks"),
        [[0n], [0n]],
      );
    });
  });

  test("vacuum moves pages of messages into the holes that tasks left", async () => {
    await withDisk(({ mac, clock, read, messages }) => {
      const ports = { database: mac.database, clock };
      messages(5);
      maintain({ kind: "vacuum", rows: 40, seed: 1n }, ports);
      messages(200);
      const pages = () => Number((read("PRAGMA page_count")[0] as bigint[])[0]);
      const before = { pages: pages(), rows: read("SELECT ROWID, guid FROM message") };
      maintain({ kind: "vacuum", rows: 40, seed: 2n }, ports);
      assert.deepEqual(read("SELECT ROWID, guid FROM message"), before.rows);
      assert.deepEqual(read("PRAGMA integrity_check"), [["ok"]]);
      mac.database.save(({ upkeep }) => upkeep.removeTasks());
      mac.database.maintain((writer) => writer.pragma("incremental_vacuum"));
      assert.ok(pages() < before.pages, `${pages()} pages of ${before.pages}`);
    });
  });

  test("does the same for the same seed and database", async () => {
    const outcomes: unknown[] = [];
    for (let time = 0; time < 2; time += 1) {
      await withDisk(({ mac, clock, read, messages }) => {
        messages(10);
        const ports = { database: mac.database, clock };
        for (const kind of MAINTENANCE_KINDS) maintain({ kind, rows: 3, seed: 9n }, ports);
        outcomes.push(read("SELECT attributedBody, ck_record_id, index_state FROM message"));
      });
    }
    assert.deepEqual(outcomes[0], outcomes[1]);
  });

  test("finds nothing to do in an empty database", async () => {
    await withDisk(({ mac, clock, read }) => {
      for (const kind of MAINTENANCE_KINDS) {
        maintain({ kind, rows: 3, seed: 9n }, { database: mac.database, clock });
      }
      assert.deepEqual(read("SELECT count(*) FROM persistent_tasks"), [[0n]]);
    });
  });
});

describe("maintainForever()", () => {
  test("keeps its rate, and ends with its signal", async () => {
    await withDisk(async ({ mac, clock, messages }) => {
      messages(10);
      const stopping = new AbortController();
      const before = mac.database.saves;
      const ports = { database: mac.database, clock, signal: stopping.signal };
      const running = maintainForever({ perSecond: 10, seed: 1n }, ports);
      for (let step = 0; step < 20; step += 1) await clock.advance(50);
      const saves = mac.database.saves - before;
      assert.ok(saves >= 10n && saves <= 20n, `${saves} saves`);
      stopping.abort();
      await running;
      await clock.advance(1_000);
      assert.equal(mac.database.saves - before, saves);
    });
  });
});
