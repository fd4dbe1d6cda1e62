import { assert, unreachable } from "@imesh/flow";
import { BigEndianWriter } from "./big-endian-writer.ts";
import { PROPERTY_LIST_LIMITS } from "./property-list-limits.ts";
import { COUNT_FOLLOWS, MARKER, PROPERTY_LIST_SIGNATURE } from "./property-list-markers.ts";
import { isContainer, type PropertyListContainer, type PropertyListValue } from "./property-list-value.ts";
import { isAscii } from "./string-forms.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INT128_MIN = -(2n ** 127n);
const INT128_MAX = 2n ** 127n - 1n;

/**
 * Writes a binary property list as Foundation does: objects in the order in which they are met, keys before
 * values; equal strings, numbers and dates once, the same *instance* of data or of a container once;
 * integers, references and offsets as short as they can be. The same value gives the same bytes, and
 * decodePropertyList() gives the value back. A value that holds itself, nests deeper than 64, or has a number
 * out of its type's range is the caller's defect (AssertionError).
 */
export function encodePropertyList(root: PropertyListValue): Uint8Array {
  const objects = new ObjectList();
  objects.place(root, 0);
  return writeDocument(objects.objects);
}

/** An object whose parts are numbers of other objects: for a dictionary its keys, then its values. */
interface PlacedObject {
  readonly value: PropertyListValue;
  parts: readonly number[];
}

/** Numbers the objects of a value in the order in which each *begins*. */
class ObjectList {
  readonly objects: PlacedObject[] = [];
  readonly #known = new Map<string | object, number>();
  readonly #open = new Set<PropertyListContainer>();

  place(value: PropertyListValue, depth: number): number {
    const key = identityOf(value);
    const known = this.#known.get(key);
    if (known !== undefined) {
      assert(!isContainer(value) || !this.#open.has(value), "a value does not hold itself");
      return known;
    }
    const number = this.objects.length;
    const placed: PlacedObject = { value, parts: [] };
    this.objects.push(placed);
    this.#known.set(key, number);
    if (isContainer(value)) {
      assert(depth < PROPERTY_LIST_LIMITS.depthMax, "a value nests no deeper than readers allow");
      this.#open.add(value);
      placed.parts = partsOf(value).map((part) => this.place(part, depth + 1));
      this.#open.delete(value);
    }
    return number;
  }
}

function partsOf(value: PropertyListContainer): readonly PropertyListValue[] {
  if (value.kind !== "dictionary") {
    return value.items;
  }
  const keys = [...value.entries.keys()].map((key): PropertyListValue => ({ kind: "string", value: key }));
  return [...keys, ...value.entries.values()];
}

// What is written once. Foundation compares data by content too; here the instance decides, which costs no
// comparison, but for empty data, whose instances a reader does not tell apart either.
function identityOf(value: PropertyListValue): string | object {
  switch (value.kind) {
    case "array":
    case "set":
    case "dictionary":
      return value;
    case "data":
      return value.value.length === 0 ? value.kind : value.value;
    case "null":
      return value.kind;
    case "date":
      return `date ${describeNumber(value.secondsSince2001)}`;
    case "real":
      return `real ${describeNumber(value.value)}`;
    case "boolean":
    case "integer":
    case "string":
    case "uid":
      return `${value.kind} ${value.value}`;
    default:
      return unreachable(value);
  }
}

function describeNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function writeDocument(objects: readonly PlacedObject[]): Uint8Array {
  const writer = new BigEndianWriter();
  const referenceBytes = unsignedBytes(objects.length - 1);
  writer.latin1(PROPERTY_LIST_SIGNATURE);
  const offsets: number[] = [];
  for (const { value, parts } of objects) {
    offsets.push(writer.length);
    writeObject(writer, value);
    for (const part of parts) {
      writer.unsigned(part, referenceBytes);
    }
  }
  const offsetTableOffset = writer.length;
  const offsetBytes = unsignedBytes(offsetTableOffset);
  for (const offset of offsets) {
    writer.unsigned(offset, offsetBytes);
  }
  // Five bytes unused, one for sorting that nothing writes; the root is the first object.
  writer.unsigned(0, 6);
  writer.unsigned(offsetBytes, 1);
  writer.unsigned(referenceBytes, 1);
  writer.unsigned(objects.length, 8);
  writer.unsigned(0, 8);
  writer.unsigned(offsetTableOffset, 8);
  return writer.toBytes();
}

// Of a container the marker and the count; its references follow.
function writeObject(writer: BigEndianWriter, value: PropertyListValue): void {
  switch (value.kind) {
    case "null":
      writer.unsigned(MARKER.null, 1);
      return;
    case "boolean":
      writer.unsigned(value.value ? MARKER.true : MARKER.false, 1);
      return;
    case "integer":
      writeInteger(writer, value.value);
      return;
    case "real":
      writer.unsigned(MARKER.real8, 1);
      writer.float64(value.value);
      return;
    case "date":
      writer.unsigned(MARKER.date, 1);
      writer.float64(value.secondsSince2001);
      return;
    case "data":
      writeHead(writer, MARKER.data, value.value.length);
      writer.raw(value.value);
      return;
    case "string":
      writeString(writer, value.value);
      return;
    case "uid": {
      assert(
        Number.isInteger(value.value) && value.value >= 0 && value.value <= 0xffff_ffff,
        "a UID has 32 bits",
      );
      const byteCount = unsignedBytes(value.value);
      writer.unsigned(MARKER.uid | (byteCount - 1), 1);
      writer.unsigned(value.value, byteCount);
      return;
    }
    case "array":
      writeHead(writer, MARKER.array, value.items.length);
      return;
    case "set":
      writeHead(writer, MARKER.set, value.items.length);
      return;
    case "dictionary":
      writeHead(writer, MARKER.dictionary, value.entries.size);
      return;
    default:
      unreachable(value);
  }
}

function writeString(writer: BigEndianWriter, text: string): void {
  if (isAscii(text)) {
    writeHead(writer, MARKER.ascii, text.length);
    writer.latin1(text);
  } else {
    writeHead(writer, MARKER.utf16, text.length);
    writer.utf16(text);
  }
}

// 1, 2 and 4 bytes are unsigned, 8 and 16 are signed: a negative integer takes at least 8.
function writeInteger(writer: BigEndianWriter, value: bigint): void {
  assert(value >= INT128_MIN && value <= INT128_MAX, "an integer has 128 bits");
  if (value >= 0n && value <= 0xffff_ffffn) {
    const byteCount = unsignedBytes(Number(value));
    writer.unsigned(MARKER.integer | Math.log2(byteCount), 1);
    writer.unsigned(Number(value), byteCount);
  } else if (value >= INT64_MIN && value <= INT64_MAX) {
    writer.unsigned(MARKER.integer | 3, 1);
    writer.int64(value);
  } else {
    writer.unsigned(MARKER.integer | 4, 1);
    writer.int64(value >> 64n);
    writer.int64(BigInt.asIntN(64, value));
  }
}

function writeHead(writer: BigEndianWriter, marker: number, count: number): void {
  if (count < COUNT_FOLLOWS) {
    writer.unsigned(marker | count, 1);
  } else {
    writer.unsigned(marker | COUNT_FOLLOWS, 1);
    writeInteger(writer, BigInt(count));
  }
}

/** Bytes that hold an unsigned number: 1, 2 or 4, and 8 beyond. */
function unsignedBytes(value: number): 1 | 2 | 4 | 8 {
  if (value <= 0xff) {
    return 1;
  }
  if (value <= 0xffff) {
    return 2;
  }
  return value <= 0xffff_ffff ? 4 : 8;
}
