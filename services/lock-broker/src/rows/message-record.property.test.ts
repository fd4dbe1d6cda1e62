import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { parsePage, type TableLeafCell, walkTableLeaves } from "@imesh/wal";
import type { ChatDbFixture, MessageValues } from "../fixtures/chat-db-fixture.ts";
import type { HistoricSchema } from "../fixtures/historic-schemas.ts";
import { inRowsWorld, type RowsWorld } from "../fixtures/rows-world.ts";
import { MessageRecords } from "./message-record.ts";
import type { MessagePrint, RecordPrint } from "./prints.ts";

/** Columns that a person sees nothing of, as Apple's upkeep writes them. */
const UPKEEP = ["ck_sync_state", "index_state", "ck_record_id", "ck_record_change_tag", "has_dd_results"];

/** What an update may set: columns of the print and others, numbers, texts and blobs. */
const COLUMNS = [
  ..."is_from_me is_finished is_sent was_downgraded is_delivered is_read is_played is_empty is_audio_message".split(
    " ",
  ),
  ..."error date date_delivered date_read date_played schedule_type schedule_state service handle_id".split(
    " ",
  ),
  ..."text subject group_title balloon_bundle_id associated_message_guid associated_message_emoji".split(" "),
  ..."expressive_send_style_id thread_originator_guid thread_originator_part date_edited date_retracted".split(
    " ",
  ),
  ..."part_count associated_message_type item_type group_action_type share_status other_handle guid".split(
    " ",
  ),
  ..."message_action_type expire_state attributedBody message_summary_info payload_data reply_to_guid".split(
    " ",
  ),
  ...UPKEEP,
  ..."later_text later_blob untyped added_text added_number added_real added_odd country account".split(" "),
];

/** Every cell of `message`, read from the file as it is after a checkpoint. */
function cells({ fixture }: RowsWorld): readonly TableLeafCell[] {
  fixture.db.pragma("wal_checkpoint(TRUNCATE)");
  const file = readFileSync(fixture.path);
  const pageSize = Number(fixture.db.pragma("page_size", { simple: true }));
  const root = fixture.db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").pluck().get();
  const leaves = walkTableLeaves(Number(root), (pageNumber) =>
    parsePage(file.subarray((pageNumber - 1) * pageSize, pageNumber * pageSize), {
      pageNumber,
      // This build of SQLite reserves what the file says.
      usableBytes: pageSize - (file[20] ?? 0),
    }),
  );
  return [...leaves].flatMap(({ page }) => page.cells);
}

/** The part of a print that a record tells, by SQLite. */
function recordPart(print: MessagePrint): RecordPrint {
  const {
    isJoined: _1,
    isRecoverable: _2,
    status: _3,
    chats: _4,
    attachments: _5,
    content: _6,
    ...part
  } = print;
  return part;
}

function printsBySql({ ask }: RowsWorld): ReadonlyMap<bigint, MessagePrint> {
  const prints = ask((reader) => reader.messagePrintsAfter(-(2n ** 63n), 10_000, { content: false }));
  return new Map(prints.map((print) => [print.rowid, print]));
}

function printsByRecord(world: RowsWorld): ReadonlyMap<bigint, RecordPrint | undefined> {
  const records = world.ask((reader) => MessageRecords.of(reader.schema));
  assert(records !== undefined);
  return new Map(cells(world).map((cell) => [cell.rowid, records.print(cell)]));
}

/** Any value that SQLite stores, in any column. */
function anyValue(random: SeededRandom): MessageValues[string] {
  const kinds: readonly (() => MessageValues[string])[] = [
    () => null,
    () => 0n,
    () => 1n,
    () => BigInt(random.integer(-200, 200)),
    () =>
      random.pick([
        2n ** 53n,
        2n ** 53n + 1n,
        2n ** 63n - 1n,
        -(2n ** 63n),
        -(2n ** 47n),
        2n ** 31n,
        9007199254740881n,
      ]),
    () => 700_000_000_000_000_000n + BigInt(random.integer(0, 1_000_000)),
    () => random.pick([0.5, 1.5, -2.25, 1e300, 3]),
    () =>
      random.pick([
        "",
        "a",
        "0",
        "12",
        "1.5",
        "-1",
        "héllo",
        "日本 🎉",
        "\uFEFFmark",
        "nul\0in",
        "x".repeat(90),
      ]),
    () => "y".repeat(random.integer(0, 6_000)),
    () => Buffer.alloc(random.integer(0, 40), random.integer(0, 255)),
    () => Buffer.alloc(random.integer(0, 3_000), 7),
  ];
  return random.pick(kinds)();
}

