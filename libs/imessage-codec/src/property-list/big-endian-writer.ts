/** Collects bytes, the most significant of each number first; grows by doubling. */
export class BigEndianWriter {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  raw(bytes: Uint8Array): void {
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
  }

  /** One byte for each character; the characters must fit. */
  latin1(text: string): void {
    const start = this.#reserve(text.length);
    for (let index = 0; index < text.length; index += 1) {
      this.#bytes[start + index] = text.charCodeAt(index);
    }
  }

  /** Two bytes for each unit. */
  utf16(text: string): void {
    const start = this.#reserve(text.length * 2);
    for (let index = 0; index < text.length; index += 1) {
      this.#view.setUint16(start + index * 2, text.charCodeAt(index));
    }
  }

  /** An unsigned number below 2⁵³ in `byteCount` bytes. */
  unsigned(value: number, byteCount: number): void {
    const start = this.#reserve(byteCount);
    let left = value;
    for (let index = byteCount - 1; index >= 0; index -= 1) {
      this.#bytes[start + index] = left % 256;
      left = Math.floor(left / 256);
    }
  }

  int64(value: bigint): void {
    const start = this.#reserve(8);
    this.#view.setBigInt64(start, value);
  }

  float64(value: number): void {
    const start = this.#reserve(8);
    this.#view.setFloat64(start, value);
  }

  // Makes room and gives its start. Bytes and view may be others afterwards: call it before either is looked
  // at.
  #reserve(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return start;
  }
}
