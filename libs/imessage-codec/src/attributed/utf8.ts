const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Decodes UTF-8, or null when the bytes are not valid. A leading byte-order mark is text like any other. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    // The only error a fatal decoder has is the one the null stands for.
    return null;
  }
}

/** Encodes a string; a lone surrogate becomes U+FFFD, which keeps the length in UTF-16 units. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
