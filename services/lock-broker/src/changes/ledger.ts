import type { Clock, Random } from "@imesh/time";
import type { Database, Statement } from "better-sqlite3";
import { ChangeLog } from "./change-log.ts";
import type { WatchedTable } from "./change-reader.ts";
import type { KnownAttachment, KnownChat, KnownMessage, MessageStage } from "./known-rows.ts";
import { LedgerError, ledgerErrorOf } from "./ledger-error.ts";
import { LedgerStore } from "./ledger-store.ts";
import { type LedgerOrigin, openLedger, setLedgerAside } from "./open-ledger.ts";
import {
  packAttachment,
  packChat,
  packMessage,
  stageOf,
  unpackAttachment,
  unpackChat,
  unpackMessage,
} from "./print-bytes.ts";
import { type PackedPrint, PrintTable } from "./print-table.ts";
import { WaitingRows } from "./waiting-rows.ts";

const NS_PER_US = 1_000n;

/** Where a ledger is. */
export interface LedgerOptions {
  /** Made if absent; its directory must exist. `-wal` appears beside it. */
  readonly path: string;
  /** Most pages of 4096 bytes the file may have; for tests of a full disk. Default: SQLite's own. */
  readonly pagesMax?: number;
}

/**
 * The broker's own file: what every row looked like when it was last told, what was told, and up to where chat.db's log was
 * read, moving together in one transaction (I3, I4). WAL, `synchronous = NORMAL`: a kill loses nothing, a power cut takes whole
 * transactions from the end, and then the log is read again from the place that is left.
 *
 * One connection, one process (the reader lease sees to that). Reads outside {@link transaction} are allowed. What is kept in
 * memory besides follows the file: a step that fails leaves both as they were.
 */
export class Ledger implements Disposable {
  readonly origin: LedgerOrigin;
  readonly log: ChangeLog;
  readonly store: LedgerStore;
  readonly waiting: WaitingRows;
  readonly tables: Readonly<Record<WatchedTable, PrintTable>>;
  readonly #path: string;
  readonly #database: Database;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;

  /** Opens or creates it; a file of no use is set aside (see {@link LedgerOrigin}). Throws LedgerError. */
  static open(ports: { readonly random: Random; readonly clock: Clock }, options: LedgerOptions): Ledger {
    const opened = openLedger(options.path);
    try {
      return new Ledger(opened.database, opened.origin, ports, options);
    } catch (error) {
      opened.database.close();
      const fault = ledgerErrorOf(error, "open");
      const isCorrupt = fault instanceof LedgerError && fault.code === "corrupt";
      if (!isCorrupt && !isForeignShape(error)) throw fault;
    }
    const setAsidePath = setLedgerAside(options.path);
    const origin: LedgerOrigin = { kind: "begun-anew", reason: "damaged", setAsidePath };
    return new Ledger(openLedger(options.path).database, origin, ports, options);
  }

  private constructor(
    database: Database,
    origin: LedgerOrigin,
    ports: { readonly random: Random; readonly clock: Clock },
    options: LedgerOptions,
  ) {
    this.origin = origin;
    this.#path = options.path;
    this.#database = database;
    if (options.pagesMax !== undefined) database.pragma(`max_page_count = ${options.pagesMax}`);
    const nowUnixUs = ports.clock.wallUnixNs() / NS_PER_US;
    this.store = new LedgerStore(database, {
      id: Buffer.from(ports.random.uuid().replaceAll("-", ""), "hex"),
      begunUnixUs: nowUnixUs,
    });
    this.tables = {
      message: new PrintTable(database, "message"),
      chat: new PrintTable(database, "chat"),
      attachment: new PrintTable(database, "attachment"),
    };
    this.waiting = new WaitingRows(database);
    this.log = new ChangeLog(database, {
      begunUnixUs: this.store.begunUnixUs,
      nowUnixUs,
      knownRowid: this.tables.message.last(),
    });
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
  }

  /**
   * Runs `work` in one transaction: all of its writes are kept, or none when it throws. Not nested. Throws LedgerError, and
   * whatever `work` throws. After "corrupt" the file has been set aside and the ledger is of no more use: the process ends.
   */
  transaction<T>(work: () => T): T {
    try {
      this.#begin.run();
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      throw this.#undo(error);
    }
  }

  message(rowid: bigint): KnownMessage | undefined {
    const packed = this.tables.message.get(rowid);
    return packed === undefined ? undefined : this.unpackMessage(packed);
  }

