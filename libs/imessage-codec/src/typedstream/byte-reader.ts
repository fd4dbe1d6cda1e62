import { ONE_BYTE_INTEGER_MAX, TAG, TAG_FIRST, TAG_LAST } from "./tags.ts";
import { TypedStreamError, type TypedStreamErrorCode } from "./typed-stream-error.ts";

/** Every real name is shorter, and up to here a loop is faster. */
const LATIN1_LOOP_LENGTH_MAX = 64;
const LATIN1_PIECE_BYTES = 4096;

// A view costs a hundred bytes of memory, and a hostile stream can ask for an empty one with every byte.
const NO_BYTES = new Uint8Array(0);

/** Reads the bytes, integers and floating-point numbers of a typedstream in order; never past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
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
    let text = "";
    if (count <= LATIN1_LOOP_LENGTH_MAX) {
      for (let index = start; index < end; index += 1) {
        text += String.fromCharCode(this.#bytes[index] as number);
      }
      return text;
    }
    // In pieces: an argument list as long as a hostile name could overflow the stack.
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
    const value = this.#integer(head, min !== 0);
    if (typeof value === "bigint" || value < min || value > max) {
      return this.fail("integer-out-of-range", `an integer outside ${min}..${max}`, start);
    }
    return value;
  }

  /** The 64-bit integer that starts with `head`. */
  long(head: number, isSigned: boolean): bigint {
    return BigInt(this.#integer(head, isSigned));
  }

  /** A floating-point number: its own bytes after a tag, or an integer when it has no fraction. */
  real(byteCount: 4 | 8): number {
    const head = this.byte();
    if (head !== TAG.real) {
      return Number(this.#integer(head, true));
    }
    const start = this.#advance(byteCount);
    return byteCount === 4 ? this.#view.getFloat32(start, true) : this.#view.getFloat64(start, true);
  }

  // The shortest form is what Apple writes; longer ones mean the same and are read.
  #integer(head: number, isSigned: boolean): number | bigint {
    if (head < TAG_FIRST || head > TAG_LAST) {
      return isSigned && head > ONE_BYTE_INTEGER_MAX ? head - 0x100 : head;
    }
    switch (head) {
      case TAG.int16: {
        const start = this.#advance(2);
        return isSigned ? this.#view.getInt16(start, true) : this.#view.getUint16(start, true);
      }
      case TAG.int32: {
        const start = this.#advance(4);
        return isSigned ? this.#view.getInt32(start, true) : this.#view.getUint32(start, true);
      }
      case TAG.int64: {
        const start = this.#advance(8);
        const value = isSigned ? this.#view.getBigInt64(start, true) : this.#view.getBigUint64(start, true);
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

  #advance(count: number): number {
    const start = this.#offset;
    if (count > this.#bytes.length - start) {
      return this.fail("unexpected-end", `the stream ends before ${count} bytes`);
    }
    this.#offset = start + count;
    return start;
  }
}