/** Values that Messages would store there. */
function usualRow(random: SeededRandom, index: number): MessageValues {
  return {
    guid: `G-${index}`,
    text: random.pick([null, "hello", "héllo 🎉", "x".repeat(300)]),
    attributedBody: random.chance(0.7) ? Buffer.alloc(random.integer(0, 500), index) : null,
    handle_id: random.pick([0, 1, 2, 77]),
    service: random.pick(["iMessage", "SMS", null]),
    date: 700_000_000_000_000_000n + BigInt(index),
    date_read: random.pick([null, 0n, 700_000_000_000_000_000n]),
    is_from_me: random.integer(0, 1),
    is_finished: random.pick([0, 1, null]),
    is_read: random.integer(0, 1),
    error: random.pick([0, 22]),
    item_type: random.integer(0, 3),
    other_handle: random.pick([-1, 0, 2]),
    account: "e:me@example.com",
  };
}

/** Sets a column, if the table has it and its constraints allow; invalid UTF-8 by way of a cast. */
function setAny({ db }: ChatDbFixture, random: SeededRandom, rowid: bigint): void {
  const column = random.pick(COLUMNS);
  const value = random.chance(0.1) ? "CAST(x'61ff62c328' AS TEXT)" : "?";
  const values = value === "?" ? [anyValue(random)] : [];
  try {
    db.prepare(`UPDATE message SET "${column}" = ${value} WHERE ROWID = ?`).run(...values, rowid);
  } catch (error) {
    // A column that this schema lacks, a guid that is taken or NULL.
    assert.match(String(error), /no such column|constraint failed/);
  }
}

/** Columns that come later, so that older records lack them. */
function addColumns({ db }: ChatDbFixture, random: SeededRandom): void {
  const columns = random.pick([
    ["added_text TEXT DEFAULT 'later'", "added_number INTEGER DEFAULT 7"],
    ["added_text TEXT DEFAULT 5", "added_odd BLOB DEFAULT 'x'"],
    ["added_real REAL DEFAULT 3", "added_number NUMERIC DEFAULT -1", "added_odd DEFAULT x'00ff'"],
    ["added_text TEXT"],
  ]);
  for (const column of columns) db.exec(`ALTER TABLE message ADD COLUMN ${column}`);
}

/** A column of the print that comes later, with a DEFAULT that counts. */
function addSeenColumns({ db }: ChatDbFixture): void {
  const known = db.prepare("SELECT name FROM pragma_table_info('message')").pluck().all();
  for (const column of [
    "part_count INTEGER DEFAULT 4",
    "share_status TEXT DEFAULT 'none'",
    "date_edited REAL",
  ]) {
    if (!known.includes(column.split(" ")[0])) db.exec(`ALTER TABLE message ADD COLUMN ${column}`);
  }
}

interface Counts {
  told: number;
  unknown: number;
}

/** What a record tells is what SQLite tells, to the last field: so no change can be taken for none. */
function compare(world: RowsWorld, what: string): Counts {
  const bySql = printsBySql(world);
  const byRecord = printsByRecord(world);
  assert.equal(byRecord.size, bySql.size, what);
  const counts = { told: 0, unknown: 0 };
  for (const [rowid, print] of byRecord) {
    const wanted = bySql.get(rowid);
    assert(wanted !== undefined, what);
    if (print === undefined) {
      counts.unknown += 1;
      continue;
    }
    const handle = world.fixture.db
      .prepare(
        "SELECT handle_id <> 0 AND typeof(handle_id) = 'integer' AND NOT EXISTS (SELECT 1 FROM handle WHERE ROWID = handle_id) FROM message WHERE ROWID = ?",
      )
      .pluck()
      .get(rowid);
    const { recordStatus, ...others } = print;
    const { recordStatus: wantedStatus, ...wantedOthers } = recordPart(wanted);
    assert.deepEqual(others, wantedOthers, `${what}, row ${rowid}`);
    // A sender who may yet come is asked for.
    if (handle === 1) assert.notEqual(recordStatus, wantedStatus, `${what}, row ${rowid}`);
    else assert.equal(recordStatus, wantedStatus, `${what}, row ${rowid}`);
    counts.told += 1;
  }
  return counts;
}

