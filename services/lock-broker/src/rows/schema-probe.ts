import type { Database } from "better-sqlite3";
import { ChatDbError } from "./chat-db-error.ts";

/** The tables that are read. */
export type ChatDbTable = (typeof TABLES)[number];

/** Tables whose changed pages are told apart by the shape of their records. */
export type CountedTable = (typeof COUNTED_TABLES)[number];

/**
 * Which tables, columns and indexes this chat.db has, and how its file is laid out. Probed once a connection (and again when
 * SQLite's schema version moves) and then passed as a value: we never ask "which macOS", because column sets and orders
 * differ between Macs of one version (docs/chat-db.md §3).
 */
export interface ChatDbSchema {
  /** Columns of `message` as named there, in the database's order. */
  readonly messageColumns: readonly string[];
  /** Values in a record of the table when every column has one; 0 for a table that is not there. */
  readonly columnCounts: Readonly<Record<CountedTable, number>>;
  /** Columns of `message` as its records store them, in their order; undefined when some are computed. */
  readonly messageRecord: readonly RecordColumn[] | undefined;
  /**
   * How many values the keys of each index of `message` have that covers all rows, the ROWID included; of indexes over plain columns
   * alone. A row that comes or goes is written to every one of them.
   */
  readonly messageKeyWidths: readonly number[];
  /** Bytes of a page. */
  readonly pageSize: number;
  /** Bytes of a page that are used, `pageSize` less those reserved at its end; undefined when SQLite does not let it be seen. */
  readonly usableSize: number | undefined;
  /** Root pages with their tables' names in lower case. */
  readonly roots: ReadonlyMap<number, string>;
  /** `PRAGMA schema_version` of the snapshot that was probed. */
  readonly schemaVersion: number;
  /** True when the file has pointer-map pages: `PRAGMA auto_vacuum` is not 0. */
  readonly isAutoVacuum: boolean;
  /** True when `table` has `column`; names as in Apple's schema, compared without case, as SQLite does. */
  has(table: ChatDbTable, column: string): boolean;
  /** True when the table is there at all. */
  hasTable(table: ChatDbTable): boolean;
  /** True when some whole index of `table` starts with these columns, in this order; older systems lack many. */
  isIndexed(table: ChatDbTable, ...columns: readonly string[]): boolean;
  /** Columns of `table` that may hold text or a blob, going by their declared type; bare names. */
  variableColumns(table: ChatDbTable): readonly string[];
}

/** A column as records have it. */
export interface RecordColumn {
  /** In lower case. */
  readonly name: string;
  /** As declared; empty when it is not. */
  readonly type: string;
  /** DEFAULT as an expression; null: none. What the column reads as in a record from before it was added. */
  readonly defaultSql: string | null;
  /** Part of the primary key. */
  readonly isKey: boolean;
}

const COUNTED_TABLES = [
  "message",
  "chat",
  "attachment",
  "handle",
  "chat_message_join",
  "chat_handle_join",
  "message_attachment_join",
  "chat_recoverable_message_join",
  "recoverable_message_part",
  "deleted_messages",
] as const;

const TABLES = [...COUNTED_TABLES, "chat_service", "_SqliteDatabaseProperties", "sqlite_sequence"] as const;

/** Without these there is nothing to read; they have been there since 10.11. Everything else is optional. */
const REQUIRED: readonly (readonly [ChatDbTable, readonly string[]])[] = [
  ["message", ["guid"]],
  ["chat", ["guid"]],
  ["chat_message_join", ["chat_id", "message_id"]],
];

interface Column {
  readonly name: string;
  readonly type: string;
  /** 0 ordinary, 1 of a virtual table, 2 computed when read (not in the record), 3 computed when written. */
  readonly hidden: bigint;
  readonly defaultSql: string | null;
  /** Place in the primary key from 1 on; 0: none. */
  readonly pk: bigint;
}

/** Looks all of it up. Throws ChatDbError "wrong-schema" when it is not Messages' database. */
export function probeSchema(db: Database, path: string): ChatDbSchema {
  const encoding = db.prepare<[], string>("PRAGMA encoding").pluck().get();
  // Messages' is UTF-8; in another, lengths and bytes of text would not be what the queries take them for.
  if (encoding !== "UTF-8") throw wrongSchema(path, `encoding ${encoding}`);
  const columnsOf = db.prepare<[string], Column>(
    "SELECT name, type, hidden, dflt_value AS defaultSql, pk FROM pragma_table_xinfo(?) ORDER BY cid",
  );
  const columns = new Map(TABLES.map((table) => [table, columnsOf.all(table)]));
  const names = new Map(
    TABLES.map((table) => [table, new Set(columns.get(table)?.map(({ name }) => name.toLowerCase()))]),
  );
  const indexes = new Map(TABLES.map((table) => [table, indexesOf(db, table)]));
  const schema: ChatDbSchema = {
    messageColumns: (columns.get("message") ?? []).map(({ name }) => name),
    columnCounts: columnCounts(columns),
    messageRecord: recordColumns(columns.get("message") ?? []),
    messageKeyWidths: keyWidths(indexes.get("message") ?? []),
    roots: rootsOf(db),
    schemaVersion: pragma(db, "schema_version"),
    pageSize: pragma(db, "page_size"),
    usableSize: probeUsableSize(db),
    isAutoVacuum: pragma(db, "auto_vacuum") !== 0,
    has: (table, column) => names.get(table)?.has(column.toLowerCase()) ?? false,
    hasTable: (table) => (names.get(table)?.size ?? 0) > 0,
    isIndexed: (table, ...wanted) =>
      indexes
        .get(table)
        ?.some((index) => wanted.every((column, place) => index[place] === column.toLowerCase())) ?? false,
    variableColumns: (table) => variableColumns(columns.get(table) ?? []),
  };
  for (const [table, required] of REQUIRED) {
    if (!schema.hasTable(table)) throw wrongSchema(path, `no table ${table}`);
    const missing = required.find((column) => !schema.has(table, column));
    if (missing !== undefined) throw wrongSchema(path, `no column ${table}.${missing}`);
  }
  return schema;
}

