import { assert } from "@imesh/flow";

/**
 * What a property list can hold here. A bigint is an integer and a number is a real, always: 1n and 1 are two things,
 * as they are to whoever reads the file.
 */
export type PlistValue =
  | string
  | bigint
  | number
  | boolean
  | Uint8Array
  | PlistUid
  | readonly PlistValue[]
  | PlistDictionary;

/** A dictionary, in the order in which it is written. */
export type PlistDictionary = ReadonlyMap<string, PlistValue>;

/** The reference to another object that keyed archives use; 0 to 2³²−1. */
export class PlistUid {
  readonly value: number;

  constructor(value: number) {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, "a UID has 32 bits");
    this.value = value;
  }
}

const MAGIC = "bplist00";
const TRAILER_BYTES = 32;
/** A count of this or more does not fit into the marker byte and follows as an integer. */
const COUNT_IN_MARKER_MAX = 14;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Markers of the format; the low half is a count, a power of two of a size, or part of the value. */
const MARKER = {
  false: 0x08,
  true: 0x09,
  integer: 0x10,
  real: 0x23,
  data: 0x40,
  ascii: 0x50,
  utf16: 0x60,
  uid: 0x80,
  array: 0xa0,
  dictionary: 0xd0,
} as const;

/**
 * Writes a binary property list (bplist00) as Foundation does: objects in the order in which they are met, equal
 * strings, integers and reals once, references and offsets as short as their number allows. Integers outside of 64 bits
 * are the caller's defect (AssertionError).
 */
export function writeBinaryPlist(root: PlistValue): Uint8Array {
  const objects: FlatObject[] = [];
  flatten(root, objects, new Map());
  const refBytes = sizeOf(objects.length - 1);
  const chunks: Buffer[] = [Buffer.from(MAGIC, "latin1")];
  const offsets: number[] = [];
  let offset = MAGIC.length;
  for (const object of objects) {
    offsets.push(offset);
    const encoded = encodeObject(object, refBytes);
    chunks.push(encoded);
    offset += encoded.length;
  }
  const offsetBytes = sizeOf(offset);
  for (const each of offsets) chunks.push(unsigned(each, offsetBytes));
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer[6] = offsetBytes;
  trailer[7] = refBytes;
  trailer.writeBigUInt64BE(BigInt(objects.length), 8);
  // The root is the first object: 16..23 stay 0.
  trailer.writeBigUInt64BE(BigInt(offset), 24);
  return Uint8Array.from(Buffer.concat([...chunks, trailer]));
}

/** An object whose parts are numbers of other objects. */
type FlatObject =
  | { readonly kind: "scalar"; readonly value: string | bigint | number | boolean | Uint8Array | PlistUid }
  | { readonly kind: "array"; readonly items: readonly number[] }
  | { readonly kind: "dictionary"; readonly keys: readonly number[]; readonly values: readonly number[] };

function flatten(value: PlistValue, objects: FlatObject[], known: Map<string, number>): number {
  const key = identityOf(value);
  const same = key === undefined ? undefined : known.get(key);
  if (same !== undefined) return same;
  const index = objects.length;
  if (key !== undefined) known.set(key, index);
  // The place is taken before the parts are met: an object's number is the order of its first appearance.
  objects.push({ kind: "scalar", value: false });
  objects[index] = flatObject(value, (part) => flatten(part, objects, known));
  return index;
}

function flatObject(value: PlistValue, place: (part: PlistValue) => number): FlatObject {
  if (isList(value)) return { kind: "array", items: value.map(place) };
  if (value instanceof Map) {
    const dictionary: PlistDictionary = value;
    const keys = [...dictionary.keys()].map(place);
    return { kind: "dictionary", keys, values: [...dictionary.values()].map(place) };
  }
  // Every other kind is a scalar; TypeScript cannot tell a ReadonlyMap from it.
  return { kind: "scalar", value: value as string };
}

function isList(value: PlistValue): value is readonly PlistValue[] {
  return Array.isArray(value);
}

function identityOf(value: PlistValue): string | undefined {
  switch (typeof value) {
    case "string":
    case "bigint":
      return `${typeof value} ${value}`;
    case "number":
      return `real ${Object.is(value, -0) ? "-0" : value}`;
    default:
      return undefined;
  }
}

function encodeObject(object: FlatObject, refBytes: number): Buffer {
  switch (object.kind) {
    case "scalar":
      return encodeScalar(object.value);
    case "array":
      return Buffer.concat([head(MARKER.array, object.items.length), ...refs(object.items, refBytes)]);
    case "dictionary":
      return Buffer.concat([
        head(MARKER.dictionary, object.keys.length),
        ...refs(object.keys, refBytes),
        ...refs(object.values, refBytes),
      ]);
  }
}

function encodeScalar(value: string | bigint | number | boolean | Uint8Array | PlistUid): Buffer {
  if (typeof value === "string") return encodeString(value);
  if (typeof value === "bigint") return encodeInteger(value);
  if (typeof value === "boolean") return Buffer.of(value ? MARKER.true : MARKER.false);
  if (typeof value === "number") {
    const real = Buffer.alloc(9, MARKER.real);
    real.writeDoubleBE(value, 1);
    return real;
  }
  if (value instanceof PlistUid) {
    const bytes = sizeOf(value.value);
    return Buffer.concat([Buffer.of(MARKER.uid + bytes - 1), unsigned(value.value, bytes)]);
  }
  return Buffer.concat([head(MARKER.data, value.length), value]);
}

function encodeString(text: string): Buffer {
  if (/^[\0-\x7f]*$/.test(text)) {
    return Buffer.concat([head(MARKER.ascii, text.length), Buffer.from(text, "latin1")]);
  }
  const units = Buffer.from(text, "utf16le").swap16();
  return Buffer.concat([head(MARKER.utf16, text.length), units]);
}

/** 1, 2 or 4 bytes are unsigned, 8 are signed: a negative integer always takes 8. */
function encodeInteger(value: bigint): Buffer {
  assert(value >= INT64_MIN && value <= INT64_MAX, "an integer has 64 bits");
  if (value >= 0n && value <= 0xffff_ffffn) {
    const bytes = sizeOf(Number(value));
    return Buffer.concat([Buffer.of(MARKER.integer + Math.log2(bytes)), unsigned(Number(value), bytes)]);
  }
  const encoded = Buffer.alloc(9, MARKER.integer + 3);
  encoded.writeBigInt64BE(value, 1);
  return encoded;
}

function head(marker: number, count: number): Buffer {
  if (count <= COUNT_IN_MARKER_MAX) return Buffer.of(marker + count);
  return Buffer.concat([Buffer.of(marker + 0xf), encodeInteger(BigInt(count))]);
}

function refs(indexes: readonly number[], refBytes: number): readonly Buffer[] {
  return indexes.map((index) => unsigned(index, refBytes));
}

/** Bytes for an unsigned number: 1, 2 or 4. */
function sizeOf(value: number): number {
  if (value <= 0xff) return 1;
  return value <= 0xffff ? 2 : 4;
}

function unsigned(value: number, bytes: number): Buffer {
  const encoded = Buffer.alloc(bytes);
  encoded.writeUIntBE(value, 0, bytes);
  return encoded;
}
