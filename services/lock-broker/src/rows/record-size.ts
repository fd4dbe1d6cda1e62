import type { ChatDbSchema, ChatDbTable } from "./schema-probe.ts";

/** What a table's records take beside their texts and blobs, and what a leaf page holds of one. */
export interface RecordShape {
  /** Bytes of a record at most, without its texts and blobs. */
  readonly fixedBytes: number;
  /** Bytes of a record that a leaf page holds at most; a larger one goes on in overflow pages. */
  readonly localBytesMax: number;
}

/** A page reserves at most 255 bytes; where it is not known how many, this errs on the side of "overflows". */
const RESERVED_BYTES_MAX = 255;

/** What a leaf page of a table needs besides a cell that fills it (SQLite's file format: local payload ≤ usable size − 35). */
const LEAF_RESERVE_BYTES = 35;

/** Bytes of a number at most. */
const NUMBER_BYTES_MAX = 8;

/** A record begins with the length of its header, below 16,384. */
const HEADER_LENGTH_BYTES = 2;

/** Of each column the header has a number: for numbers below 128, for what fits on a page of 64 KiB below 2²¹. */
const NUMBER_HEADER_BYTES = 1;
const VARIABLE_HEADER_BYTES = 3;

/** The shape of a table's records, all their numbers taken as the largest: a guess at the wrong side costs a lookup. */
export function recordShape(
  schema: ChatDbSchema,
  table: ChatDbTable & keyof ChatDbSchema["columnCounts"],
): RecordShape {
  const variable = schema.variableColumns(table).length;
  const numbers = schema.columnCounts[table] - variable;
  const usable = schema.usableSize ?? schema.pageSize - RESERVED_BYTES_MAX;
  return {
    fixedBytes:
      HEADER_LENGTH_BYTES +
      numbers * (NUMBER_HEADER_BYTES + NUMBER_BYTES_MAX) +
      variable * VARIABLE_HEADER_BYTES,
    localBytesMax: usable - LEAF_RESERVE_BYTES,
  };
}

/** Bytes of a record at most, whose texts and blobs have these together. */
export function recordBytesMax(shape: RecordShape, variableBytes: number): number {
  return shape.fixedBytes + variableBytes;
}
