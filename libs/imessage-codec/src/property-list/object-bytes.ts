import { PropertyListError, type PropertyListErrorCode } from "./property-list-error.ts";
import {
  COUNT_FOLLOWS,
  INTEGER_SIZE_POWER_MAX,
  MARKER,
  PROPERTY_LIST_SIGNATURE,
} from "./property-list-markers.ts";
import { decodeAscii, decodeUtf16 } from "./string-forms.ts";

// A view costs a hundred bytes of memory, and a hostile file can ask for an empty one with every object.
const NO_BYTES = new Uint8Array(0);

/** The part of a file that holds its objects: reads what an object is made of, never past the last one. */
export class ObjectBytes {
  readonly #bytes: Uint8Array;
  #view: DataView | null = null;
  readonly #end: number;
  // Objects of honest files do not overlap. Those of a hostile one could: thousands that each take up most of
  // the file.
  #contentLeft: number;
  #offset = 0;

  /** `end` is where the objects end; it lies in `bytes`. */
  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#contentLeft = end - PROPERTY_LIST_SIGNATURE.length;
  }

  /** Starts to read at an object, whose marker it gives. */
  open(offset: number): number {
    this.#offset = offset;
    return this.#bytes[this.take(1)] as number;
  }

  /** Advances over bytes of the object and gives their start. */
  take(byteCount: number): number {
    const from = this.#offset;
    if (byteCount > this.#end - from) {
      return this.fail("unexpected-end", from, "an object that runs into the offset table");
    }
    this.#contentLeft -= byteCount;
    if (this.#contentLeft < 0) {
      return this.fail("overlap", from, "objects that use the same bytes");
    }
    this.#offset = from + byteCount;
    return from;
  }

  /**
   * Any unsigned number of the file. Exact up to 2⁵³; what is larger stays larger than any bound it is
   * compared with.
   */
  unsigned(from: number, byteCount: number): number {
    let value = 0;
    for (let index = 0; index < byteCount; index += 1) {
      value = value * 256 + (this.#bytes[from + index] as number);
    }
    return value;
  }

  /** 1, 2 and 4 bytes are unsigned, 8 and 16 are signed. `start` is the marker's offset. */
  integer(sizePower: number, start: number): bigint {
    if (sizePower > INTEGER_SIZE_POWER_MAX) {
      return this.fail("unknown-marker", start, "an integer of more than 16 bytes");
    }
    const byteCount = 1 << sizePower;
    const from = this.take(byteCount);
    if (byteCount < 8) {
      return BigInt(this.unsigned(from, byteCount));
    }
    const view = this.#dataView();
    const first = view.getBigInt64(from);
    return byteCount === 8 ? first : (first << 64n) | view.getBigUint64(from + 8);
  }

  /** Up to 16 bytes may say it, but no archive has 2³² objects. */
  uid(byteCount: number, start: number): number {
    const value = this.unsigned(this.take(byteCount), byteCount);
    return value <= 0xffff_ffff ? value : this.fail("integer-out-of-range", start, "a UID above 2^32-1");
  }

  /** The count in the low half of a marker, or in the integer that follows it. */
  count(low: number): number {
    if (low !== COUNT_FOLLOWS) {
      return low;
    }
    const start = this.#offset;
    const marker = this.#bytes[this.take(1)] as number;
    const sizePower = marker & 0x0f;
    if ((marker & 0xf0) !== MARKER.integer || sizePower > 3) {
      return this.fail("integer-out-of-range", start, "no integer of up to 8 bytes where a count is due");
    }
    const byteCount = 1 << sizePower;
    return this.unsigned(this.take(byteCount), byteCount);
  }

  float32(): number {
    return this.#dataView().getFloat32(this.take(4));
  }

  float64(): number {
    return this.#dataView().getFloat64(this.take(8));
  }

  // Most lists have nothing that needs one.
  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }

  /** A view, not a copy. */
  data(byteCount: number): Uint8Array {
    const from = this.take(byteCount);
    return byteCount === 0 ? NO_BYTES : this.#bytes.subarray(from, from + byteCount);
  }

  ascii(byteCount: number): string {
    const from = this.take(byteCount);
    const text = decodeAscii(this.#bytes, from, byteCount);
    return text ?? this.fail("invalid-string", from, "a byte above 127 in ASCII");
  }

  utf16(unitCount: number): string {
    return decodeUtf16(this.#bytes, this.take(unitCount * 2), unitCount);
  }

  fail(code: PropertyListErrorCode, offset: number, fact: string): never {
    throw new PropertyListError(code, offset, fact);
  }
}