function pragma(db: Database, name: "schema_version" | "page_size" | "auto_vacuum"): number {
  return Number(db.prepare<[], bigint>(`PRAGMA ${name}`).pluck().get() ?? 0n);
}

function columnCounts(
  columns: ReadonlyMap<ChatDbTable, readonly Column[]>,
): Readonly<Record<CountedTable, number>> {
  const counts = COUNTED_TABLES.map((table) => {
    const stored = columns.get(table)?.filter(({ hidden }) => hidden === 0n || hidden === 3n);
    return [table, stored?.length ?? 0] as const;
  });
  return Object.fromEntries(counts) as Record<CountedTable, number>;
}

function recordColumns(columns: readonly Column[]): readonly RecordColumn[] | undefined {
  if (columns.some(({ hidden }) => hidden !== 0n)) return undefined;
  return columns.map(({ name, type, defaultSql, pk }) => {
    return { name: name.toLowerCase(), type, defaultSql, isKey: pk !== 0n };
  });
}

function keyWidths(indexes: readonly (readonly string[])[]): readonly number[] {
  // An expression or the ROWID has no name there.
  return indexes.filter((index) => !index.includes("")).map((index) => index.length + 1);
}

function variableColumns(columns: readonly Column[]): readonly string[] {
  return columns
    .filter(({ hidden, type }) => hidden !== 2n && !/INT|REAL|FLOA|DOUB|NUMERIC|DATE|BOOL/i.test(type))
    .map(({ name }) => name);
}

/** Columns of each index that covers all rows, as far as it is of plain columns, in lower case. */
function indexesOf(db: Database, table: string): readonly (readonly string[])[] {
  const found = db
    .prepare<[string], { index: string; column: string | null }>(
      `SELECT l.name AS "index", i.name AS "column" FROM pragma_index_list(?) l, pragma_index_info(l.name) i
       WHERE l.partial = 0 ORDER BY l.seq, i.seqno`,
    )
    .all(table);
  const indexes = new Map<string, string[]>();
  for (const { index, column } of found) {
    const columns = indexes.get(index) ?? [];
    columns.push((column ?? "").toLowerCase());
    indexes.set(index, columns);
  }
  return [...indexes.values()];
}

/** An empty b-tree's root has nothing but its 8-byte header and free bytes. */
const EMPTY_PAGE_HEADER_BYTES = 8;

/**
 * No pragma tells how many bytes are reserved at the end of each page (builds of SQLite differ in it), and the file's header cannot be
 * looked at (I1). So it is read off a b-tree that is empty: Messages' database always has some, its partial indexes
 * if nothing else. A few dozen pages at most, once a connection.
 */
function probeUsableSize(db: Database): number | undefined {
  try {
    const roots = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE rootpage > 1 ORDER BY type, rootpage")
      .pluck();
    const rootOf = db.prepare<[string], { pagetype: string; ncell: bigint; unused: bigint }>(
      "SELECT pagetype, ncell, unused FROM dbstat WHERE name = ? LIMIT 1",
    );
    for (const name of roots.all()) {
      const root = rootOf.get(name);
      if (root?.pagetype === "leaf" && root.ncell === 0n) {
        return Number(root.unused) + EMPTY_PAGE_HEADER_BYTES;
      }
    }
  } catch {
    // A table whose module this SQLite lacks, or a driver without dbstat. Not knowing is an answer; nothing else hangs on it.
  }
  return undefined;
}

function wrongSchema(path: string, detail: string): ChatDbError {
  return new ChatDbError({ code: "wrong-schema", path, detail });
}

function rootsOf(db: Database): ReadonlyMap<number, string> {
  const tables = db
    .prepare<[], { readonly name: string; readonly rootpage: bigint | number }>(
      "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'",
    )
    .all();
  return new Map(tables.map(({ name, rootpage }) => [Number(rootpage), name.toLowerCase()]));
}
