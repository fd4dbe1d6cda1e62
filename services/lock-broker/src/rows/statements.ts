import type { Database, Statement } from "better-sqlite3";
import type { ColumnValue, ColumnValues } from "./column-values.ts";
import type { PrintValue } from "./print-hash.ts";

/** What may be bound. */
export type BoundValue = bigint | number | string | null;

/** Counts the statements that ran, of all connections that share it. */
export interface StatementTally {
  statements: number;
}

/**
 * Where the prepared statements of one connection come from. Each is prepared when it is first run, because the tail's thread
 * never runs those of the pages nor the other way round, and counted whenever it runs: an idle broker runs none.
 */
export class Statements {
  readonly #db: Database;
  readonly #tally: StatementTally;

  constructor(db: Database, tally: StatementTally) {
    this.#db = db;
    this.#tally = tally;
  }

  /** Rows by the names of their columns, integers as bigint. */
  rows(sql: string): Query<ColumnValues> {
    return new Query(this.#tally, () => this.#db.prepare<BoundValue[], ColumnValues>(sql));
  }

  /** The first column alone, integers as bigint. */
  values(sql: string): Query<ColumnValue> {
    return new Query(this.#tally, () => this.#db.prepare<BoundValue[], ColumnValue>(sql).pluck());
  }

  /** Rows as arrays, integers as numbers (inexact beyond 2⁵³): the quickest there is. */
  arrays(sql: string): Query<readonly PrintValue[]> {
    return new Query(this.#tally, () =>
      this.#db.prepare<BoundValue[], readonly PrintValue[]>(sql).raw().safeIntegers(false),
    );
  }
}

/** One statement. It leaves nothing open: an iterator would pin the snapshot (docs/chat-db.md §19). */
export class Query<Row> {
  readonly #tally: StatementTally;
  readonly #prepare: () => Statement<BoundValue[], Row>;
  #statement: Statement<BoundValue[], Row> | undefined;

  constructor(tally: StatementTally, prepare: () => Statement<BoundValue[], Row>) {
    this.#tally = tally;
    this.#prepare = prepare;
  }

  /** The first row, or undefined. */
  get(...values: BoundValue[]): Row | undefined {
    return this.#run().get(...values);
  }

  /** All rows: `sql` bounds how many that are. */
  all(...values: BoundValue[]): Row[] {
    return this.#run().all(...values);
  }

  #run(): Statement<BoundValue[], Row> {
    this.#tally.statements += 1;
    this.#statement ??= this.#prepare();
    return this.#statement;
  }
}
