import { assert } from "@imesh/flow";
import { type PlistDictionary, PlistUid, type PlistValue } from "./binary-plist-writer.ts";

const TRAILER_BYTES = 32;

/**
 * Reads what writeBinaryPlist() wrote, to go on from it: nobody else writes property lists into a simulated chat.db.
 * Anything it does not write is a defect (AssertionError), so this is no parser for files of strangers.
 */
export function readBinaryPlist(bytes: Uint8Array): PlistValue {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert(
    file.length > TRAILER_BYTES && file.toString("latin1", 0, 8) === "bplist00",
    "a property list is ours",
  );
  const trailer = file.subarray(file.length - TRAILER_BYTES);
  const offsetBytes = trailer[6] ?? 0;
  const refBytes = trailer[7] ?? 0;
  const table = Number(trailer.readBigUInt64BE(24));
  const readRef = (at: number, index: number) => file.readUIntBE(at + index * refBytes, refBytes);
  const read = (reference: number): PlistValue => {
    const at = file.readUIntBE(table + reference * offsetBytes, offsetBytes);
    const marker = file[at] ?? 0;
    const high = marker & 0xf0;
    if (high === 0) return marker === 0x09;
    if (high === 0x10) return readInteger(file, at);
    if (high === 0x20) return file.readDoubleBE(at + 1);
    if (high === 0x80) return new PlistUid(file.readUIntBE(at + 1, (marker & 0xf) + 1));
    const { count, start } = readHead(file, at);
    switch (high) {
      case 0x40:
        return Uint8Array.from(file.subarray(start, start + count));
      case 0x50:
        return file.toString("latin1", start, start + count);
      case 0x60:
        return Buffer.from(file.subarray(start, start + count * 2))
          .swap16()
          .toString("utf16le");
      case 0xa0:
        return Array.from({ length: count }, (_, index) => read(readRef(start, index)));
      default: {
        assert(high === 0xd0, "a property list holds what its writer knows");
        const key = (index: number) => String(read(readRef(start, index)));
        return new Map(
          Array.from({ length: count }, (_, index) => [key(index), read(readRef(start, count + index))]),
        );
      }
    }
  };
  return read(0);
}

/** As {@link readBinaryPlist} where a column holds a dictionary, or NULL for an empty one. */
export function readPlistDictionary(bytes: Uint8Array | null): PlistDictionary {
  if (bytes === null) return new Map();
  const value = readBinaryPlist(bytes);
  assert(value instanceof Map, "the column holds a dictionary");
  return value;
}

function readInteger(file: Buffer, at: number): bigint {
  const bytes = 1 << ((file[at] ?? 0) & 0xf);
  return bytes === 8 ? file.readBigInt64BE(at + 1) : BigInt(file.readUIntBE(at + 1, bytes));
}

function readHead(file: Buffer, at: number): { count: number; start: number } {
  const low = (file[at] ?? 0) & 0xf;
  if (low !== 0xf) return { count: low, start: at + 1 };
  const bytes = 1 << ((file[at + 1] ?? 0) & 0xf);
  return { count: Number(readInteger(file, at + 1)), start: at + 2 + bytes };
}
