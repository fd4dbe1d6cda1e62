/** SQLite takes no page with fewer usable bytes (sqlite.org/fileformat2.html §1.3.4). */
export const USABLE_BYTES_MIN = 480;
export const USABLE_BYTES_MAX = 65_536;

/** A table keeps more of a row on its leaf than an index keeps of a key (sqlite.org/fileformat2.html §1.6). */
export type PayloadKind = "table-leaf" | "index";

/** Bytes of the largest payload that stays on its page whole. `usableBytes`: page size less the reserved bytes. */
function maxLocalPayload(usableBytes: number, kind: PayloadKind): number {
  if (kind === "table-leaf") return usableBytes - 35;
  return Math.floor(((usableBytes - 12) * 64) / 255) - 23;
}

/** Bytes that stay on the page at least, once a payload overflows. */
function minLocalPayload(usableBytes: number): number {
  return Math.floor(((usableBytes - 12) * 32) / 255) - 23;
}

/** Bytes of a payload of `payloadBytes` that stay on its page: all, or so many that the last overflow page is full. */
export function localPayload(payloadBytes: number, usableBytes: number, kind: PayloadKind): number {
  const max = maxLocalPayload(usableBytes, kind);
  if (payloadBytes <= max) return payloadBytes;
  const min = minLocalPayload(usableBytes);
  const filling = min + ((payloadBytes - min) % (usableBytes - 4));
  return filling <= max ? filling : min;
}
