import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { LedgerError, ledgerErrorOf } from "./ledger-error.ts";
import { LEDGER_APPLICATION_ID, LEDGER_TABLES, LEDGER_VERSION } from "./ledger-schema.ts";

/** It holds addresses (guids of chats): for this user alone. SQLite gives `-wal` the mode of the file. */
const LEDGER_MODE = 0o600;

/** Nobody else is meant to hold it; a person with a shell may for a moment. */
const BUSY_TIMEOUT_MS = 1_000;

/**
 * How a ledger came to be.
 * - continued: it was there
 * - created: there was none
 * - begun-anew: there was one that is of no use; it lies at `setAsidePath` now
 */
export type LedgerOrigin =
  | { readonly kind: "continued" }
  | { readonly kind: "created" }
  | {
      readonly kind: "begun-anew";
      readonly reason: "damaged" | "unknown-version";
      readonly setAsidePath: string;
    };

/** The file of a ledger, open. */
export interface OpenLedger {
  readonly database: Database;
  readonly origin: LedgerOrigin;
}

/**
 * Opens or creates the file at `path` with its tables; integers are bigint throughout. A file that is damaged or not of our
 * version is renamed (`.damaged-1` and so on) and a new one begun. Throws LedgerError when neither works.
 */
export function openLedger(path: string): OpenLedger {
  try {
    const isNew = !existsSync(path);
    const database = tryOpen(path);
    if (database !== undefined) return { database, origin: { kind: isNew ? "created" : "continued" } };
    return beginAnew(path, "unknown-version");
  } catch (error) {
    const fault = ledgerErrorOf(error, "open");
    if (fault instanceof LedgerError && fault.code === "corrupt") return beginAnew(path, "damaged");
    if (fault instanceof LedgerError) throw fault;
    throw new LedgerError("open", "io-error", errnoOf(error), error);
  }
}

/** Renames the file and what belongs to it out of the way; returns the new path. */
export function setLedgerAside(path: string): string {
  let number = 1;
  while (existsSync(`${path}.damaged-${number}`)) number += 1;
  const aside = `${path}.damaged-${number}`;
  renameSync(path, aside);
  for (const suffix of ["-wal", "-shm"]) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}

function beginAnew(path: string, reason: "damaged" | "unknown-version"): OpenLedger {
  const setAsidePath = setLedgerAside(path);
  const database = tryOpen(path);
  if (database === undefined) throw new LedgerError("begin", "io-error", "SQLITE_CANTOPEN", undefined);
  return { database, origin: { kind: "begun-anew", reason, setAsidePath } };
}

/** Undefined: a database, but none that we know. */
function tryOpen(path: string): Database | undefined {
  closeSync(openSync(path, "a", LEDGER_MODE));
  const database = new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  let isKept = false;
  try {
    database.pragma("locking_mode = EXCLUSIVE");
    const isEmpty = Number(database.pragma("schema_version", { simple: true })) === 0;
    if (!isEmpty && !isOurs(database)) return undefined;
    database.pragma("journal_mode = WAL");
    // A commit then survives the process, and a power cut takes whole commits from the end: the epochs are made for that.
    database.pragma("synchronous = NORMAL");
    // In KiB. The hot pages are few: the ends of two tables.
    database.pragma("cache_size = -2048");
    // Checkpoints are made in pauses (LedgerUpkeep); this is for when there are none: some 6 ms each 400 commits.
    database.pragma("wal_autocheckpoint = 1500");
    database.defaultSafeIntegers(true);
    if (isEmpty) create(database);
    isKept = true;
    return database;
  } finally {
    if (!isKept) database.close();
  }
}

function isOurs(database: Database): boolean {
  const applicationId = Number(database.pragma("application_id", { simple: true }));
  const version = Number(database.pragma("user_version", { simple: true }));
  return applicationId === LEDGER_APPLICATION_ID && version === LEDGER_VERSION;
}

function create(database: Database): void {
  database.transaction(() => {
    database.exec(LEDGER_TABLES);
    database.pragma(`application_id = ${LEDGER_APPLICATION_ID}`);
    database.pragma(`user_version = ${LEDGER_VERSION}`);
  })();
}

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
