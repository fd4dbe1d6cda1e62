import { PageFormatError, parseRecord, type RecordValue, type TableRecord } from "@imesh/wal";
import { type RecordSource, recordPrint } from "./message-print.ts";
import {
  AT,
  CONTENT_BLOBS,
  CONTENT_DATES,
  CONTENT_NUMBERS,
  CONTENT_TEXTS,
  DATE_MODULUS,
  FLAG_COLUMNS,
  otherColumns,
} from "./message-print-query.ts";
import type { PrintValue } from "./print-hash.ts";
import type { RecordPrint } from "./prints.ts";
import { type RecordPlace, recordPlaces, storedBytes, storedValue } from "./record-columns.ts";
import { type RecordShape, recordShape } from "./record-size.ts";
import type { ChatDbSchema } from "./schema-probe.ts";

/** A row of `message` as its leaf page has it. */
export interface MessageCell {
  readonly rowid: bigint;
  /** The record; without its end when it overflows. */
  readonly local: Uint8Array;
  /** 0 when it does not overflow. */
  readonly overflowPage: number;
}

/** How a value of the line is made of a column's; undefined: leave it to SQLite. */
type ReadValue = (value: RecordValue) => PrintValue | undefined;

/** A column whose value is in the line. */
interface LineColumn {
  readonly at: number;
  readonly place: RecordPlace;
  readonly read: ReadValue;
}

/** A column whose value is a flag in the line. */
interface FlagColumn {
  readonly place: RecordPlace;
  readonly bit: number;
  readonly ofNull: boolean;
}

/** What a line begins with: columns that the schema lacks read as NULL. */
const EMPTY_LINE: readonly PrintValue[] = Array.from({ length: AT.contentEnd }, () => null);

/** No page holds more. */
const PAGE_BYTES_MAX = 65_536;

/**
 * Makes prints from records, without SQLite: from the record it makes the line that the print queries would have read, and from the
 * line the print by the same code. Whatever SQLite would convert, round or repair gives no print: the row is then asked for.
 */
export class MessageRecords {
  readonly #shape: RecordShape;
  readonly #rowid: RecordPlace | undefined;
  readonly #columns: readonly LineColumn[];
  readonly #flags: readonly FlagColumn[];
  readonly #blobs: readonly (RecordPlace | undefined)[];
  readonly #others: readonly RecordPlace[];
  readonly #columnsMax: number;
  /** The blobs of the record at hand, one behind the other. */
  readonly #blobBytes = Buffer.alloc(PAGE_BYTES_MAX);

  /** Undefined when the records of this schema cannot be read without SQLite. */
  static of(schema: ChatDbSchema): MessageRecords | undefined {
    const { messageRecord: columns } = schema;
    const keys = columns?.filter(({ isKey }) => isKey) ?? [];
    const hasOwnKey = keys.length === 1 && keys[0]?.name === "rowid" && /^integer$/i.test(keys[0].type);
    return columns !== undefined && hasOwnKey ? new MessageRecords(schema, recordPlaces(columns)) : undefined;
  }

