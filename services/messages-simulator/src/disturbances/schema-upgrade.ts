import type { Database } from "better-sqlite3";
import type { SeededRandom } from "../messages/seeded-random.ts";
import { type SchemaObject, schemaObjects, tableColumns } from "./schema-objects.ts";

/** Columns that an upgrade adds, `<n>` the number of the upgrade: with and without a default, numbers and text. */
const ADDED: readonly { readonly table: string; readonly column: string; readonly type: string }[] = [
  { table: "message", column: "upgrade_<n>_state", type: "INTEGER DEFAULT 0" },
  { table: "message", column: "upgrade_<n>_note", type: "TEXT" },
  { table: "chat", column: "upgrade_<n>_state", type: "INTEGER DEFAULT 0" },
  { table: "attachment", column: "upgrade_<n>_state", type: "INTEGER DEFAULT 0" },
];

/** Rows whose new columns get values right after an upgrade. */
const ROWS_FILLED = 20;

/**
 * What a system update does to a database that is in use (docs/chat-db.md §1): in one transaction new columns, all
 * triggers dropped and made anew, and the indexes of `message` that have a condition; in the next the new columns of
 * some rows, of whatever age, get values. Every row written later has the new columns, by their defaults. No person sees
 * any of it. Each time other columns are added.
 */
export function upgradeSchema(writer: Database, random: SeededRandom): void {
  const number = nextUpgrade(writer);
  writer
    .transaction(() => {
      for (const { table, column, type } of ADDED) {
        writer.exec(`ALTER TABLE ${table} ADD COLUMN ${column.replace("<n>", String(number))} ${type}`);
      }
      remake(writer, schemaObjects(writer, "trigger"));
      remake(
        writer,
        schemaObjects(writer, "index").filter(
          ({ table, sql }) => table === "message" && / WHERE /i.test(sql),
        ),
      );
    })
    .immediate();
  fillColumns(writer, number, random);
}

function remake(writer: Database, objects: readonly SchemaObject[]): void {
  for (const { type, name, sql } of objects) {
    writer.exec(`DROP ${type} "${name}"`);
    writer.exec(sql);
  }
}

function fillColumns(writer: Database, number: number, random: SeededRandom): void {
  const head = writer.prepare("SELECT coalesce(max(ROWID), 0) FROM message").pluck().get() as bigint;
  const fill = writer.prepare(
    `UPDATE message SET upgrade_${number}_state = ?, upgrade_${number}_note = ? WHERE ROWID = ?`,
  );
  writer
    .transaction(() => {
      for (let row = 0; row < ROWS_FILLED; row += 1) {
        fill.run(
          random.integer(1, 1_000),
          `note ${row}`,
          BigInt(random.integer(1, Math.max(Number(head), 1))),
        );
      }
    })
    .immediate();
}

function nextUpgrade(writer: Database): number {
  const numbers = tableColumns(writer, "message").map((name) =>
    Number(/^upgrade_(\d+)_/.exec(name)?.[1] ?? 0),
  );
  return Math.max(0, ...numbers) + 1;
}
