const BYTES_FIRST = 256;
/** Above this, 7-bit steps by number arithmetic would lose bits. */
const NUMBER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Appends numbers and bytes to a buffer that grows: varints of 7 bits a byte, lowest first. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(BYTES_FIRST);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length] = value;
    this.#length += 1;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32BE(value, this.#length);
  }

  /** A 64-bit value; negative ones count as unsigned. */
  varint(value: bigint): void {
    if (value >= 0n && value <= NUMBER_MAX) {
      this.#varintNumber(Number(value));
      return;
    }
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  /** A whole number within ±2⁵², zigzag, so that small ones of either sign are short. */
  signed(value: number): void {
    this.#varintNumber(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** What was written so far, not copied. */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #varintNumber(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + count));
    larger.set(this.written());
    this.#buffer = larger;
  }
}

/** The bytes ended, or a number was longer than it can be. */
export class ByteFault extends Error {
  override readonly name = "ByteFault";
}

/** Reads what ByteWriter wrote. Every way to run off the end throws {@link ByteFault}. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw new ByteFault("too short");
    this.#offset += 1;
    return value;
  }

  bytes(count: number): Uint8Array {
    if (count < 0 || count > this.remaining) throw new ByteFault("too short");
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }

  uint32(): number {
    let value = 0;
    for (let index = 0; index < 4; index += 1) value = value * 256 + this.byte();
    return value;
  }

  /** As a signed 64-bit value. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new ByteFault("number too long");
  }

  signed(): number {
    const zigzag = BigInt.asUintN(64, this.varint());
    return Number(zigzag & 1n ? -((zigzag + 1n) >> 1n) : zigzag >> 1n);
  }
}
