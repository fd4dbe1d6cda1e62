import type { Database, Statement } from "better-sqlite3";

/** Messages that were not told yet, and since when. Writes are called inside the ledger's transaction; after one that failed, {@link reload}. */
export class WaitingRows {
  readonly #since: Statement<[bigint], bigint>;
  readonly #put: Statement<[bigint, bigint]>;
  readonly #delete: Statement<[bigint]>;
  readonly #clear: Statement<[]>;
  readonly #count: Statement<[], bigint>;
  readonly #firstSince: Statement<[], bigint | null>;
  readonly #dueBefore: Statement<[bigint, number], bigint>;
  readonly #lowest: Statement<[number], bigint>;
  readonly #newest: Statement<[number], bigint>;
  #size = 0;
  /** Undefined when it must be asked again. */
  #first: number | null | undefined;
  #lowestKnown: { readonly limit: number; readonly rowids: readonly bigint[] } | undefined;

  constructor(database: Database) {
    const value = <P extends unknown[], T = bigint>(sql: string) => database.prepare<P, T>(sql).pluck();
    this.#since = value("SELECT since_unix_ms FROM waiting WHERE rowid = ?");
    this.#put = database.prepare(
      `INSERT INTO waiting (rowid, since_unix_ms) VALUES (?, ?)
       ON CONFLICT (rowid) DO UPDATE SET since_unix_ms = excluded.since_unix_ms`,
    );
    this.#delete = database.prepare("DELETE FROM waiting WHERE rowid = ?");
    this.#clear = database.prepare("DELETE FROM waiting");
    this.#count = value("SELECT COUNT(*) FROM waiting");
    this.#firstSince = value<[], bigint | null>("SELECT MIN(since_unix_ms) FROM waiting");
    this.#dueBefore = value(
      "SELECT rowid FROM waiting WHERE since_unix_ms <= ? ORDER BY since_unix_ms LIMIT ?",
    );
    this.#lowest = value("SELECT rowid FROM waiting ORDER BY rowid LIMIT ?");
    this.#newest = value("SELECT rowid FROM waiting ORDER BY rowid DESC LIMIT ?");
    this.reload();
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Reads again what is kept in memory. */
  reload(): void {
    this.#size = Number(this.#count.get() ?? 0n);
    this.#touch();
  }

  /** Unix milliseconds; undefined for a row that does not wait. */
  since(rowid: bigint): number | undefined {
    const since = this.#since.get(rowid);
    return since === undefined ? undefined : Number(since);
  }

  /** `isNew`: the row did not wait before. */
  put(rowid: bigint, sinceUnixMs: number, isNew: boolean): void {
    this.#put.run(rowid, BigInt(sinceUnixMs));
    if (isNew) this.#size += 1;
    this.#touch();
  }

  /** The row waited. */
  delete(rowid: bigint): void {
    this.#delete.run(rowid);
    this.#size -= 1;
    this.#touch();
  }

  clear(): void {
    this.#clear.run();
    this.#size = 0;
    this.#touch();
  }

  /** Since when the first one waits, Unix milliseconds; undefined when none does. */
  firstSinceUnixMs(): number | undefined {
    if (this.#size === 0) return undefined;
    if (this.#first === undefined) {
      const since = this.#firstSince.get() ?? null;
      this.#first = since === null ? null : Number(since);
    }
    return this.#first ?? undefined;
  }

  /** Rows that wait since `sinceUnixMs` or longer, the longest first, at most `limit`. */
  waitingSince(sinceUnixMs: number, limit: number): bigint[] {
    return this.#dueBefore.all(BigInt(sinceUnixMs), limit);
  }

  /** The `limit` lowest ROWIDs, rising. The same array until something changes. */
  lowest(limit: number): readonly bigint[] {
    if (this.#size === 0) return NO_ROWIDS;
    if (this.#lowestKnown?.limit !== limit) this.#lowestKnown = { limit, rowids: this.#lowest.all(limit) };
    return this.#lowestKnown.rowids;
  }

  /** The `limit` highest ROWIDs, falling. */
  newest(limit: number): readonly bigint[] {
    return this.#size === 0 ? NO_ROWIDS : this.#newest.all(limit);
  }

  #touch(): void {
    this.#first = undefined;
    this.#lowestKnown = undefined;
  }
}

const NO_ROWIDS: readonly bigint[] = [];
