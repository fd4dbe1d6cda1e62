import { asciiOf, hexByte } from "./hex-dump.ts";

/**
 * A decoded value as it is printed, for people (plainLines) and for machines (jsonOf): a tree, no longer a graph, and
 * bounded.
 */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PlainValue[]
  | PlainRecord;

/** Entries in the order in which they are printed. */
export type PlainRecord = ReadonlyMap<string, PlainValue>;

/** Bytes of which the digits are shown; more are told by their number alone. */
const BYTES_SHOWN_MAX = 64;

/** A value for JSON: records as objects, bytes as their number and the digits of the first 64. */
export function jsonOf(value: PlainValue): unknown {
  if (isRecord(value)) return Object.fromEntries([...value].map(([key, item]) => [key, jsonOf(item)]));
  if (isList(value)) return value.map(jsonOf);
  if (value instanceof Uint8Array) return { bytes: value.length, hex: hexOf(value, "") };
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

/** Bytes on one line: "9 bytes 54 65 73 74 …, Test…". */
export function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 0) return "0 bytes";
  const shown = bytes.subarray(0, BYTES_SHOWN_MAX);
  const more = bytes.length > shown.length ? " …" : "";
  const unit = bytes.length === 1 ? "byte" : "bytes";
  return `${bytes.length} ${unit} ${hexOf(bytes, " ")}${more}, ${asciiOf(shown)}`;
}

/** Whether a value is a record. */
export function isRecord(value: PlainValue): value is PlainRecord {
  return value instanceof Map;
}

/** The entries of a record; none of anything else. */
export function entriesOf(value: PlainValue): (readonly [string, PlainValue])[] {
  return isRecord(value) ? [...value] : [];
}

/** Whether a value is a list. */
export function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function hexOf(bytes: Uint8Array, gap: string): string {
  return Array.from(bytes.subarray(0, BYTES_SHOWN_MAX), hexByte).join(gap);
}
