/**
 * Why the ledger cannot do its work now.
 * - disk-full, io-error, busy: may pass; the same step can be tried again
 * - corrupt: the file is damaged; a start begins a new one
 */
export type LedgerErrorCode = "disk-full" | "io-error" | "busy" | "corrupt";

/** The ledger could not read or write. Nothing of the attempted step is in it: it is all or nothing. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;
  /** SQLite's own word, `SQLITE_FULL`. */
  readonly sqliteCode: string;

  constructor(action: string, code: LedgerErrorCode, sqliteCode: string, cause: unknown) {
    super(`Cannot ${action} ledger: ${sqliteCode} (${code})`, { cause });
    this.code = code;
    this.sqliteCode = sqliteCode;
  }
}

/** The world's failures by how SQLite's word for them starts. What is not here is our own bug. */
const CODES: Readonly<Record<LedgerErrorCode, readonly string[]>> = {
  "disk-full": ["SQLITE_FULL"],
  "io-error": ["SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_NOMEM"],
  busy: ["SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"],
  corrupt: ["SQLITE_CORRUPT", "SQLITE_NOTADB"],
};

/** An error of SQLite that the world caused as {@link LedgerError}; any other as it came. */
export function ledgerErrorOf(error: unknown, action: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const sqliteCode = error.code;
  for (const [code, starts] of Object.entries(CODES) as [LedgerErrorCode, readonly string[]][]) {
    if (starts.some((start) => sqliteCode.startsWith(start))) {
      return new LedgerError(action, code, sqliteCode, error);
    }
  }
  return error;
}
