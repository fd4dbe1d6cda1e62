const ROW_BYTES = 16;

/** Bytes of a dump before and after the place it is about. */
const AROUND_BYTES = 16;

/**
 * The 32 bytes around `offset` in rows of 16, each with its offset, and a mark under the byte; the first 32 without a
 * mark where no offset is known. An offset at the end, where a byte is missing, is marked too.
 */
export function hexDump(bytes: Uint8Array, offset: number | null): string[] {
  const start = Math.max(0, (offset ?? 0) - AROUND_BYTES);
  const end = Math.min(bytes.length, start + ROW_BYTES + AROUND_BYTES);
  const lines: string[] = [];
  for (let row = start; row < end || row === offset; row += ROW_BYTES) {
    const content = bytes.subarray(row, Math.min(row + ROW_BYTES, end));
    lines.push(rowLine(row, content));
    if (offset !== null && offset >= row && offset < row + ROW_BYTES) lines.push(markLine(offset - row));
  }
  return lines;
}

function rowLine(offset: number, content: Uint8Array): string {
  const digits = Array.from(content, hexByte).join(" ");
  return `${offsetText(offset)}  ${digits.padEnd(ROW_BYTES * 3 - 1)}  ${asciiOf(content)}`.trimEnd();
}

function markLine(column: number): string {
  return `${" ".repeat(offsetText(0).length + 2 + column * 3)}^^`;
}

function offsetText(offset: number): string {
  return offset.toString(16).padStart(8, "0");
}

/** Two digits. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Printable ASCII as it is, a dot for every other byte. */
export function asciiOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(
    "",
  );
}
