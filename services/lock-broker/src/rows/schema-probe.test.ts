import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inRowsWorld } from "../fixtures/rows-world.ts";

describe("probeSchema()", () => {
  const counts = {
    "10.11": {
      message: 51,
      chat: 16,
      attachment: 12,
      chat_message_join: 2,
      chat_recoverable_message_join: 0,
    },
    "11": { message: 74, chat: 24, attachment: 20, chat_message_join: 3, chat_recoverable_message_join: 0 },
    "26.5.2": {
      message: 95,
      chat: 29,
      attachment: 24,
      chat_message_join: 4,
      chat_recoverable_message_join: 4,
    },
    odd: { message: 99, chat: 30, attachment: 25, chat_message_join: 4, chat_recoverable_message_join: 4 },
  } as const;
  for (const schema of ["10.11", "11", "26.5.2", "odd"] as const) {
    test(`counts the columns of ${schema} as its records have them`, () =>
      inRowsWorld(
        ({ fixture, ask }) => {
          const rowid = fixture.insertJoined();
          fixture.insertAttachment(rowid);
          const found = ask((reader) => reader.schema);
          for (const [table, count] of Object.entries(counts[schema])) {
            assert.equal(found.columnCounts[table as keyof (typeof counts)["11"]], count, table);
            const columns = fixture.db.prepare(`SELECT COUNT(*) FROM pragma_table_info('${table}')`).pluck();
            assert.equal(columns.get(), count, table);
          }
          assert.deepEqual([found.pageSize, found.usableSize, found.isAutoVacuum], [4096, 4096, true]);
          assert.equal(found.messageColumns.length, counts[schema].message);
        },
        { schema },
      ));
  }

  test("leaves computed columns out of the count unless they are stored, and knows which columns may be long", () =>
    inRowsWorld(
      ({ ask }) => {
        const { columnCounts, variableColumns } = ask((reader) => reader.schema);
        assert.equal(columnCounts.message, 6);
        assert.deepEqual(variableColumns("message"), ["guid", "Stored", "untyped"]);
      },
      {
        messageColumns: [
          "guid TEXT",
          "service TEXT GENERATED ALWAYS AS (guid) VIRTUAL",
          "Stored TEXT GENERATED ALWAYS AS (guid) STORED",
          "handle_id INTEGER",
          "text DATE",
          "untyped",
        ],
        schema: "10.11",
      },
    ));

  test("knows the schema's version and the tables' root pages", () =>
    inRowsWorld(({ fixture, ask }) => {
      const before = ask((reader) => reader.schema);
      fixture.db.exec("CREATE TABLE Later (a)");
      const after = ask((reader) => reader.schema);
      assert.equal(after.schemaVersion, before.schemaVersion + 1);
      const roots = fixture.db
        .prepare<[], [number, string]>("SELECT rootpage, lower(name) FROM sqlite_schema WHERE type = 'table'")
        .raw()
        .all();
      assert.deepEqual(after.roots, new Map(roots));
      assert.deepEqual([...after.roots.values()].includes("later"), true);
    }));

  test("tells indexes by their leading columns, whole ones only", () =>
    inRowsWorld(({ ask }) => {
      const { isIndexed } = ask((reader) => reader.schema);
      assert.deepEqual(
        [
          isIndexed("message", "GUID"),
          isIndexed("message", "date"),
          isIndexed("message", "schedule_type"),
          isIndexed("chat_message_join", "chat_id", "message_date", "message_id"),
          isIndexed("chat_message_join", "chat_id", "message_id"),
          isIndexed("chat_message_join", "message_date"),
        ],
        [true, true, false, true, true, false],
      );
    }));

  test("knows the page size, and not the bytes reserved where no b-tree is empty", () =>
    inRowsWorld(
      async ({ fixture, db, ask }) => {
        assert.deepEqual(
          ask(({ schema }) => [schema.pageSize, schema.usableSize]),
          [8192, 8192],
        );
        const rowid = fixture.insertJoined({ associated_message_guid: "x", schedule_type: 2 });
        fixture.insertAttachment(rowid, { original_guid: "o" });
        fixture.recycle(rowid);
        fixture.insertJoined();
        fixture.db.exec(`INSERT INTO deleted_messages (guid) VALUES ('x');
          INSERT INTO chat_service VALUES ('SMS', 1);
          INSERT INTO recoverable_message_part (chat_id, message_id, part_index, part_text) VALUES (1, 1, 0, x'00')`);
        db.reopen();
        assert.deepEqual(
          ask(({ schema }) => [schema.pageSize, schema.usableSize]),
          [8192, undefined],
        );
      },
      { pageSize: 8192 },
    ));
});
