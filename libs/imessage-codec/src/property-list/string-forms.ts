import { decodeUtf8Within } from "../attributed/utf8.ts";

// An argument list as long as a hostile string could overflow the stack.
const PIECE_UNITS = 4096;

/** Up to here code units one by one are faster than a call of the decoder. */
const LOOP_LENGTH_MAX = 16;

// One call of a decoder costs the same for 17 units and for 300; String.fromCharCode() with as many arguments is ten times as slow.
const utf16Decoder = new TextDecoder("utf-16be", { ignoreBOM: true });

/** The string of `count` bytes from `from`, or null when one of them is above 127. */
export function decodeAscii(bytes: Uint8Array, from: number, count: number): string | null {
  const end = from + count;
  for (let index = from; index < end; index += 1) {
    if ((bytes[index] as number) > 0x7f) {
      return null;
    }
  }
  return decodeUtf8Within(bytes, from, end);
}

/**
 * The string of `count` big-endian UTF-16 units from `from`; lone surrogates stay, which a TextDecoder would
 * replace.
 */
export function decodeUtf16(bytes: Uint8Array, from: number, count: number): string {
  return count > LOOP_LENGTH_MAX && isWellFormed(bytes, from, count)
    ? utf16Decoder.decode(bytes.subarray(from, from + count * 2))
    : decodeUnits(bytes, from, count);
}

function decodeUnits(bytes: Uint8Array, from: number, count: number): string {
  const units = new Uint16Array(Math.min(count, PIECE_UNITS));
  let text = "";
  for (let done = 0; done < count; done += PIECE_UNITS) {
    const length = Math.min(PIECE_UNITS, count - done);
    for (let index = 0; index < length; index += 1) {
      const offset = from + (done + index) * 2;
      units[index] = ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
    }
    text += String.fromCharCode(...units.subarray(0, length));
  }
  return text;
}

/** Whether every surrogate is one of a pair. */
function isWellFormed(bytes: Uint8Array, from: number, count: number): boolean {
  const end = from + count * 2;
  let isLowDue = false;
  for (let offset = from; offset < end; offset += 2) {
    const upper = (bytes[offset] as number) & 0xfc;
    if ((upper === 0xdc) !== isLowDue) {
      return false;
    }
    isLowDue = upper === 0xd8;
  }
  return !isLowDue;
}

/** Whether a string can be written with one byte for each character. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) {
      return false;
    }
  }
  return true;
}
