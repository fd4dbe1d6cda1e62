/** Blobs below this are copied: giving memory away has a price too. */
const TRANSFER_BYTES_MIN = 16_384;

/**
 * The memory of an answer's large blobs, to be given to the other thread instead of copied. Only memory that is a blob's alone:
 * a view of a larger buffer would take its neighbours along.
 */
export function transferables(answer: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  walk(answer, (blob) => {
    const { buffer } = blob;
    const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === blob.byteLength;
    if (isAlone && blob.byteLength >= TRANSFER_BYTES_MIN) found.add(buffer);
    return blob;
  });
  return [...found];
}

/** Makes Buffers again, in place, of the Uint8Arrays that structured clone made of them. */
export function reviveBuffers(answer: unknown): void {
  walk(answer, (blob) => Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength));
}

/** Visits every blob in plain objects and arrays. Answers are trees of rows, a few levels deep. */
function walk(value: unknown, visit: (blob: Uint8Array) => Uint8Array): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, child] of Object.entries(value)) {
    if (child instanceof Uint8Array) Reflect.set(value, key, visit(child));
    else walk(child, visit);
  }
}
