/**
 * Why the journal cannot do its work now.
 * - disk-full, io-error, busy: may pass; try again later
 * - corrupt: the file is damaged; a person must look
 */
export type JournalErrorCode = "disk-full" | "io-error" | "busy" | "corrupt";

/** The journal could not read or write. Nothing of the attempted append is there: it is all or nothing (I3). */
export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly code: JournalErrorCode;
  /** SQLite's own word, `SQLITE_FULL`. */
  readonly sqliteCode: string;

  constructor(action: string, code: JournalErrorCode, sqliteCode: string, cause: unknown) {
    super(`Cannot ${action} journal: ${sqliteCode} (${code})`, { cause });
    this.code = code;
    this.sqliteCode = sqliteCode;
  }
}

/** The world's failures of SQLite by the start of their code; everything else is our own bug and is thrown as it is. */
const CODES: readonly (readonly [prefix: string, code: JournalErrorCode])[] = [
  ["SQLITE_FULL", "disk-full"],
  ["SQLITE_IOERR", "io-error"],
  // A file that became unwritable or vanished under us: the same trouble to a caller as a failing disk.
  ["SQLITE_READONLY", "io-error"],
  ["SQLITE_CANTOPEN", "io-error"],
  ["SQLITE_PERM", "io-error"],
  ["SQLITE_NOMEM", "io-error"],
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_LOCKED", "busy"],
  ["SQLITE_PROTOCOL", "busy"],
  ["SQLITE_CORRUPT", "corrupt"],
  ["SQLITE_NOTADB", "corrupt"],
];

/** A SqliteError that the world caused as {@link JournalError}; any other error as it came. */
export function journalErrorOf(error: unknown, action: string): unknown {
  const sqliteCode = sqliteCodeOf(error);
  if (sqliteCode === null) return error;
  const entry = CODES.find(([prefix]) => sqliteCode.startsWith(prefix));
  return entry === undefined ? error : new JournalError(action, entry[1], sqliteCode, error);
}

function sqliteCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" && error.code.startsWith("SQLITE_") ? error.code : null;
}
