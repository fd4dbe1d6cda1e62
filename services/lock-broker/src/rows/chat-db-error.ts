/**
 * Why chat.db cannot be read.
 * - not-found: there is no file
 * - no-permission: the system refuses it (macOS: no Full Disk Access)
 * - cannot-open: there is something, but it does not open
 * - not-a-database: it opens and is no SQLite database
 * - corrupt: a page is damaged, or the file was replaced while it was read
 * - io-error: the disk, or the file system, failed a read
 * - wrong-schema: a database, but not Messages'
 * - busy: somebody holds it exclusively, to close it last
 * - busy-recovery: somebody rebuilds the log's index after a crash
 * - locked: a lock was lost in a race
 * - moved: another file took the path
 * - failed: any other refusal by SQLite
 */
export type ChatDbFault =
  | "not-found"
  | "no-permission"
  | "cannot-open"
  | "not-a-database"
  | "corrupt"
  | "io-error"
  | "wrong-schema"
  | "busy"
  | "busy-recovery"
  | "locked"
  | "moved"
  | "failed";

/**
 * What helps. Another try is always worth it in the end; this says when.
 * - wait: the same connection, in a moment
 * - reopen: a new connection, soon
 * - person: a new connection, once somebody has given the grant or put the right file there
 */
export type ChatDbRemedy = "wait" | "reopen" | "person";

const REMEDIES: Readonly<Record<ChatDbFault, ChatDbRemedy>> = {
  "not-found": "person",
  "no-permission": "person",
  "cannot-open": "person",
  "not-a-database": "reopen",
  corrupt: "reopen",
  "io-error": "reopen",
  "wrong-schema": "person",
  busy: "wait",
  "busy-recovery": "wait",
  locked: "wait",
  moved: "reopen",
  failed: "reopen",
};

/** The facts of a {@link ChatDbError}. */
export interface ChatDbFailure {
  readonly code: ChatDbFault;
  /** Path of chat.db. */
  readonly path: string;
  /** What the system or SQLite said, a fragment. */
  readonly detail: string;
  readonly cause?: unknown;
}

/** chat.db cannot be read. */
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

  get remedy(): ChatDbRemedy {
    return REMEDIES[this.code];
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
 * Apple's build says "authorization denied"; only the system calls beside it tell them apart (docs/chat-db.md §1).
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

/**
 * SQLite's codes (docs/chat-db.md §21) by how they begin; the first that fits counts. READONLY_RECOVERY and READONLY_CANTINIT
 * say that the log needs a writer's hand first, which the next writer lends.
 */
const SQLITE_FAULTS: readonly (readonly [string, ChatDbFault])[] = [
  ["SQLITE_BUSY_RECOVERY", "busy-recovery"],
  ["SQLITE_READONLY_RECOVERY", "busy-recovery"],
  ["SQLITE_READONLY_CANTINIT", "busy-recovery"],
  ["SQLITE_READONLY_CANTLOCK", "locked"],
  ["SQLITE_READONLY_DBMOVED", "moved"],
  ["SQLITE_READONLY", "cannot-open"],
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_LOCKED", "locked"],
  ["SQLITE_PROTOCOL", "locked"],
  ["SQLITE_NOTADB", "not-a-database"],
  ["SQLITE_CORRUPT", "corrupt"],
  ["SQLITE_IOERR", "io-error"],
  ["SQLITE_AUTH", "no-permission"],
  ["SQLITE_PERM", "no-permission"],
  ["SQLITE_CANTOPEN", "cannot-open"],
];

/** Reads the reason of a failed query out of SQLite's code and words; the words name tables and columns, never values. */
export function queryFault(
  sqliteCode: string,
  sqliteMessage: string,
): { readonly code: ChatDbFault; readonly detail: string } {
  const detail = `${sqliteCode}: ${sqliteMessage}`;
  const known = SQLITE_FAULTS.find(([prefix]) => sqliteCode.startsWith(prefix));
  if (known !== undefined) return { code: known[1], detail };
  if (/^no such (table|column)/.test(sqliteMessage)) return { code: "wrong-schema", detail };
  return { code: "failed", detail };
}
