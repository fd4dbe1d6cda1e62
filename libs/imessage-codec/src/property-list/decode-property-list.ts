import { ObjectBytes } from "./object-bytes.ts";
import { PropertyListError } from "./property-list-error.ts";
import { PROPERTY_LIST_LIMITS, type PropertyListLimits } from "./property-list-limits.ts";
import { MARKER, PROPERTY_LIST_SIGNATURE } from "./property-list-markers.ts";
import { type PropertyListTrailer, readTrailer } from "./property-list-trailer.ts";
import { isContainer, type PropertyListValue } from "./property-list-value.ts";

/** A property list with what it took to read it. */
export interface PropertyListDocument {
  readonly root: PropertyListValue;
  /** Objects read, each counted once. */
  readonly objectsRead: number;
  /** References followed: the sum of the lengths of all containers, keys and values counted apart. */
  readonly referencesRead: number;
}

/**
 * Reads a binary property list (bplist00), strictly: what it says twice it must say alike, and no byte serves
 * two objects. Time and memory are linear in the bytes, whatever they are. Throws PropertyListError and
 * nothing else. The result holds views into `bytes`; the caller must not change them.
 *
 * Written here because no library on npm offers it all: 64-bit integers as bigint, UIDs, shared objects as
 * shared objects, bounds on every size, and one typed error for any bytes. The known ones build numbers, copy
 * a shared object at every reference (a small file that fills the memory) or recurse without a bound.
 */
export function decodePropertyList(
  bytes: Uint8Array,
  limits: PropertyListLimits = PROPERTY_LIST_LIMITS,
): PropertyListValue {
  return readPropertyList(bytes, limits).root;
}

/**
 * The entries of a property list that is a dictionary, as columns of chat.db hold them. Throws
 * PropertyListError only.
 */
export function decodePropertyListDictionary(
  bytes: Uint8Array,
  limits: PropertyListLimits = PROPERTY_LIST_LIMITS,
): ReadonlyMap<string, PropertyListValue> {
  const root = decodePropertyList(bytes, limits);
  if (root.kind !== "dictionary") {
    throw new PropertyListError("not-a-dictionary", null, "the property list is no dictionary");
  }
  return root.entries;
}

/** As decodePropertyList(), with the counts. */
export function readPropertyList(
  bytes: Uint8Array,
  limits: PropertyListLimits = PROPERTY_LIST_LIMITS,
): PropertyListDocument {
  return new DocumentReader(bytes, readTrailer(bytes, limits), limits).document();
}

/** In the table of heights: the object is being read, so that meeting it again is a cycle. */
const OPEN = 0xffff;

/** One pass over one file; every object that the root reaches is read once. */
class DocumentReader {
  readonly #bytes: ObjectBytes;
  readonly #trailer: PropertyListTrailer;
  readonly #depthMax: number;
  readonly #values: (PropertyListValue | undefined)[];
  // Containers inside each object that was read. Reached over a reference, a deep object may have been read
  // while shallow.
  readonly #heights: number[];
  // The greatest height among the parts of the container that is being read.
  #partsHeight = 0;
  #objectsRead = 0;
  #referencesRead = 0;

  constructor(bytes: Uint8Array, trailer: PropertyListTrailer, limits: PropertyListLimits) {
    this.#bytes = new ObjectBytes(bytes, trailer.offsetTableOffset);
    this.#trailer = trailer;
    this.#depthMax = limits.depthMax;
    this.#values = new Array(trailer.objectCount);
    // An ordinary array, because making a typed one takes a tenth of the time of a link's payload.
    this.#heights = new Array(trailer.objectCount).fill(0);
  }

  document(): PropertyListDocument {
    const root = this.#object(this.#trailer.rootIndex, 0);
    return { root, objectsRead: this.#objectsRead, referencesRead: this.#referencesRead };
  }

  #object(index: number, depth: number): PropertyListValue {
    const start = this.#startOf(index);
    const value = this.#values[index] ?? this.#newObject(index, start, depth);
    const height = this.#heights[index] as number;
    if (depth + height > this.#depthMax) {
      return this.#tooDeep(start);
    }
    this.#partsHeight = Math.max(this.#partsHeight, height);
    return value;
  }

