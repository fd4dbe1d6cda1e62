import type { Database } from "better-sqlite3";

/** How far the agent is in a journal: everything up to the sequence is finished (I6). */
export interface Cursor {
  readonly journalId: string;
  readonly finishedSequence: bigint;
}

/** The table `journals`: the cursor, and which journals came before. */
export class JournalTable {
  readonly #current;
  readonly #insert;
  readonly #move;

  constructor(database: Database) {
    this.#current = database.prepare<[], Cursor>(
      `SELECT journal_id AS journalId, finished_sequence AS finishedSequence
       FROM journals ORDER BY journal_number DESC LIMIT 1`,
    );
    this.#insert = database.prepare<[string, bigint, bigint, bigint]>(
      `INSERT INTO journals (journal_id, finished_sequence, opened_unix_ns, updated_unix_ns) VALUES (?, ?, ?, ?)`,
    );
    this.#move = database.prepare<[bigint, bigint, string]>(
      `UPDATE journals SET finished_sequence = ?, updated_unix_ns = ?
       WHERE journal_number = (SELECT max(journal_number) FROM journals) AND journal_id = ?`,
    );
  }

  /** The cursor in the journal being read; null before the first was. */
  current(): Cursor | null {
    return this.#current.get() ?? null;
  }

  /** From now on this journal is read, from this position on. The ones before stay as they were left. */
  begin(cursor: Cursor, nowNs: bigint): void {
    this.#insert.run(cursor.journalId, cursor.finishedSequence, nowNs, nowNs);
  }

  /** Moves the cursor. Does nothing when another journal is read by now. Throws when it would fall. */
  move(cursor: Cursor, nowNs: bigint): void {
    this.#move.run(cursor.finishedSequence, nowNs, cursor.journalId);
  }
}
