const BYTES_FIRST = 128;
const PAYLOAD_BITS = 7n;
const PAYLOAD_MASK = 0x7fn;
const MORE = 0x80;
/** A 64-bit number in groups of seven bits. */
const VARINT_BYTES_MAX = 10;

const INT64_MAX = 2n ** 63n - 1n;

/** Bytes that end too soon, or numbers longer than they can be. */
export class FieldFault extends Error {
  override readonly name = "FieldFault";
}

/** Puts the fields of a cursor one after the other. */
export class FieldWriter {
  #buffer = Buffer.alloc(BYTES_FIRST);
  #length = 0;

  bytes(value: Uint8Array): this {
    this.#room(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** An unsigned number of up to 64 bits: seven bits a byte, lowest first. */
  number(value: bigint): this {
    this.#room(VARINT_BYTES_MAX);
    let rest = BigInt.asUintN(64, value);
    while (rest > PAYLOAD_MASK) {
      this.#buffer[this.#length++] = Number(rest & PAYLOAD_MASK) | MORE;
      rest >>= PAYLOAD_BITS;
    }
    this.#buffer[this.#length++] = Number(rest);
    return this;
  }

  /** Its length in bytes, then the text in UTF-8. */
  text(value: string): this {
    const bytes = Buffer.from(value, "utf8");
    return this.number(BigInt(bytes.length)).bytes(bytes);
  }

  uint32(value: number): this {
    this.#room(4);
    this.#length = this.#buffer.writeUInt32BE(value, this.#length);
    return this;
  }

  /** All fields so far, not copied. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    this.#buffer = Buffer.concat([this.written()], Math.max(needed, this.#buffer.length * 2));
  }
}

/** Takes the fields of a cursor one after the other. Each call throws {@link FieldFault} when there are too few bytes. */
export class FieldReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Bytes not taken yet. */
  get left(): number {
    return this.#buffer.length - this.#offset;
  }

  bytes(count: number): Buffer {
    if (count > this.left) throw new FieldFault("too short");
    this.#offset += count;
    return this.#buffer.subarray(this.#offset - count, this.#offset);
  }

  byte(): number {
    return this.bytes(1).readUInt8(0);
  }

  number(): bigint {
    let value = 0n;
    for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
      const byte = this.byte();
      value |= BigInt(byte & ~MORE & 0xff) << (PAYLOAD_BITS * BigInt(index));
      if (byte < MORE) return BigInt.asUintN(64, value);
    }
    throw new FieldFault("number too long");
  }

  /** A ROWID or a sequence: as SQLite's integers, but never negative. */
  int(): bigint {
    const value = this.number();
    if (value > INT64_MAX) throw new FieldFault("number too long");
    return value;
  }

  /** A number that says how many bytes or fields follow; more than `max` is a fault. */
  count(max: number): number {
    const count = this.number();
    if (count > BigInt(max)) throw new FieldFault(`${count} fields, at most ${max}`);
    return Number(count);
  }

  text(bytesMax: number): string {
    return this.bytes(this.count(bytesMax)).toString("utf8");
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE(0);
  }
}
