import { PageFormatError, type PageFormatErrorCode } from "./page-format-error.ts";

/** A varint has at most this many bytes; the ninth gives all its eight bits. */
const VARINT_BYTES_MAX = 9;

/** Varints of up to so many bytes have 49 bits and are exact as a number. */
const EXACT_BYTES_MAX = 7;

/** Reads forward through bytes and never past `end`: that throws {@link PageFormatError} with the code it was made with. */
export class ByteReader {
  /** Where the next read begins; may be set. */
  offset = 0;
  end: number;
  readonly #bytes: Uint8Array;
  readonly #code: PageFormatErrorCode;

  constructor(bytes: Uint8Array, end: number, code: PageFormatErrorCode) {
    this.#bytes = bytes;
    this.end = end;
    this.#code = code;
  }

  uint8(): number {
    this.#need(1);
    const value = this.#bytes[this.offset] as number;
    this.offset += 1;
    return value;
  }

  uint16(): number {
    return this.uint8() * 0x100 + this.uint8();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  /** A varint; exact up to 2^49, above that merely at least as large. For sizes, whose bounds are far below. */
  varint(): number {
    let value = 0;
    for (let index = 1; ; index += 1) {
      const byte = this.uint8();
      if (index === VARINT_BYTES_MAX) return value * 0x100 + byte;
      value = value * 0x80 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
  }

  /** A varint as the signed 64-bit number it is. */
  varint64(): bigint {
    const start = this.offset;
    const value = this.varint();
    if (this.offset - start <= EXACT_BYTES_MAX) return BigInt(value);
    let exact = 0n;
    for (let at = start; at < this.offset; at += 1) {
      const byte = this.#bytes[at] as number;
      const isNinth = at - start === VARINT_BYTES_MAX - 1;
      exact = isNinth ? (exact << 8n) | BigInt(byte) : (exact << 7n) | BigInt(byte & 0x7f);
    }
    return BigInt.asIntN(64, exact);
  }

  /** Steps over a varint. */
  skipVarint(): void {
    for (let index = 1; index < VARINT_BYTES_MAX; index += 1) if (this.uint8() < 0x80) return;
    this.uint8();
  }

  #need(bytes: number): void {
    if (this.offset + bytes > this.end) {
      throw new PageFormatError(this.#code, `${bytes} bytes at ${this.offset} of ${this.end}`);
    }
  }
}
