import type { Database } from "better-sqlite3";
import type { Arrival } from "../event/event.ts";

/** One line of a conversation. */
export interface TranscriptRow {
  readonly author: "contact" | "own" | "agent";
  readonly text: string;
}

/** A line of the journal that was written down, and how far its turn is; null when it is in none. */
export interface WrittenEvent {
  readonly sequence: bigint;
  readonly turnState: "thinking" | "replying" | "replied" | "failed" | null;
}

/** The table `transcript`. Its methods are single statements; the store puts them into transactions. */
export class TranscriptTable {
  readonly #insert;
  readonly #newest;
  readonly #byGuid;
  readonly #after;
  readonly #ofTurn;
  readonly #withhold;

  constructor(database: Database) {
    this.#insert = database.prepare(
      `INSERT INTO transcript
         (chat_guid, author, text, journal_id, sequence, message_guid, turn_number, is_answered, written_unix_ns)
       VALUES (@chatGuid, @author, @text, @journalId, @sequence, @messageGuid, @turnNumber, @isAnswered, @nowNs)`,
    );
    this.#newest = database.prepare<[string, number], TranscriptRow>(
      `SELECT author, text FROM transcript WHERE chat_guid = ? AND is_withheld = 0 ORDER BY line_number DESC LIMIT ?`,
    );
    this.#byGuid = database
      .prepare<[string], bigint>(`SELECT 1 FROM transcript WHERE message_guid = ? LIMIT 1`)
      .pluck();
    this.#after = database.prepare<[string, bigint], WrittenEvent>(
      `SELECT line.sequence AS sequence, turn.state AS turnState
       FROM transcript AS line LEFT JOIN turns AS turn ON turn.turn_number = line.turn_number
       WHERE line.journal_id = ? AND line.sequence > ? ORDER BY line.sequence`,
    );
    this.#ofTurn = database
      .prepare<[bigint], bigint>(
        `SELECT sequence FROM transcript WHERE turn_number = ? AND sequence IS NOT NULL ORDER BY sequence`,
      )
      .pluck();
    this.#withhold = database.prepare<[bigint, string | null]>(
      `UPDATE transcript SET is_withheld = 1 WHERE turn_number = ? AND author = coalesce(?, author)`,
    );
  }

  /** Writes an arrival down, as part of a turn or, with null, of none. Throws when its event stands there already. */
  insertArrival(arrival: Arrival, turnNumber: bigint | null, nowNs: bigint): void {
    const { chatGuid, author, text, journalId, sequence, messageGuid, isAnswered } = arrival;
    const line = { chatGuid, author, text, journalId, sequence, messageGuid, turnNumber, nowNs };
    this.#insert.run({ ...line, isAnswered: isAnswered ? 1 : 0 });
  }

  /** Writes what the agent says. */
  insertReply(chatGuid: string, text: string, turnNumber: bigint, nowNs: bigint): void {
    const position = { journalId: null, sequence: null, messageGuid: null };
    this.#insert.run({ chatGuid, author: "agent", text, turnNumber, nowNs, isAnswered: 0, ...position });
  }

  /** The newest lines of a chat that the model may see, oldest first. */
  newest(chatGuid: string, linesMax: number): TranscriptRow[] {
    return this.#newest.all(chatGuid, linesMax).reverse();
  }

  /** Whether a message with this guid was written down, under whatever sequence. */
  hasMessage(messageGuid: string): boolean {
    return this.#byGuid.get(messageGuid) !== undefined;
  }

  /** Events of a journal after a sequence that were written down. */
  eventsAfter(journalId: string, sequence: bigint): WrittenEvent[] {
    return this.#after.all(journalId, sequence);
  }

  /** Every event of a turn, rising. */
  sequencesOf(turnNumber: bigint): bigint[] {
    return this.#ofTurn.all(turnNumber);
  }

  /** Keeps a turn's lines, or only one author's, from the model from now on. */
  withhold(turnNumber: bigint, author: TranscriptRow["author"] | null): void {
    this.#withhold.run(turnNumber, author);
  }
}
