/** A value as the driver gives it with 64-bit integers on. A column's type is an affinity only, so any of these may come. */
export type ColumnValue = bigint | number | string | Buffer | null;

/** A row as the driver gives it, by the names the query gave its columns. */
export type ColumnValues = Readonly<Record<string, ColumnValue>>;

/** Text, or undefined for NULL. A blob is read as UTF-8, invalid bytes as U+FFFD, as the driver does for text. */
export function toText(value: ColumnValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  return Buffer.isBuffer(value) ? value.toString("utf8") : String(value);
}

/** A blob, or undefined for NULL and for numbers. Text counts by its UTF-8 bytes. */
export function toBlob(value: ColumnValue | undefined): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  return typeof value === "string" ? Buffer.from(value, "utf8") : undefined;
}

/** A 64-bit integer; 0 for NULL and for what is no number. A fraction is cut off. */
export function toInt64(value: ColumnValue | undefined): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) {
    return BigInt.asIntN(64, BigInt(Math.trunc(value)));
  }
  return 0n;
}

/** The low 32 bits as a signed integer, which is what an int32 on the wire can hold; 0 for NULL. */
export function toInt32(value: ColumnValue | undefined): number {
  return typeof value === "bigint"
    ? Number(BigInt.asIntN(32, value))
    : Number(BigInt.asIntN(32, toInt64(value)));
}

/** True for every number but 0; false for NULL. */
export function toFlag(value: ColumnValue | undefined): boolean {
  return typeof value === "bigint" ? value !== 0n : toInt64(value) !== 0n;
}
