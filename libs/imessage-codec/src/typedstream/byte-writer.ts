import { assert } from "@imesh/flow";
import { TAG } from "./tags.ts";
import { integerFormByteCount, isWrittenAsInteger } from "./written-form.ts";

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** Collects the bytes of a typedstream; grows by doubling. */
export class ByteWriter {
  readonly #isLittleEndian: boolean;
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** `byteOrder`: of the numbers, default "little". */
  constructor(byteOrder: "little" | "big" = "little") {
    this.#isLittleEndian = byteOrder === "little";
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

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
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index += 1) {
      const charCode = text.charCodeAt(index);
      assert(charCode <= 0xff, "class names and type encodings have one byte for each character");
      this.#bytes[this.#length + index] = charCode;
    }
    this.#length += text.length;
  }

  /** The shortest form for the value taken as signed: this is what Apple writes, for unsigned types too. */
  integer(value: number | bigint): void {
    assert(value >= INT64_MIN && value <= UINT64_MAX, "an integer fits in 64 bits");
    const byteCount = integerFormByteCount(value);
    this.#reserve(byteCount);
    const start = this.#length;
    switch (byteCount) {
      case 1:
        this.#bytes[start] = Number(value) & 0xff;
        break;
      case 3:
        this.#bytes[start] = TAG.int16;
        this.#view.setInt16(start + 1, Number(value), this.#isLittleEndian);
        break;
      case 5:
        this.#bytes[start] = TAG.int32;
        this.#view.setInt32(start + 1, Number(value), this.#isLittleEndian);
        break;
      default:
        this.#bytes[start] = TAG.int64;
        this.#view.setBigUint64(start + 1, BigInt.asUintN(64, BigInt(value)), this.#isLittleEndian);
    }
    this.#length += byteCount;
  }

  /** An integer where the value has no fraction and fits in 32 bits, else a tag and the number's own bytes. */
  real(value: number, byteCount: 4 | 8): void {
    if (isWrittenAsInteger(value)) {
      this.integer(value);
      return;
    }
    this.byte(TAG.real);
    this.#reserve(byteCount);
    if (byteCount === 4) {
      this.#view.setFloat32(this.#length, value, this.#isLittleEndian);
    } else {
      this.#view.setFloat64(this.#length, value, this.#isLittleEndian);
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
