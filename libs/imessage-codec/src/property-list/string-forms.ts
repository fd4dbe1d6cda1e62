// An argument list as long as a hostile string could overflow the stack.
const PIECE_UNITS = 4096;

/** Up to here a loop over single characters is faster; every real key is shorter. */
const LOOP_LENGTH_MAX = 32;

/** The string of `count` bytes from `from`, or null when one of them is above 127. */
export function decodeAscii(bytes: Uint8Array, from: number, count: number): string | null {
  const end = from + count;
  for (let index = from; index < end; index += 1) {
    if ((bytes[index] as number) > 0x7f) {
      return null;
    }
  }
  let text = "";
  if (count <= LOOP_LENGTH_MAX) {
    for (let index = from; index < end; index += 1) {
      text += String.fromCharCode(bytes[index] as number);
    }
    return text;
  }
  for (let piece = from; piece < end; piece += PIECE_UNITS) {
    text += String.fromCharCode(...bytes.subarray(piece, Math.min(piece + PIECE_UNITS, end)));
  }
  return text;
}

/**
 * The string of `count` big-endian UTF-16 units from `from`; lone surrogates stay, which a TextDecoder would
 * replace.
 */
export function decodeUtf16(bytes: Uint8Array, from: number, count: number): string {
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

/** Whether a string can be written with one byte for each character. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) {
      return false;
    }
  }
  return true;
}
