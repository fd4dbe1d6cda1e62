import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rowQueries } from "./row-queries.ts";
import type { ChatDbSchema } from "./schema-probe.ts";

/** A schema with everything, or with nothing but what is required. */
function schema(isWhole: boolean): ChatDbSchema {
  return { messageColumns: [], has: () => isWhole, hasTable: () => isWhole, isIndexed: () => isWhole };
}

describe("rowQueries()", () => {
  const statements = [true, false].flatMap((isWhole) => Object.entries(rowQueries(schema(isWhole))));

  test("hides every bound value from the planner, which would plan anew for each", () => {
    for (const [name, sql] of statements) {
      const bare = (sql ?? "").replaceAll("(? + 0)", "");
      assert(!bare.includes("?"), `${name}: ${sql}`);
    }
    assert(statements.some(([, sql]) => sql?.includes("(? + 0)")));
  });

  test("names every column, and bounds every list that can be long", () => {
    for (const [name, sql] of statements) assert.doesNotMatch(sql ?? "", /\*\s+FROM|SELECT \*/, name);
    for (const name of ["observeAfter", "ownBetween", "chatList"]) {
      for (const [, sql] of statements.filter(([other]) => other === name))
        assert.match(sql ?? "", / LIMIT /);
    }
  });

  test("asks only for what is there", () => {
    const bare = rowQueries(schema(false));
    assert.deepEqual([bare.participants, bare.clientVersion], [undefined, undefined]);
    for (const sql of Object.values(bare)) {
      assert.doesNotMatch(
        sql ?? "",
        /(FROM|JOIN) (handle|chat_handle_join|chat_recoverable|sqlite_sequence|_Sqlite)/,
      );
    }
  });
});
