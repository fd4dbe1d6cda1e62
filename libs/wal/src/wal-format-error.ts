/**
 * Why bytes are no header of a log.
 * - too-short: fewer bytes than a header has (an empty file is one: the log was truncated or never written)
 * - bad-magic, bad-version, bad-page-size: a field holds what SQLite never writes
 * - bad-checksum: the header is torn: read again, or it is no log
 */
export type WalFormatErrorCode = "too-short" | "bad-magic" | "bad-version" | "bad-page-size" | "bad-checksum";

/** Thrown for bytes that are no header of a write-ahead log. SQLite itself takes such a log for an empty one. */
export class WalFormatError extends Error {
  override readonly name = "WalFormatError";
  readonly code: WalFormatErrorCode;

  constructor(code: WalFormatErrorCode, found: string) {
    super(`Cannot parse WAL header: ${code} (${found})`);
    this.code = code;
  }
}
