const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** By char code; -1 for what is not in the alphabet. */
const STANDARD = valuesOf(`${LETTERS_AND_DIGITS}+/`);
const URL_SAFE = valuesOf(`${LETTERS_AND_DIGITS}-_`);

/**
 * The bytes of base64 in the standard or the URL-safe alphabet, padded or not; null for anything else, also for
 * both alphabets in one, for white space, and for bits that no encoder leaves behind. (atob() would take the
 * last two, and gives a string.)
 */
export function decodeBase64(text: string): Uint8Array | null {
  const length = unpaddedLength(text);
  if (length === null) {
    return null;
  }
  const values = /[-_]/.test(text) ? URL_SAFE : STANDARD;
  const bytes = new Uint8Array((length * 6) >> 3);
  let bits = 0;
  let bitCount = 0;
  let byteIndex = 0;
  for (let index = 0; index < length; index += 1) {
    const value = values[text.charCodeAt(index)] ?? -1;
    if (value < 0) {
      return null;
    }
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[byteIndex] = bits >> bitCount;
      byteIndex += 1;
    }
  }
  return (bits & ((1 << bitCount) - 1)) === 0 ? bytes : null;
}

// Padding fills the last four characters or is left out; a single character of four holds no byte.
function unpaddedLength(text: string): number | null {
  let length = text.length;
  while (length > 0 && text.length - length < 2 && text[length - 1] === "=") {
    length -= 1;
  }
  const isPaddingWhole = length === text.length || text.length % 4 === 0;
  return isPaddingWhole && length % 4 !== 1 ? length : null;
}

function valuesOf(alphabet: string): Int8Array {
  return Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));
}
