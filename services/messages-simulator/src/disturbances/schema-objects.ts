import type { Database } from "better-sqlite3";

/** A trigger or an index as it was made. */
export interface SchemaObject {
  readonly type: "trigger" | "index";
  readonly name: string;
  /** The table it belongs to. */
  readonly table: string;
  readonly sql: string;
}

/** All triggers, or all indexes that a statement made, in the order they were made. */
export function schemaObjects(database: Database, type: SchemaObject["type"]): readonly SchemaObject[] {
  return database
    .prepare(
      "SELECT type, name, tbl_name AS 'table', sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY rowid",
    )
    .all(type) as SchemaObject[];
}

/** Names of a table's columns, in their order. */
export function tableColumns(database: Database, table: string): readonly string[] {
  return database
    .prepare("SELECT name FROM pragma_table_info(?) ORDER BY cid")
    .pluck()
    .all(table) as string[];
}

/** The statement that made a table. */
export function tableSql(database: Database, table: string): string {
  return String(
    database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck().get(table),
  );
}
