import { assert } from "@imesh/flow";
import { ONE_BYTE_INTEGER_MAX, ONE_BYTE_INTEGER_MIN, TAG } from "./tags.ts";

const INT16_MIN = -0x8000;
const INT16_MAX = 0x7fff;
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** Collects the bytes of a typedstream; grows by doubling. */
export class ByteWriter {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** One byte for each character; the characters must fit. */
  latin1(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const charCode = text.charCodeAt(index);
      assert(charCode <= 0xff, "class names and type encodings have one byte for each character");
      this.byte(charCode);
    }
  }

  /** The shortest form for the value taken as signed: this is what Apple writes, for unsigned types too. */
  integer(value: number | bigint): void {
    assert(value >= INT64_MIN && value <= UINT64_MAX, "an integer fits in 64 bits");
    if (value >= ONE_BYTE_INTEGER_MIN && value <= ONE_BYTE_INTEGER_MAX) {
      this.byte(Number(value) & 0xff);
    } else if (value >= INT16_MIN && value <= INT16_MAX) {
      this.byte(TAG.int16);
      this.#reserve(2);
      this.#view.setInt16(this.#length, Number(value), true);
      this.#length += 2;
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
      this.byte(TAG.int32);
      this.#reserve(4);
      this.#view.setInt32(this.#length, Number(value), true);
      this.#length += 4;
    } else {
      this.byte(TAG.int64);
      this.#reserve(8);
      this.#view.setBigUint64(this.#length, BigInt.asUintN(64, BigInt(value)), true);
      this.#length += 8;
    }
  }

  /** An integer where the value has no fraction and fits in 32 bits, else a tag and the number's own bytes. */
  real(value: number, byteCount: 4 | 8): void {
    if (Number.isInteger(value) && value >= INT32_MIN && value <= INT32_MAX && !Object.is(value, -0)) {
      this.integer(value);
      return;
    }
    this.byte(TAG.real);
    this.#reserve(byteCount);
    if (byteCount === 4) {
      this.#view.setFloat32(this.#length, value, true);
    } else {
      this.#view.setFloat64(this.#length, value, true);
    }
    this.#length += byteCount;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) {
      return;
    }
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