  #startOf(index: number): number {
    const { offsetTableOffset, offsetBytes } = this.#trailer;
    const entry = offsetTableOffset + index * offsetBytes;
    const start = this.#bytes.unsigned(entry, offsetBytes);
    if (start < PROPERTY_LIST_SIGNATURE.length || start >= offsetTableOffset) {
      return this.#bytes.fail("offset-out-of-range", entry, "an object outside of the objects");
    }
    return start;
  }

  #newObject(index: number, start: number, depth: number): PropertyListValue {
    if (this.#heights[index] === OPEN) {
      return this.#bytes.fail("cycle", start, "an object inside itself");
    }
    this.#heights[index] = OPEN;
    const outerHeight = this.#partsHeight;
    this.#partsHeight = 0;
    const value = this.#read(start, depth);
    this.#heights[index] = isContainer(value) ? this.#partsHeight + 1 : 0;
    this.#partsHeight = outerHeight;
    this.#values[index] = value;
    this.#objectsRead += 1;
    return value;
  }

  #read(start: number, depth: number): PropertyListValue {
    const bytes = this.#bytes;
    const marker = bytes.open(start);
    switch (marker) {
      case MARKER.null:
        return { kind: "null" };
      case MARKER.false:
      case MARKER.true:
        return { kind: "boolean", value: marker === MARKER.true };
      case MARKER.real4:
        return { kind: "real", value: bytes.float32() };
      case MARKER.real8:
        return { kind: "real", value: bytes.float64() };
      case MARKER.date:
        return { kind: "date", secondsSince2001: bytes.float64() };
      default:
        break;
    }
    const low = marker & 0x0f;
    switch (marker & 0xf0) {
      case MARKER.integer:
        return { kind: "integer", value: bytes.integer(low, start) };
      case MARKER.uid:
        return { kind: "uid", value: bytes.uid(low + 1, start) };
      case MARKER.data:
        return { kind: "data", value: bytes.data(bytes.count(low)) };
      case MARKER.ascii:
        return { kind: "string", value: bytes.ascii(bytes.count(low)) };
      case MARKER.utf16:
        return { kind: "string", value: bytes.utf16(bytes.count(low)) };
      case MARKER.array:
        return { kind: "array", items: this.#items(bytes.count(low), start, depth) };
      case MARKER.set:
        return { kind: "set", items: this.#items(bytes.count(low), start, depth) };
      case MARKER.dictionary:
        return { kind: "dictionary", entries: this.#entries(bytes.count(low), start, depth) };
      default:
        return bytes.fail("unknown-marker", start, "a type that version 00 does not have");
    }
  }

  #items(count: number, start: number, depth: number): readonly PropertyListValue[] {
    const from = this.#references(count, start, depth);
    const items: PropertyListValue[] = [];
    for (let index = 0; index < count; index += 1) {
      items.push(this.#object(this.#reference(from, index), depth + 1));
    }
    return items;
  }

  // All keys, then all values.
  #entries(count: number, start: number, depth: number): ReadonlyMap<string, PropertyListValue> {
    const from = this.#references(count * 2, start, depth);
    const entries = new Map<string, PropertyListValue>();
    for (let index = 0; index < count; index += 1) {
      const key = this.#object(this.#reference(from, index), depth + 1);
      if (key.kind !== "string") {
        return this.#bytes.fail("key-not-string", start, "a key that is no string");
      }
      if (entries.has(key.value)) {
        return this.#bytes.fail("duplicate-key", start, "the same key twice");
      }
      entries.set(key.value, this.#object(this.#reference(from, count + index), depth + 1));
    }
    return entries;
  }

  // Takes the references of a container, and refuses to go deeper than allowed before any is followed.
  #references(count: number, start: number, depth: number): number {
    if (depth >= this.#depthMax) {
      return this.#tooDeep(start);
    }
    const from = this.#bytes.take(count * this.#trailer.referenceBytes);
    this.#referencesRead += count;
    return from;
  }

  #reference(from: number, index: number): number {
    const { referenceBytes, objectCount } = this.#trailer;
    const offset = from + index * referenceBytes;
    const reference = this.#bytes.unsigned(offset, referenceBytes);
    return reference < objectCount
      ? reference
      : this.#bytes.fail("reference-out-of-range", offset, `not one of ${objectCount} objects`);
  }

  #tooDeep(offset: number): never {
    return this.#bytes.fail("too-deep", offset, `containers nest deeper than ${this.#depthMax}`);
  }
}