  /** A packed message with what waits beside it. */
  unpackMessage({ rowid, guid, bytes }: PackedPrint): KnownMessage {
    const { print, stage } = unpackMessage(rowid, guid, bytes);
    const sinceUnixMs = stage === "waiting" ? (this.waiting.since(rowid) ?? 0) : 0;
    return { print, stage, sinceUnixMs };
  }

  /** How far the message has been told; undefined when it is not known. */
  messageStage(rowid: bigint): MessageStage | undefined {
    const packed = this.tables.message.get(rowid);
    return packed === undefined ? undefined : stageOf(packed.bytes);
  }

  /** Keeps `next` in the place of `before`; undefined forgets the row. */
  putMessage(before: KnownMessage | undefined, next: KnownMessage | undefined): void {
    if (before === next) return;
    const wasWaiting = before?.stage === "waiting";
    if (next === undefined) {
      if (before === undefined) return;
      this.tables.message.delete(before.print.rowid, before.print.isOverflowing);
      if (wasWaiting) this.waiting.delete(before.print.rowid);
      return;
    }
    const { print } = next;
    const overflowing = { before: before?.print.isOverflowing === true, now: print.isOverflowing };
    this.tables.message.put({ rowid: print.rowid, guid: print.guid, bytes: packMessage(next) }, overflowing);
    if (next.stage !== "waiting") {
      if (wasWaiting) this.waiting.delete(print.rowid);
    } else if (!wasWaiting || before?.sinceUnixMs !== next.sinceUnixMs) {
      this.waiting.put(print.rowid, next.sinceUnixMs, !wasWaiting);
    }
  }

  chat(rowid: bigint): KnownChat | undefined {
    const packed = this.tables.chat.get(rowid);
    return packed === undefined ? undefined : unpackChat(rowid, packed.guid, packed.bytes);
  }

  /** As {@link putMessage}. */
  putChat(before: KnownChat | undefined, next: KnownChat | undefined): void {
    if (before === next) return;
    this.#put("chat", before?.print, next?.print, next === undefined ? undefined : packChat(next));
  }

  attachment(rowid: bigint): KnownAttachment | undefined {
    const packed = this.tables.attachment.get(rowid);
    return packed === undefined ? undefined : unpackAttachment(rowid, packed.guid, packed.bytes);
  }

  /** As {@link putMessage}. */
  putAttachment(before: KnownAttachment | undefined, next: KnownAttachment | undefined): void {
    if (before === next) return;
    this.#put(
      "attachment",
      before?.print,
      next?.print,
      next === undefined ? undefined : packAttachment(next),
    );
  }

  /** Forgets every row; the change log stays. */
  clearRows(): void {
    for (const table of Object.values(this.tables)) table.clear();
    this.waiting.clear();
  }

  /** Moves what is in `-wal` into the file, which costs an fsync: when there is time. */
  checkpoint(): void {
    try {
      this.#database.pragma("wal_checkpoint(PASSIVE)");
    } catch (error) {
      throw this.#undo(error);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #put(
    table: "chat" | "attachment",
    before: NamedPrint | undefined,
    next: NamedPrint | undefined,
    bytes: Buffer | undefined,
  ): void {
    if (next === undefined || bytes === undefined) {
      if (before !== undefined) this.tables[table].delete(before.rowid, before.isOverflowing);
      return;
    }
    const overflowing = { before: before?.isOverflowing === true, now: next.isOverflowing };
    this.tables[table].put({ rowid: next.rowid, guid: next.guid, bytes }, overflowing);
  }

  #undo(error: unknown): unknown {
    const fault = ledgerErrorOf(error, "write");
    if (fault instanceof LedgerError && fault.code === "corrupt") {
      this.#database.close();
      setLedgerAside(this.#path);
      return fault;
    }
    try {
      // SQLite has rolled back by itself after some errors.
      if (this.#database.inTransaction) this.#rollback.run();
      this.store.reload();
      this.waiting.reload();
      this.log.reload();
    } catch (unreadable) {
      return ledgerErrorOf(unreadable, "read");
    }
    return fault;
  }
}

/** Its version is ours and its tables are not: somebody has changed them. */
function isForeignShape(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_ERROR";
}

interface NamedPrint {
  readonly rowid: bigint;
  readonly guid: string;
  readonly isOverflowing: boolean;
}
