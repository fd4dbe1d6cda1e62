import { columnCount, parseRecord, type RecordValue, type TableLeafCell } from "@imesh/wal";
import type { MessageRecords } from "../rows/message-record.ts";
import type { WatchedTable } from "./candidate-set.ts";

/**
 * What tells the pages of chat.db's tables apart. Column counts differ between Macs and grow under us, so they are probed with
 * the schema; the owner makes it from that (rows/) in one read.
 */
export interface PageShapes {
  /** Values in a record of the table when every column has one; 0 for a table that is not there. */
  readonly columns: {
    readonly message: number;
    readonly chat: number;
    readonly attachment: number;
    readonly chat_message_join: number;
  };
  /** Page size less reserved bytes, as far as SQLite tells; the first page corrects it when it comes by. */
  readonly usableBytes: number;
  /** `PRAGMA auto_vacuum` is not 0: there are pages of the pointer map. Likewise corrected. */
  readonly hasPointerMap: boolean;
  /** `PRAGMA schema_version` of the snapshot in which all this was read. */
  readonly schemaVersion: number;
  /** Root pages with their tables' names in lower case: small tables, and emptied ones, are told apart by nothing else. */
  readonly roots: ReadonlyMap<number, string>;
  /** How records of `message` are read; undefined: not without SQLite. */
  readonly messageRecords: MessageRecords | undefined;
  /** Values in the keys of each index of `message` that covers all rows. */
  readonly messageKeyWidths: readonly number[];
}

/** The tables that join; chat_recoverable_message_join counts as chat_message_join. */
export type JoinTable = "chat_message_join" | "chat_handle_join" | "message_attachment_join";

/** Which tables a leaf can be of. One object for each answer, so that answers are compared by identity. */
export interface PageClass {
  readonly rows: readonly WatchedTable[];
  readonly joins: readonly JoinTable[];
}

/** A leaf of a table nobody watches. */
export const UNWATCHED: PageClass = { rows: [], joins: [] };

/** What a leaf without cells can be: any table's. */
export const UNKNOWN_LEAF: PageClass = {
  rows: ["message", "chat", "attachment"],
  joins: ["chat_message_join", "chat_handle_join", "message_attachment_join"],
};

/** A join has at least its two ROWIDs; Apple's widest has six columns (macOS 27). */
const JOIN_COLUMNS_MAX = 8;

/** The fewest columns a row of chat or attachment can have: less than any system wrote, more than handle's has in old ones. */
const ROW_COLUMNS_MIN = 5;

/**
 * Tells tables apart by the shape of their records. A row written before a column was added has fewer columns, so a range of
 * counts stands for each table, and where ranges overlap the answer names both: a wrong guess costs a lookup.
 */
export class PageClassifier {
  readonly #shapes: PageShapes;
  readonly #known = new Map<string, PageClass>();
  readonly #pair: PageClass;
  readonly #wide: PageClass = { rows: [], joins: ["chat_message_join"] };

  constructor(shapes: PageShapes) {
    this.#shapes = shapes;
    const joins: JoinTable[] = ["chat_handle_join", "message_attachment_join"];
    // Systems before 10.13 had no third column there.
    if (shapes.columns.chat_message_join === 2) joins.push("chat_message_join");
    this.#pair = { rows: [], joins };
  }

  /** The class of a leaf. Throws PageFormatError for a malformed record. */
  classOf(pageNumber: number, cells: readonly TableLeafCell[]): PageClass {
    const root = this.#shapes.roots.get(pageNumber);
    if (root !== undefined) return this.#classOfTable(root);
    const cell = cells[0];
    if (cell === undefined) return UNKNOWN_LEAF;
    const local = cell.local;
    const count = columnCount(local);
    if (count === undefined || count > this.#narrowMax) return this.#intern(["message"]);
    if (count <= JOIN_COLUMNS_MAX) {
      const join = this.#classOfJoin(local, count);
      if (join !== undefined) return join;
    }
    const { chat, attachment } = this.#shapes.columns;
    const rows: WatchedTable[] = [];
    if (isPlausible(count, chat)) rows.push("chat");
    if (isPlausible(count, attachment)) rows.push("attachment");
    return this.#intern(rows);
  }

  /** Wider records are messages': every system's have more columns than the other tables. */
  get #narrowMax(): number {
    return Math.max(this.#shapes.columns.chat, this.#shapes.columns.attachment, JOIN_COLUMNS_MAX);
  }

  #classOfTable(name: string): PageClass {
    switch (name) {
      case "message":
      case "chat":
      case "attachment":
        return this.#intern([name]);
      case "chat_message_join":
      case "chat_recoverable_message_join":
        return this.#intern([], ["chat_message_join"]);
      case "chat_handle_join":
      case "message_attachment_join":
        return this.#intern([], [name]);
      default:
        return UNWATCHED;
    }
  }

  #classOfJoin(local: Uint8Array, count: number): PageClass | undefined {
    const record = parseRecord(local);
    let integers = 0;
    for (let index = 0; index < count; index += 1) {
      const value = record.valueAt(index);
      if (value?.kind === "integer") integers += 1;
      else if (value?.kind !== "null") return undefined;
    }
    if (count < 2 || integers === 0) return undefined;
    return count === 2 ? this.#pair : this.#wide;
  }

  #intern(rows: readonly WatchedTable[], joins: readonly JoinTable[] = []): PageClass {
    if (rows.length + joins.length === 0) return UNWATCHED;
    if (rows.length === 0 && joins.length === 1 && joins[0] === "chat_message_join") return this.#wide;
    const key = [...rows, ...joins].join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fresh: PageClass = { rows, joins };
    this.#known.set(key, fresh);
    return fresh;
  }
}

/** True when the class is that of `message` and can be no other table's. */
export function isMessages({ rows, joins }: PageClass): boolean {
  return rows.length === 1 && rows[0] === "message" && joins.length === 0;
}

/** True when rows of the class are rows or joins that somebody asks for. */
export function isWatched(pageClass: PageClass): boolean {
  return pageClass.rows.length + pageClass.joins.length > 0;
}

/** The two ROWIDs that a join's cell holds; NULLs are undefined. Throws PageFormatError for a malformed record. */
export function joinedRowids(cell: TableLeafCell): readonly [bigint | undefined, bigint | undefined] {
  const record = parseRecord(cell.local);
  return [integerOf(record.valueAt(0)), integerOf(record.valueAt(1))];
}

function integerOf(value: RecordValue | undefined): bigint | undefined {
  return value?.kind === "integer" ? value.value : undefined;
}

/** Up to the columns there are now; down to half of them: no system wrote fewer (docs/chat-db.md §3: 16 of 29, 12 of 24). */
function isPlausible(count: number, columns: number): boolean {
  if (count > columns) return false;
  return count >= Math.min(columns, Math.max(ROW_COLUMNS_MIN, Math.floor(columns / 2)));
}
