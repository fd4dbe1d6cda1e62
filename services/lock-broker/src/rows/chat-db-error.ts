/**
 * Why chat.db cannot be read.
 * - not-found: there is no file
 * - no-permission: the system refuses it (macOS: no Full Disk Access)
 * - cannot-open: there is something, but it does not open
 * - not-a-database: it opens and is no SQLite database, or a damaged one
 * - wrong-schema: a database, but not Messages'
 * - busy: somebody holds it exclusively (recovery, last close); passes
 * - failed: any other refusal by SQLite
 */
export type ChatDbFault =
  | "not-found"
  | "no-permission"
  | "cannot-open"
  | "not-a-database"
  | "wrong-schema"
  | "busy"
  | "failed";

/** The facts of a {@link ChatDbError}. */
export interface ChatDbFailure {
  readonly code: ChatDbFault;
  /** Path of chat.db. */
  readonly path: string;
  /** What the system or SQLite said, a fragment. */
  readonly detail: string;
  readonly cause?: unknown;
}

/** chat.db cannot be read. Always worth another try later: the file may come back, the grant may be given. */
export class ChatDbError extends Error {
  override readonly name = "ChatDbError";
  readonly code: ChatDbFault;
  readonly path: string;
  readonly detail: string;

  constructor(failure: ChatDbFailure) {
    const message = `Cannot read chat.db: "${failure.path}" (${failure.detail})`;
    super(message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.code = failure.code;
    this.path = failure.path;
    this.detail = failure.detail;
  }
}

/** What is known when opening failed; each `…Errno` is the code ("EPERM") of a refused system call, or undefined. */
export interface OpenFailureFacts {
  /** SQLite's name of the error, with its extension: "SQLITE_CANTOPEN". Undefined when SQLite was not reached. */
  readonly sqliteCode: string | undefined;
  /** SQLite's words. */
  readonly sqliteMessage: string | undefined;
  /** Of stat(2) on the file. */
  readonly statErrno: string | undefined;
  /** Of access(2) on the file, for reading. */
  readonly accessErrno: string | undefined;
  /** Of opening its directory. */
  readonly directoryErrno: string | undefined;
  /** The path names a directory. */
  readonly isDirectory: boolean;
}

const PERMISSION_ERRNOS: ReadonlySet<string> = new Set(["EPERM", "EACCES"]);

/**
 * Reads the reason out of the facts. SQLite says CANTOPEN for a missing file, a missing grant and a directory alike, and
 * Apple's build says "authorization denied"; only the system calls beside it tell them apart (reference, location and §6.6).
 */
export function openFault(facts: OpenFailureFacts): { readonly code: ChatDbFault; readonly detail: string } {
  const errnos = [facts.statErrno, facts.accessErrno, facts.directoryErrno];
  const refused = errnos.find((errno) => errno !== undefined && PERMISSION_ERRNOS.has(errno));
  if (refused !== undefined) return { code: "no-permission", detail: refused };
  if (facts.sqliteMessage?.includes("authorization denied") || facts.sqliteCode?.startsWith("SQLITE_AUTH")) {
    return { code: "no-permission", detail: "authorization denied" };
  }
  if (facts.sqliteCode?.startsWith("SQLITE_PERM")) return { code: "no-permission", detail: "SQLITE_PERM" };
  if (facts.statErrno === "ENOENT" || facts.statErrno === "ENOTDIR") {
    return { code: "not-found", detail: facts.statErrno };
  }
  if (facts.isDirectory) return { code: "cannot-open", detail: "a directory" };
  if (facts.sqliteCode !== undefined && !facts.sqliteCode.startsWith("SQLITE_CANTOPEN")) {
    return queryFault(facts.sqliteCode, facts.sqliteMessage ?? "");
  }
  const detail = facts.sqliteCode ?? facts.statErrno ?? facts.accessErrno ?? "no reason given";
  return { code: "cannot-open", detail };
}

/** Reads the reason of a failed query out of SQLite's code and words; the words name tables and columns, never values. */
export function queryFault(
  sqliteCode: string,
  sqliteMessage: string,
): { readonly code: ChatDbFault; readonly detail: string } {
  const detail = `${sqliteCode}: ${sqliteMessage}`;
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(sqliteCode)) return { code: "busy", detail };
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(sqliteCode)) return { code: "not-a-database", detail };
  if (/^SQLITE_(AUTH|PERM)/.test(sqliteCode)) return { code: "no-permission", detail };
  if (/^SQLITE_CANTOPEN/.test(sqliteCode)) return { code: "cannot-open", detail };
  if (/^no such (table|column)/.test(sqliteMessage)) return { code: "wrong-schema", detail };
  return { code: "failed", detail };
}
