const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Up to here characters one by one are faster than a call of the decoder, which costs 100 ns whatever it decodes. */
const ASCII_LOOP_LENGTH_MAX = 16;

/** Decodes UTF-8, or null when the bytes are not valid. A leading byte-order mark is text like any other. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  return decodeUtf8Within(bytes, 0, bytes.length);
}

/** As decodeUtf8(), for the bytes from `start` up to `end`, which lie within `bytes`. */
export function decodeUtf8Within(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start <= ASCII_LOOP_LENGTH_MAX) {
    const text = decodeAscii(bytes, start, end);
    if (text !== null) {
      return text;
    }
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    // The only error a fatal decoder has is the one the null stands for.
    return null;
  }
}

function decodeAscii(bytes: Uint8Array, start: number, end: number): string | null {
  const charCodes: number[] = [];
  for (let index = start; index < end; index += 1) {
    const charCode = bytes[index] as number;
    if (charCode > 0x7f) {
      return null;
    }
    charCodes.push(charCode);
  }
  return String.fromCharCode(...charCodes);
}

/** Encodes a string; a lone surrogate becomes U+FFFD, which keeps the length in UTF-16 units. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
