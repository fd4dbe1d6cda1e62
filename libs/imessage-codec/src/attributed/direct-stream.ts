import { REFERENCE_BASE, TAG, TAG_FIRST, TAG_LAST } from "../typedstream/tags.ts";
import { TYPED_STREAM_LIMITS } from "../typedstream/typed-stream-limits.ts";
import type { AttributeValue } from "./attributed-body.ts";
import { NAME, nameOf } from "./stream-names.ts";
import { decodeUtf8Within } from "./utf8.ts";

/** Thrown wherever the long way has to decide, caught by readDirectBody(): an error of its own would cost more than it does. */
export const NOT_DIRECT = { kind: "not-direct" } as const;

/** Version 4, 11 characters, "streamtyped", system version 1000. */
const USUAL_HEADER = Uint8Array.of(
  ...[4, 11, ...[..."streamtyped"].map((character) => character.charCodeAt(0))],
  ...[TAG.int16, 0xe8, 0x03],
);

const CLASS_DEPTH_UNIT = 0x1000;

/** Whether a stream starts as all of Messages' do. */
export function hasUsualHeader(bytes: Uint8Array): boolean {
  for (let index = 0; index < USUAL_HEADER.length; index += 1) {
    if (bytes[index] !== USUAL_HEADER[index]) {
      return false;
    }
  }
  return true;
}

/**
 * What a slot of the object table holds: a value; a class as its depth and kinds (0 and up); a C-string as its name,
 * negative; null for what nothing may refer to (the body, its text, whatever is not finished).
 */
type Slot = AttributeValue | number | null;

/** The bytes, tables and classes of a stream with the usual header; every method throws NOT_DIRECT for what it does not expect. */
export class DirectStream {
  readonly #bytes: Uint8Array;
  #view: DataView | null = null;
  #offset = USUAL_HEADER.length;
  readonly #names: number[] = [];
  readonly #slots: Slot[] = [];
  #memoryBytesLeft = TYPED_STREAM_LIMITS.memoryBytesMax;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The value that the reference starting with `head` points at. */
  knownValue(head: number): AttributeValue {
    const known = this.#slots[this.#referenceIndex(head)];
    if (known === undefined || known === null || typeof known === "number") {
      throw NOT_DIRECT;
    }
    return known;
  }

  /** The slot that the next new thing takes. */
  get nextSlot(): number {
    return this.#slots.length;
  }

  /** What references to the slot shall find. */
  setValue(slot: number, value: AttributeValue): void {
    this.#slots[slot] = value;
  }

  /** A C-string, new or known, is there. */
  cString(): void {
    const head = this.byte();
    if (head !== TAG.new) {
      const known = this.#slots[this.#referenceIndex(head)];
      if (typeof known !== "number" || known >= 0) {
        throw NOT_DIRECT;
      }
      return;
    }
    const slot = this.#register();
    this.#slots[slot] = -1 - this.name(this.byte());
  }

  /** Takes the slot of a new object whose tag `head` is, and reads its class; gives the class's kinds. */
  newObject(head: number): number {
    if (head !== TAG.new) {
      throw NOT_DIRECT;
    }
    this.#register();
    return this.#class(this.byte(), 1) % CLASS_DEPTH_UNIT;
  }

