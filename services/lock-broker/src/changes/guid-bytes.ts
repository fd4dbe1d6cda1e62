const UUID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/;
const UUID_BYTES = 16;

/** A guid as the ledger stores it: an upper-case UUID, as nearly all of Messages' are, takes 16 bytes, anything else stays text. */
export function packGuid(guid: string): Buffer | string {
  return UUID.test(guid) ? Buffer.from(guid.replaceAll("-", ""), "hex") : guid;
}

/** What {@link packGuid} packed. A value that it never makes comes back as an empty guid. */
export function unpackGuid(stored: unknown): string {
  if (typeof stored === "string") return stored;
  if (!Buffer.isBuffer(stored) || stored.length !== UUID_BYTES) return "";
  const hex = stored.toString("hex").toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
