import { ByteReader } from "./byte-reader.ts";
import { PageFormatError } from "./page-format-error.ts";

/** A column's value as a record stores it (sqlite.org/fileformat2.html §2.1); text in the database's encoding. */
export type RecordValue =
  | { readonly kind: "null" }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "real"; readonly value: number }
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "blob"; readonly bytes: Uint8Array };

/** Bytes of the values of serial types 0 to 9; longer ones say their length themselves. */
const FIXED_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;
const REAL = 7;
const ZERO = 8;
const ONE = 9;
const BLOB_MIN = 12;

/** The commonest values, made once. */
const NULL_VALUE: RecordValue = { kind: "null" };
const ZERO_VALUE: RecordValue = { kind: "integer", value: 0n };
const ONE_VALUE: RecordValue = { kind: "integer", value: 1n };

/**
 * Columns that the record stores; those added to its table later are not among them. Undefined when the header goes on in
 * the overflow. Makes no object: for telling tables apart. Throws {@link PageFormatError} for a malformed header.
 */
export function columnCount(local: Uint8Array): number | undefined {
  const reader = openHeader(local);
  if (reader.end > local.length) return undefined;
  let count = 0;
  for (; reader.offset < reader.end; count += 1) reader.skipVarint();
  return count;
}

/**
 * The record that begins in `local`, the part of a payload on its page. What lies in the overflow is undefined. Throws
 * {@link PageFormatError} (bad-record), and nothing else, when the header is malformed.
 */
export function parseRecord(local: Uint8Array): TableRecord {
  const reader = openHeader(local);
  const isWhole = reader.end <= local.length;
  const serialTypes: number[] = [];
  const offsets: number[] = [];
  let offset = reader.end;
  if (!isWhole) reader.end = lastVarintEnd(local);
  while (reader.offset < reader.end) {
    const serialType = reader.varint();
    serialTypes.push(serialType);
    offsets.push(offset);
    offset += valueBytes(serialType);
  }
  return new TableRecord(local, serialTypes, offsets, isWhole);
}

/** A parsed header; values are read when asked for. */
export class TableRecord {
  /** As far as the header lies on the page. A type above 2^49 is inexact; no value is that large. */
  readonly serialTypes: readonly number[];
  /** Undefined when the header goes on in the overflow. */
  readonly columnCount: number | undefined;
  readonly #local: Uint8Array;
  readonly #offsets: readonly number[];

  constructor(
    local: Uint8Array,
    serialTypes: readonly number[],
    offsets: readonly number[],
    isWhole: boolean,
  ) {
    this.serialTypes = serialTypes;
    this.columnCount = isWhole ? serialTypes.length : undefined;
    this.#local = local;
    this.#offsets = offsets;
  }

  /** The value of column `index`, 0 the first; undefined when it does not lie on the page whole, or there is no such column. */
  valueAt(index: number): RecordValue | undefined {
    const serialType = this.serialTypes[index];
    const offset = this.#offsets[index];
    if (serialType === undefined || offset === undefined) return undefined;
    const bytes = valueBytes(serialType);
    if (bytes > 0 && offset + bytes > this.#local.length) return undefined;
    if (serialType === 0) return NULL_VALUE;
    if (serialType === ZERO) return ZERO_VALUE;
    if (serialType === ONE) return ONE_VALUE;
    if (serialType >= BLOB_MIN) {
      const content = this.#local.subarray(offset, offset + bytes);
      return { kind: serialType % 2 === 0 ? "blob" : "text", bytes: content };
    }
    if (bytes === 1) return { kind: "integer", value: BigInt(((this.#local[offset] as number) << 24) >> 24) };
    const view = new DataView(this.#local.buffer, this.#local.byteOffset + offset, bytes);
    if (serialType === REAL) return { kind: "real", value: view.getFloat64(0) };
    return { kind: "integer", value: integerOf(view) };
  }

  /** Bytes of the text or blob in column `index`, wherever it lies, without a look at it: 0 for NULL, undefined for anything else. */
  byteLengthAt(index: number): number | undefined {
    const serialType = this.serialTypes[index];
    if (serialType === undefined || (serialType > 0 && serialType < BLOB_MIN)) return undefined;
    return serialType === 0 ? 0 : valueBytes(serialType);
  }

  /** The value of column `index` when it is an integer; for columns of ROWIDs. */
  integerAt(index: number): bigint | undefined {
    const value = this.valueAt(index);
    return value?.kind === "integer" ? value.value : undefined;
  }
}

/** Stands after the header's size and ends where the header does, which may lie beyond `local`. */
function openHeader(local: Uint8Array): ByteReader {
  const reader = new ByteReader(local, local.length, "bad-record");
  const headerBytes = reader.varint();
  if (headerBytes < reader.offset) throw new PageFormatError("bad-record", `header of ${headerBytes} bytes`);
  reader.end = headerBytes;
  return reader;
}

/** Where the last varint ends that is whole in `bytes`, apart from ones of nine bytes, which no header that overflows has. */
function lastVarintEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] as number) >= 0x80) end -= 1;
  return end;
}

function valueBytes(serialType: number): number {
  if (serialType >= BLOB_MIN) return Math.floor((serialType - BLOB_MIN) / 2);
  const bytes = FIXED_BYTES[serialType];
  if (bytes === undefined) throw new PageFormatError("bad-record", `serial type ${serialType}`);
  return bytes;
}

/** A big-endian signed integer of 2, 3, 4, 6 or 8 bytes. */
function integerOf(view: DataView): bigint {
  switch (view.byteLength) {
    case 2:
      return BigInt(view.getInt16(0));
    case 3:
      return BigInt(view.getInt16(0) * 0x100 + view.getUint8(2));
    case 4:
      return BigInt(view.getInt32(0));
    case 6:
      return BigInt(view.getInt32(0) * 0x1_0000 + view.getUint16(4));
    default:
      return view.getBigInt64(0);
  }
}