  /** Its depth times CLASS_DEPTH_UNIT, plus its kinds. */
  #class(head: number, chainLength: number): number {
    if (head === TAG.nil && chainLength > 1) {
      return 0;
    }
    if (head !== TAG.new) {
      const known = this.#slots[this.#referenceIndex(head)];
      if (typeof known !== "number" || known < 0) {
        throw NOT_DIRECT;
      }
      return known;
    }
    if (chainLength > TYPED_STREAM_LIMITS.classChainLengthMax) {
      throw NOT_DIRECT;
    }
    const slot = this.#register();
    const name = this.name(this.byte());
    this.signed();
    const superclass = this.#class(this.byte(), chainLength + 1);
    const depth = Math.floor(superclass / CLASS_DEPTH_UNIT) + 1;
    if (depth > TYPED_STREAM_LIMITS.classChainLengthMax) {
      throw NOT_DIRECT;
    }
    const isClassName = name >= NAME.classFirst && name < NAME.byteArrayFirst;
    const ownKinds = isClassName ? name - NAME.classFirst : 0;
    const itsClass = depth * CLASS_DEPTH_UNIT + ((superclass % CLASS_DEPTH_UNIT) | ownKinds);
    this.#slots[slot] = itsClass;
    return itsClass;
  }

  #register(): number {
    const slot = this.#slots.length;
    if (slot === TYPED_STREAM_LIMITS.objectTableLengthMax) {
      throw NOT_DIRECT;
    }
    this.#slots.push(null);
    return slot;
  }

  /** The type encoding of the next group has to be this one. */
  encoding(expected: number): void {
    if (this.name(this.byte()) !== expected) {
      throw NOT_DIRECT;
    }
  }

  /** The shared string that starts with `head`, new or known. */
  name(head: number): number {
    if (head !== TAG.new) {
      const known = this.#names[this.#referenceIndex(head)];
      if (known === undefined) {
        throw NOT_DIRECT;
      }
      return known;
    }
    if (this.#names.length === TYPED_STREAM_LIMITS.sharedStringsMax) {
      throw NOT_DIRECT;
    }
    const start = this.advance(this.unsigned());
    const name = nameOf(this.#bytes, start, this.#offset);
    this.#names.push(name);
    return name;
  }

  #referenceIndex(head: number): number {
    return this.#signedFrom(head) - REFERENCE_BASE;
  }

  /** The end of an object is there. */
  end(): void {
    if (this.byte() !== TAG.end) {
      throw NOT_DIRECT;
    }
  }

  /** The next `length` bytes as text. */
  utf8(length: number): string {
    const start = this.advance(length);
    const text = decodeUtf8Within(this.#bytes, start, this.#offset);
    if (text === null) {
      throw NOT_DIRECT;
    }
    return text;
  }

  byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) {
      throw NOT_DIRECT;
    }
    this.#offset += 1;
    return byte;
  }

  /** A signed integer of 32 bits at most. */
  signed(): number {
    return this.#signedFrom(this.byte());
  }

  #signedFrom(head: number): number {
    if (head < TAG_FIRST) {
      return head;
    }
    if (head > TAG_LAST) {
      return head - 0x100;
    }
    if (head === TAG.int16) {
      return (this.#uint16() << 16) >> 16;
    }
    if (head === TAG.int32) {
      return this.#dataView().getInt32(this.advance(4), true);
    }
    throw NOT_DIRECT;
  }

  /** An unsigned integer of 32 bits at most. */
  unsigned(): number {
    const head = this.byte();
    if (head < TAG_FIRST || head > TAG_LAST) {
      return head;
    }
    if (head === TAG.int16) {
      return this.#uint16();
    }
    if (head === TAG.int32) {
      return this.#dataView().getUint32(this.advance(4), true);
    }
    throw NOT_DIRECT;
  }

  // Not with a view, which few bodies need and which costs more than all lengths of a body: a text of 128 units has this form.
  #uint16(): number {
    const start = this.advance(2);
    return (this.#bytes[start] as number) | ((this.#bytes[start + 1] as number) << 8);
  }

  /** The integer that starts with its tag, of 8 bytes. */
  int64(): bigint {
    const start = this.advance(9);
    return this.#dataView().getBigInt64(start + 1, true);
  }

  /** A floating-point number in either form. */
  real(byteCount: 4 | 8): number {
    const head = this.byte();
    if (head !== TAG.real) {
      return this.#signedFrom(head);
    }
    const start = this.advance(byteCount);
    return byteCount === 4
      ? this.#dataView().getFloat32(start, true)
      : this.#dataView().getFloat64(start, true);
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }

  /** Steps over `count` bytes and gives the offset of the first. */
  advance(count: number): number {
    const start = this.#offset;
    if (count > this.#bytes.length - start) {
      throw NOT_DIRECT;
    }
    this.#offset = start + count;
    return start;
  }

  /** Counts memory that the result takes. */
  charge(memoryBytes: number): void {
    this.#memoryBytesLeft -= memoryBytes;
    if (this.#memoryBytesLeft < 0) {
      throw NOT_DIRECT;
    }
  }
}
