import { assert } from "@imesh/flow";
import type { Database } from "better-sqlite3";
import type { SeededRandom } from "../messages/seeded-random.ts";
import { schemaObjects, tableColumns, tableSql } from "./schema-objects.ts";

const REBUILT = "message_rebuilt";

/**
 * Rebuilds the table `message` with its columns in another order, as a migration that cannot do with ALTER TABLE does: a new
 * table, all rows copied with their ROWIDs, the old one dropped, the new one renamed, indexes and triggers made
 * anew, in one transaction. Only ROWID stays the first. The log grows by the size of the table.
 */
export function reorderMessageColumns(writer: Database, random: SeededRandom): void {
  // Both are without effect inside a transaction. The second keeps the rename from touching what names the table.
  writer.pragma("foreign_keys = OFF");
  writer.pragma("legacy_alter_table = ON");
  try {
    writer.transaction(() => rebuild(writer, random)).immediate();
  } finally {
    writer.pragma("legacy_alter_table = OFF");
    writer.pragma("foreign_keys = ON");
  }
}

function rebuild(writer: Database, random: SeededRandom): void {
  const ofMessage = [...schemaObjects(writer, "index"), ...schemaObjects(writer, "trigger")].filter(
    ({ table }) => table === "message",
  );
  const readIssued = writer.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'message'").pluck();
  const issued = readIssued.get() as bigint | undefined;
  const [rowid, ...rest] = columnDefinitions(tableSql(writer, "message"));
  assert(rowid?.startsWith("ROWID ") === true, "message has its ROWID first");
  const columns = tableColumns(writer, "message").join(", ");
  writer.exec(`CREATE TABLE ${REBUILT} (${[rowid, ...shuffled(rest, random)].join(", ")})`);
  writer.exec(`INSERT INTO ${REBUILT} (${columns}) SELECT ${columns} FROM message ORDER BY ROWID`);
  writer.exec("DROP TABLE message");
  writer.exec(`ALTER TABLE ${REBUILT} RENAME TO message`);
  for (const { sql } of ofMessage) writer.exec(sql);
  // ROWIDs that deleted messages had are never given again.
  if (issued !== undefined && readIssued.get() === undefined) {
    writer.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('message', ?)").run(issued);
  } else if (issued !== undefined) {
    writer.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'message'").run(issued);
  }
}

/** `ROWID INTEGER …`, `guid TEXT …`: Apple's definitions of this table have no comma within. */
function columnDefinitions(sql: string): readonly string[] {
  const inner = sql.slice(sql.indexOf("(") + 1, sql.lastIndexOf(")"));
  return inner.split(",").map((definition) => definition.trim());
}

/** Fisher and Yates. */
function shuffled(items: readonly string[], random: SeededRandom): readonly string[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = random.integer(0, last);
    const [left, right] = [mixed[last], mixed[other]];
    if (left === undefined || right === undefined) continue;
    mixed[last] = right;
    mixed[other] = left;
  }
  return mixed;
}
