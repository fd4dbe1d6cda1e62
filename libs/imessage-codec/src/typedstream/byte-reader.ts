import { ONE_BYTE_INTEGER_MAX, TAG, TAG_FIRST, TAG_LAST } from "./tags.ts";
import { TypedStreamError, type TypedStreamErrorCode } from "./typed-stream-error.ts";
import type { NumberType, OddNumber } from "./typed-value.ts";
import { integerFormByteCount, isWrittenAsInteger } from "./written-form.ts";

/** Every real name is shorter, and up to here a loop is faster. */
const LATIN1_LOOP_LENGTH_MAX = 64;
const LATIN1_PIECE_BYTES = 4096;

// A view costs a hundred bytes of memory, and a hostile stream can ask for an empty one with every byte.
const NO_BYTES = new Uint8Array(0);

/** Reads the bytes, integers and floating-point numbers of a typedstream in order; never past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #onOddNumber: (offset: number, odd: OddNumber) => void;
  #isLittleEndian = true;
  #offset = 0;

  /** `onOddNumber` hears of each number that is not in Apple's form, and the offset of its first byte. */
  constructor(bytes: Uint8Array, onOddNumber: (offset: number, odd: OddNumber) => void = () => undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#onOddNumber = onOddNumber;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** From here on the high byte of a number comes first. */
  setBigEndian(): void {
    this.#isLittleEndian = false;
  }

  /** Throws TypedStreamError at `offset`, by default where the reader stands. */
  fail(code: TypedStreamErrorCode, fact: string, offset: number = this.#offset): never {
    throw new TypedStreamError(code, offset, fact);
  }

  byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) {
      return this.fail("unexpected-end", "the stream ends where a byte is due");
    }
    this.#offset += 1;
    return byte;
  }

  /** The next `count` bytes as a view, not a copy. */
  take(count: number): Uint8Array {
    const start = this.#advance(count);
    return count === 0 ? NO_BYTES : this.#bytes.subarray(start, start + count);
  }

  /** The next `count` bytes, one character each. For type encodings and class names. */
  latin1(count: number): string {
    const start = this.#advance(count);
    const end = start + count;
    if (count <= LATIN1_LOOP_LENGTH_MAX) {
      const charCodes: number[] = [];
      for (let index = start; index < end; index += 1) {
        charCodes.push(this.#bytes[index] as number);
      }
      return String.fromCharCode(...charCodes);
    }
    // In pieces: an argument list as long as a hostile name could overflow the stack.
    let text = "";
    for (let piece = start; piece < end; piece += LATIN1_PIECE_BYTES) {
      text += String.fromCharCode(...this.#bytes.subarray(piece, Math.min(piece + LATIN1_PIECE_BYTES, end)));
    }
    return text;
  }

  /** A length: an unsigned integer in any of its forms. */
  length(): number {
    return this.integerWithin(this.byte(), 0, 0xffff_ffff);
  }

  /** The integer that starts with `head`, refused unless min <= value <= max; unsigned exactly when min is 0. */
  integerWithin(head: number, min: number, max: number): number {
    const start = this.#offset - 1;
    const type = min === 0 ? "unsigned" : "signed";
    const value = this.#integer(head, type);
    if (typeof value === "bigint" || value < min || value > max) {
      return this.fail("integer-out-of-range", `an integer outside ${min}..${max}`, start);
    }
    this.#noteOddInteger(start, type, value);
    return value;
  }

  /** The 64-bit integer that starts with `head`. */
  long(head: number, isSigned: boolean): bigint {
    const start = this.#offset - 1;
    const type = isSigned ? "signed" : "unsigned";
    const value = this.#integer(head, type);
    this.#noteOddInteger(start, type, value);
    return BigInt(value);
  }

  /** A floating-point number: its own bytes after a tag, or an integer when it has no fraction. */
  real(byteCount: 4 | 8): number {
    const start = this.#offset;
    const head = this.byte();
    const isInteger = head !== TAG.real;
    const value = isInteger ? Number(this.#integer(head, "signed")) : this.#realBytes(byteCount);
    const isAppleForm = isInteger
      ? isWrittenAsInteger(value) && this.#offset - start === integerFormByteCount(value)
      : !isWrittenAsInteger(value) && (!Number.isNaN(value) || this.#isUsualNan(start + 1, byteCount));
    if (!isAppleForm) {
      this.#noteOdd(start, byteCount === 4 ? "float" : "double", value);
    }
    return value;
  }

  #realBytes(byteCount: 4 | 8): number {
    const start = this.#advance(byteCount);
    return byteCount === 4
      ? this.#view.getFloat32(start, this.#isLittleEndian)
      : this.#view.getFloat64(start, this.#isLittleEndian);
  }

  // A NaN may carry anything in its lower bits, which JavaScript's one NaN does not keep.
  #isUsualNan(start: number, byteCount: 4 | 8): boolean {
    return byteCount === 4
      ? this.#view.getUint32(start, this.#isLittleEndian) === 0x7fc0_0000
      : this.#view.getBigUint64(start, this.#isLittleEndian) === 0x7ff8_0000_0000_0000n;
  }

  // The shortest form is what Apple writes; longer ones mean the same and are read.
  #integer(head: number, type: "signed" | "unsigned"): number | bigint {
    const isSigned = type === "signed";
    if (head < TAG_FIRST || head > TAG_LAST) {
      return isSigned && head > ONE_BYTE_INTEGER_MAX ? head - 0x100 : head;
    }
    const isLittle = this.#isLittleEndian;
    switch (head) {
      case TAG.int16: {
        const start = this.#advance(2);
        return isSigned ? this.#view.getInt16(start, isLittle) : this.#view.getUint16(start, isLittle);
      }
      case TAG.int32: {
        const start = this.#advance(4);
        return isSigned ? this.#view.getInt32(start, isLittle) : this.#view.getUint32(start, isLittle);
      }
      case TAG.int64: {
        const start = this.#advance(8);
        const value = isSigned
          ? this.#view.getBigInt64(start, isLittle)
          : this.#view.getBigUint64(start, isLittle);
        return Number.isSafeInteger(Number(value)) ? Number(value) : value;
      }
      case TAG.real:
      case TAG.new:
      case TAG.nil:
      case TAG.end:
        return this.fail("unexpected-tag", "a tag where an integer is due", this.#offset - 1);
      default:
        return this.fail("reserved-tag", "a reserved tag", this.#offset - 1);
    }
  }

  #noteOddInteger(start: number, type: NumberType, value: number | bigint): void {
    if (this.#offset - start !== integerFormByteCount(value)) {
      this.#noteOdd(start, type, value);
    }
  }

  #noteOdd(start: number, type: NumberType, value: number | bigint): void {
    this.#onOddNumber(start, { type, value, bytes: this.#bytes.subarray(start, this.#offset) });
  }

  #advance(count: number): number {
    const start = this.#offset;
    if (count > this.#bytes.length - start) {
      return this.fail("unexpected-end", `the stream ends before ${count} bytes`);
    }
    this.#offset = start + count;
    return start;
  }
}
