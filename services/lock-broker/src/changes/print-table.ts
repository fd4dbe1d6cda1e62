import type { Database, Statement } from "better-sqlite3";
import { NUMBER } from "../rows/query-text.ts";
import type { WatchedTable } from "./change-reader.ts";
import { packGuid, unpackGuid } from "./guid-bytes.ts";

interface PrintColumns {
  readonly rowid: bigint;
  readonly guid: unknown;
  readonly print: Buffer;
}

/** A packed print with its row's names. */
export interface PackedPrint {
  readonly rowid: bigint;
  readonly guid: string;
  readonly bytes: Buffer;
}

/** ROWIDs of `overflowing.subject`: part of the ledger's encoding. */
const SUBJECTS: Readonly<Record<WatchedTable, bigint>> = { message: 0n, chat: 1n, attachment: 2n };

/** One of the ledger's three tables of prints, with the part of `overflowing` that goes with it. Called inside a transaction. */
export class PrintTable {
  readonly #subject: bigint;
  readonly #get: Statement<[bigint], PrintColumns>;
  readonly #put: Statement<[bigint, Buffer | string, Buffer]>;
  readonly #delete: Statement<[bigint]>;
  readonly #between: Statement<[bigint, bigint], bigint>;
  readonly #range: Statement<[bigint, bigint, number], PrintColumns>;
  readonly #neighbours: Readonly<Record<"before" | "after", Statement<[bigint], bigint>>>;
  readonly #last: Statement<[], bigint | null>;
  readonly #clear: Statement<[]>;
  readonly #clearOverflowing: Statement<[bigint]>;
  readonly #addOverflowing: Statement<[bigint, bigint]>;
  readonly #deleteOverflowing: Statement<[bigint, bigint]>;
  readonly #overflowingBefore: Statement<[bigint, bigint, number], bigint>;
  #version = 0;

  constructor(database: Database, table: WatchedTable) {
    const rowids = <P extends unknown[]>(sql: string) => database.prepare<P, bigint>(sql).pluck();
    this.#subject = SUBJECTS[table];
    this.#get = database.prepare(`SELECT rowid, guid, print FROM ${table} WHERE rowid = ?`);
    this.#put = database.prepare(
      `INSERT INTO ${table} (rowid, guid, print) VALUES (?, ?, ?)
       ON CONFLICT (rowid) DO UPDATE SET guid = excluded.guid, print = excluded.print`,
    );
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE rowid = ?`);
    this.#between = rowids(
      `SELECT rowid FROM ${table} WHERE rowid BETWEEN ${NUMBER} AND ${NUMBER} ORDER BY rowid`,
    );
    this.#range = database.prepare(
      `SELECT rowid, guid, print FROM ${table} WHERE rowid > ${NUMBER} AND rowid <= ${NUMBER}
       ORDER BY rowid LIMIT ${NUMBER}`,
    );
    this.#neighbours = {
      before: rowids(`SELECT rowid FROM ${table} WHERE rowid < ${NUMBER} ORDER BY rowid DESC LIMIT 1`),
      after: rowids(`SELECT rowid FROM ${table} WHERE rowid > ${NUMBER} ORDER BY rowid LIMIT 1`),
    };
    this.#last = database.prepare<[], bigint | null>(`SELECT MAX(rowid) FROM ${table}`).pluck();
    this.#clear = database.prepare(`DELETE FROM ${table}`);
    this.#clearOverflowing = database.prepare("DELETE FROM overflowing WHERE subject = ?");
    this.#addOverflowing = database.prepare(
      "INSERT INTO overflowing (subject, rowid) VALUES (?, ?) ON CONFLICT DO NOTHING",
    );
    this.#deleteOverflowing = database.prepare("DELETE FROM overflowing WHERE subject = ? AND rowid = ?");
    this.#overflowingBefore = rowids(
      "SELECT rowid FROM overflowing WHERE subject = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
    );
  }

  /** Another number after each write; a transaction that fails leaves it as it is by then. */
  get version(): number {
    return this.#version;
  }

  get(rowid: bigint): PackedPrint | undefined {
    const columns = this.#get.get(rowid);
    return columns === undefined ? undefined : toPacked(columns);
  }

  /** Keeps a print; `overflowing` says whether the row was and is larger than a page takes. */
  put(print: PackedPrint, overflowing: { readonly before: boolean; readonly now: boolean }): void {
    this.#version += 1;
    this.#put.run(print.rowid, packGuid(print.guid), print.bytes);
    if (overflowing.before === overflowing.now) return;
    (overflowing.now ? this.#addOverflowing : this.#deleteOverflowing).run(this.#subject, print.rowid);
  }

  delete(rowid: bigint, wasOverflowing: boolean): void {
    this.#version += 1;
    this.#delete.run(rowid);
    if (wasOverflowing) this.#deleteOverflowing.run(this.#subject, rowid);
  }

  /** Known ROWIDs from `first` through `last`; the caller bounds the span by a page. */
  rowidsBetween(first: bigint, last: bigint): bigint[] {
    return this.#between.all(first, last);
  }

  /** Known rows with `after` < ROWID ≤ `through`, rising, at most `limit`. */
  range(after: bigint, through: bigint, limit: number): PackedPrint[] {
    return this.#range.all(after, through, limit).map(toPacked);
  }

  /** The known row next to `rowid` on one side. */
  neighbour(side: "before" | "after", rowid: bigint): bigint | undefined {
    return this.#neighbours[side].get(rowid);
  }

  /** Largest known ROWID; 0 when none is. */
  last(): bigint {
    return this.#last.get() ?? 0n;
  }

  /** Rows that overflow, falling, at most `limit` below `rowid`. */
  overflowingBefore(rowid: bigint, limit: number): bigint[] {
    return this.#overflowingBefore.all(this.#subject, rowid, limit);
  }

  /** Forgets all. */
  clear(): void {
    this.#version += 1;
    this.#clear.run();
    this.#clearOverflowing.run(this.#subject);
  }
}

function toPacked(columns: PrintColumns): PackedPrint {
  return { rowid: columns.rowid, guid: unpackGuid(columns.guid), bytes: columns.print };
}