test("a record tells what SQLite tells of the row, or nothing, whatever is stored (I14)", async () => {
  const seeds = SeededRandom.fromEnvironment("message records");
  const total = { told: 0, unknown: 0 };
  for (let round = Number(process.env.IMESH_ROUNDS ?? 12); round > 0; round -= 1) {
    const random = new SeededRandom(seeds.integer(0, 0xffff_ffff));
    const schema = random.pick<HistoricSchema>(["10.11", "11", "26.5.2", "26.5.2", "odd"]);
    await inRowsWorld(
      (world) => {
        const { fixture } = world;
        const rowids: bigint[] = [];
        const write = (count: number, row: (index: number) => MessageValues) =>
          fixture.db.transaction(() => {
            for (; count > 0; count -= 1) {
              const values = Object.entries(row(rowids.length)).filter(([name]) =>
                world.ask((reader) => reader.schema.has("message", name)),
              );
              rowids.push(fixture.insert(Object.fromEntries(values)));
            }
          })();
        write(60, (index) => usualRow(random, index));
        if (random.chance(0.5)) addSeenColumns(fixture);
        if (random.chance(0.7)) addColumns(fixture, random);
        write(60, (index) => usualRow(random, index));
        for (const rowid of [2n ** 53n + 1n, 2n ** 53n - 1n, -5n]) {
          if (random.chance(0.5)) rowids.push(fixture.insert({ ROWID: rowid, guid: `R${rowid}` }));
        }
        for (let pass = 0; pass < 4; pass += 1) {
          const counts = compare(world, `seed ${random.seed}, schema ${schema}, pass ${pass}`);
          total.told += counts.told;
          total.unknown += counts.unknown;
          fixture.db.transaction(() => {
            for (let update = 0; update < 40; update += 1) setAny(fixture, random, random.pick(rowids));
          })();
        }
      },
      { schema, pageSize: random.pick([1024, 4096, 4096, 65_536]) },
    );
  }
  assert(total.told > total.unknown, JSON.stringify(total));
});

test("upkeep of usual rows leaves what a record tells as it was", async () => {
  for (const schema of ["11", "26.5.2", "odd"] as const) {
    await inRowsWorld(
      (world) => {
        const { fixture } = world;
        const random = SeededRandom.fromEnvironment("upkeep of records");
        for (let index = 0; index < 300; index += 1) {
          const values = Object.entries({ ...usualRow(random, index), handle_id: 1 });
          fixture.insert(Object.fromEntries(values));
        }
        const before = printsByRecord(world);
        const has = UPKEEP.filter((name) => world.ask((reader) => reader.schema.has("message", name)));
        for (const column of has) fixture.db.exec(`UPDATE message SET ${column} = ROWID % 5`);
        const after = printsByRecord(world);
        assert(![...before.values()].includes(undefined));
        assert.deepEqual(after, before);
        for (const [rowid, print] of printsBySql(world))
          assert.deepEqual(after.get(rowid), recordPart(print));
      },
      { schema },
    );
  }
});

test("columns that are computed, and a key that is not the ROWID, leave everything to SQLite", () =>
  inRowsWorld(({ fixture, ask }) => {
    assert(ask((reader) => MessageRecords.of(reader.schema)) !== undefined);
    fixture.db.exec("ALTER TABLE message ADD COLUMN twice INTEGER AS (date * 2) VIRTUAL");
    assert.equal(
      ask((reader) => MessageRecords.of(reader.schema)),
      undefined,
    );
  }));