  private constructor(schema: ChatDbSchema, places: ReadonlyMap<string, RecordPlace>) {
    const column = (at: number, name: string, read: ReadValue): LineColumn[] => {
      const place = places.get(name.toLowerCase());
      return place === undefined ? [] : [{ at, place, read }];
    };
    const dates = AT.content + CONTENT_TEXTS.length;
    const numbers = dates + CONTENT_DATES.length;
    this.#shape = recordShape(schema, "message");
    this.#columnsMax = schema.columnCounts.message;
    this.#rowid = places.get("rowid");
    this.#columns = [
      ...column(AT.guid, "guid", plain),
      ...column(AT.error, "error", plain),
      ...column(AT.date, "date", shortDate),
      ...column(AT.dateDelivered, "date_delivered", shortDate),
      ...column(AT.dateRead, "date_read", shortDate),
      ...column(AT.datePlayed, "date_played", shortDate),
      ...column(AT.scheduleType, "schedule_type", plain),
      ...column(AT.scheduleState, "schedule_state", plain),
      ...column(AT.service, "service", plain),
      ...column(AT.handle, "handle_id", plain),
      ...CONTENT_TEXTS.flatMap((name, index) => column(AT.content + index, name, plain)),
      ...CONTENT_DATES.flatMap((name, index) => column(dates + index, name, shortDate)),
      ...CONTENT_NUMBERS.flatMap((name, index) =>
        column(numbers + index, name, name === "other_handle" ? atLeastZero : plain),
      ),
    ];
    this.#flags = FLAG_COLUMNS.map(({ column: name, bit, ofNull }) => {
      return { place: places.get(name) ?? ABSENT, bit, ofNull };
    });
    this.#blobs = CONTENT_BLOBS.map((name) => places.get(name.toLowerCase()));
    this.#others = otherColumns(schema).map((name) => places.get(name.toLowerCase()) ?? ABSENT);
  }

  /** The print of a row as far as its record tells; undefined when only SQLite can tell. Bounded by the page; copies nothing but blobs. */
  print(cell: MessageCell): RecordPrint | undefined {
    if (cell.overflowPage !== 0) return undefined;
    try {
      const source = this.#source(cell.rowid, parseRecord(cell.local));
      return source === undefined ? undefined : recordPrint(source, this.#shape);
    } catch (error) {
      if (error instanceof PageFormatError) return undefined;
      throw error;
    }
  }

  #source(rowid: bigint, record: TableRecord): RecordSource | undefined {
    const { columnCount } = record;
    if (columnCount === undefined || columnCount > this.#columnsMax) return undefined;
    // SQLite stores NULL where the primary key is the cell's own.
    if (this.#rowid === undefined || storedValue(record, this.#rowid)?.kind !== "null") return undefined;
    const line = [...EMPTY_LINE];
    line[AT.rowid] = BigInt.asIntN(54, rowid) === rowid ? Number(rowid) : String(rowid);
    for (const { at, place, read } of this.#columns) {
      const stored = storedValue(record, place);
      const value = stored === undefined ? undefined : read(stored);
      if (value === undefined) return undefined;
      line[at] = value;
    }
    const flags = this.#flagBits(record);
    const otherBytes = this.#otherBytes(record);
    if (flags === undefined || otherBytes === undefined) return undefined;
    line[AT.flags] = flags;
    line[AT.otherBytes] = otherBytes;
    return this.#takeBlobs(record, line) ? { line, blobs: this.#blobBytes, blobsAt: 0 } : undefined;
  }

  #flagBits(record: TableRecord): number | undefined {
    let flags = 0;
    for (const { place, bit, ofNull } of this.#flags) {
      const value = storedValue(record, place);
      if (value?.kind === "integer") {
        if (value.value !== 0n) flags |= bit;
      } else if (value?.kind !== "null") {
        return undefined;
      } else if (ofNull) {
        flags |= bit;
      }
    }
    return flags;
  }

  #otherBytes(record: TableRecord): number | undefined {
    let bytes = 0;
    for (const place of this.#others) {
      const length = storedBytes(record, place);
      if (length === undefined) return undefined;
      bytes += length;
    }
    return bytes;
  }

  /** Puts the blobs where the line says they are; false when one is none. */
  #takeBlobs(record: TableRecord, line: PrintValue[]): boolean {
    let end = 0;
    for (const [index, place] of this.#blobs.entries()) {
      if (place === undefined) continue;
      const value = storedValue(record, place);
      if (value?.kind === "text" || value?.kind === "blob") {
        if (end + value.bytes.length > PAGE_BYTES_MAX) return false;
        this.#blobBytes.set(value.bytes, end);
        end += value.bytes.length;
        line[AT.bodyBytes + index] = value.bytes.length;
      } else if (value?.kind !== "null") {
        return false;
      }
    }
    return true;
  }
}

/** A column that the schema lacks reads as NULL. */
const ABSENT: RecordPlace = { index: Number.POSITIVE_INFINITY, missing: { kind: "null" } };

/** What is not UTF-8 is repaired by whoever reads it, each in his way; a mark at the start belongs to the text. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Numbers that a number holds, and texts, as the driver gives them. */
function plain(value: RecordValue): PrintValue | undefined {
  switch (value.kind) {
    case "null":
      return null;
    case "integer":
      return exact(value.value);
    case "text":
      return decoded(value.bytes);
    default:
      return undefined;
  }
}

function exact(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    // Not UTF-8: an answer.
    return undefined;
  }
}

function shortDate(value: RecordValue): PrintValue | undefined {
  if (value.kind === "null") return null;
  return value.kind === "integer" ? Number(value.value % DATE_MODULUS) : undefined;
}

function atLeastZero(value: RecordValue): PrintValue | undefined {
  if (value.kind === "null") return null;
  if (value.kind !== "integer") return undefined;
  return value.value < 0n ? 0 : exact(value.value);
}
