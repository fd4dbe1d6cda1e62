import type { RecordValue, TableRecord } from "@imesh/wal";
import type { RecordColumn } from "./schema-probe.ts";

const NULL: RecordValue = { kind: "null" };

/** Where a column's value lies in a record, and what it is in one from before the column was added; undefined: not known. */
export interface RecordPlace {
  readonly index: number;
  readonly missing: RecordValue | undefined;
}

/** The place of each column, by its name in lower case. */
export function recordPlaces(columns: readonly RecordColumn[]): ReadonlyMap<string, RecordPlace> {
  return new Map(columns.map((column, index) => [column.name, { index, missing: missingValue(column) }]));
}

/** The value of a column as a query would read it. Undefined when the record does not say, or `place` does not know. */
export function storedValue(record: TableRecord, place: RecordPlace): RecordValue | undefined {
  return place.index < (record.columnCount ?? 0) ? record.valueAt(place.index) : place.missing;
}

/** Bytes of a text or blob, 0 of NULL. Undefined for anything else, and when the record does not say. */
export function storedBytes(record: TableRecord, place: RecordPlace): number | undefined {
  if (place.index < (record.columnCount ?? 0)) return record.byteLengthAt(place.index);
  if (place.missing?.kind === "null") return 0;
  return place.missing?.kind === "text" ? place.missing.bytes.length : undefined;
}

/**
 * The DEFAULT of a column, as far as it is as plain as Apple's: nothing, NULL, a whole number for a column of numbers, or a
 * text for one of texts. SQLite converts others to the column's affinity, which is left to SQLite.
 */
function missingValue({ type, defaultSql }: RecordColumn): RecordValue | undefined {
  if (defaultSql === null || /^NULL$/i.test(defaultSql)) return NULL;
  const isText = /CHAR|CLOB|TEXT/i.test(type) && !/INT/i.test(type);
  if (/^-?\d{1,15}$/.test(defaultSql)) {
    return isText ? undefined : { kind: "integer", value: BigInt(defaultSql) };
  }
  const text = /^'([^']*)'$/.exec(defaultSql)?.[1];
  return text !== undefined && isText ? { kind: "text", bytes: Buffer.from(text, "utf8") } : undefined;
}
