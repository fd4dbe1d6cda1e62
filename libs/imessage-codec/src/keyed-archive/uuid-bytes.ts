import { assert } from "@imesh/flow";

/** Where the hyphens of a UUID stand: after these bytes. */
const GROUP_ENDS: ReadonlySet<number> = new Set([4, 6, 8, 10]);

/** The usual text of 16 bytes, upper-case. */
export function uuidOfBytes(bytes: Uint8Array): string {
  let text = "";
  for (const [index, byte] of bytes.entries()) {
    text += (GROUP_ENDS.has(index) ? "-" : "") + byte.toString(16).padStart(2, "0");
  }
  return text.toUpperCase();
}

/** The 16 bytes of a UUID, which the caller knows to be one. */
export function bytesOfUuid(text: string): Uint8Array {
  const digits = text.replaceAll("-", "");
  assert(/^[0-9a-f]{32}$/i.test(digits), "a UUID has 32 hexadecimal digits");
  return Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
