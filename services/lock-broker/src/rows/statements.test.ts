import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inRowsWorld } from "../fixtures/rows-world.ts";
import { ChatDbReader } from "./chat-db-reader.ts";
import { type Query, Statements } from "./statements.ts";

/** Keeps the text of every statement that a reader could run. */
class RecordingStatements extends Statements {
  readonly texts: string[] = [];

  override rows(sql: string): ReturnType<Statements["rows"]> {
    this.texts.push(sql);
    return super.rows(sql);
  }

  override values(sql: string): ReturnType<Statements["values"]> {
    this.texts.push(sql);
    return super.values(sql);
  }

  override arrays(sql: string): Query<readonly (string | number | Buffer | null)[]> {
    this.texts.push(sql);
    return super.arrays(sql);
  }
}

/** Statements that may go through a whole table: by an index that older systems lack, or to a bound. */
const ALLOWED_SCANS = [
  // Chats are few, and their list is ordered by what each of them says.
  /AS last_date FROM chat c\)\s+WHERE/,
  // Without an index on message_id each chat is asked for the message.
  /FROM chat c CROSS JOIN (chat_message_join j|chat_recoverable_message_join r)/,
  /WHERE j\.attachment_id = /,
  /WHERE a\.original_guid = /,
  /ORDER BY \w\.ROWID DESC LIMIT \d+\)/,
];

describe("the statements of a reader", () => {
  for (const schema of ["10.11", "11", "26.5.2", "odd"] as const) {
    test(`${schema}: each prepares, hides its values from the planner and reads no table from end to end`, () =>
      inRowsWorld(
        ({ fixture, ask }) => {
          for (let count = 0; count < 100; count += 1) {
            fixture.db.prepare("INSERT INTO chat (guid) VALUES (?)").run(`any;-;more${count}`);
            fixture.insertAttachment(fixture.insertJoined({ date: count }, 1 + (count % 2)));
          }
          // Statistics as they are after years, which would tempt the planner to scan the smaller-looking table.
          fixture.db.exec("ANALYZE");
          const statements = new RecordingStatements(fixture.db, { statements: 0 });
          const probed = ask((reader) => reader.schema);
          new ChatDbReader(statements, probed);
          assert(statements.texts.length > 25);
          for (const sql of statements.texts) {
            fixture.db.prepare(sql);
            assert(!sql.replaceAll("(? + 0)", "").replaceAll("(? || '')", "").includes("?"), sql);
            assert.doesNotMatch(sql, /SELECT \*|\*\s+FROM/);
            const plan = fixture.db.prepare<[], { detail: string }>(
              `EXPLAIN QUERY PLAN ${sql.replaceAll("?", "1")}`,
            );
            const scans = plan.all().filter(({ detail }) => /^SCAN (?!\(|CONSTANT)/.test(detail));
            if (!ALLOWED_SCANS.some((allowed) => allowed.test(sql))) assert.deepEqual(scans, [], sql);
          }
        },
        { schema },
      ));
  }

  test("lists by date go along the index", () =>
    inRowsWorld(({ fixture, ask }) => {
      const statements = new RecordingStatements(fixture.db, { statements: 0 });
      new ChatDbReader(
        statements,
        ask((reader) => reader.schema),
      );
      const lists = statements.texts.filter((sql) => sql.includes("typeof("));
      assert.equal(lists.length, 4);
      for (const sql of lists) {
        const plan = fixture.db
          .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll("?", "1")}`)
          .all()
          .map(({ detail }) => detail);
        assert.equal(plan.length, 1, sql);
        assert.match(
          plan[0] ?? "",
          /USING COVERING INDEX (message_idx_date|chat_message_join_idx_message_date_id_chat_id) \(/,
        );
      }
    }));
});

describe("the count of statements", () => {
  test("stands still while nobody asks, and counts each that runs", () =>
    inRowsWorld(({ fixture, db }) => {
      const rowid = fixture.insertJoined();
      db.read(() => undefined);
      const before = db.statistics;
      assert.deepEqual(db.statistics, before);
      fixture.insertJoined();
      assert.equal(db.isReplaced(), false);
      assert.deepEqual(db.statistics, before);
      db.visibleFrames();
      // BEGIN, schema_version, facts, the print, COMMIT.
      db.read(({ reader }) => reader.observe(rowid, undefined));
      assert.deepEqual(db.statistics, {
        reads: before.reads + 1,
        statements: before.statements + 1 + 5,
        longestReadMs: 0,
      });
    }));
});
