import type { Database } from "better-sqlite3";
import { ChatDbError } from "./chat-db-error.ts";

/**
 * Which tables and columns this chat.db has. Probed once a connection (and again when SQLite's schema version moves) and then
 * passed as a value: we never ask "which macOS", because column sets and orders differ between Macs of one version
 * (reference §1.1, §1.4).
 */
export interface ChatDbSchema {
  /** Columns of `message` as named there, in the database's order. */
  readonly messageColumns: readonly string[];
  /** True when `table` has `column`; names as in reference §1.2, compared without case, as SQLite does. */
  has(table: ChatDbTable, column: string): boolean;
  /** True when the table is there at all. */
  hasTable(table: ChatDbTable): boolean;
  /** True when some whole index of `table` starts with `column`; older systems have none on message_id. */
  isIndexed(table: ChatDbTable, column: string): boolean;
}

/** The tables that are read. */
export type ChatDbTable =
  | "_SqliteDatabaseProperties"
  | "chat"
  | "chat_handle_join"
  | "chat_message_join"
  | "chat_recoverable_message_join"
  | "handle"
  | "message"
  | "sqlite_sequence";

const TABLES: readonly ChatDbTable[] = [
  "_SqliteDatabaseProperties",
  "chat",
  "chat_handle_join",
  "chat_message_join",
  "chat_recoverable_message_join",
  "handle",
  "message",
  "sqlite_sequence",
];

/** Without these there is nothing to read; they have been there since 10.11. Everything else is optional. */
const REQUIRED: readonly (readonly [ChatDbTable, readonly string[]])[] = [
  ["message", ["guid"]],
  ["chat", ["guid"]],
  ["chat_message_join", ["chat_id", "message_id"]],
];

/** Looks up the columns of every table that is read. Throws ChatDbError "wrong-schema" when it is not Messages' database. */
export function probeSchema(db: Database, path: string): ChatDbSchema {
  const columnsOf = db
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?) ORDER BY cid")
    .pluck();
  const messageColumns = columnsOf.all("message");
  const tables = new Map(
    TABLES.map((table) => [table, new Set(columnsOf.all(table).map((name) => name.toLowerCase()))]),
  );
  const isIndexed = db
    .prepare<[string, string], bigint>(
      `SELECT COUNT(*) FROM pragma_index_list(?) l, pragma_index_info(l.name) i
       WHERE l.partial = 0 AND i.seqno = 0 AND i.name = ? COLLATE NOCASE`,
    )
    .pluck();
  const schema: ChatDbSchema = {
    messageColumns,
    has: (table, column) => tables.get(table)?.has(column.toLowerCase()) ?? false,
    hasTable: (table) => (tables.get(table)?.size ?? 0) > 0,
    isIndexed: (table, column) => (isIndexed.get(table, column) ?? 0n) > 0n,
  };
  for (const [table, columns] of REQUIRED) {
    if (!schema.hasTable(table)) throw wrongSchema(path, `no table ${table}`);
    const missing = columns.find((column) => !schema.has(table, column));
    if (missing !== undefined) throw wrongSchema(path, `no column ${table}.${missing}`);
  }
  return schema;
}

function wrongSchema(path: string, detail: string): ChatDbError {
  return new ChatDbError({ code: "wrong-schema", path, detail });
}
