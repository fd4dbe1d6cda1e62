import { assert } from "@imesh/flow";
import type { Database } from "better-sqlite3";
import type { Turn } from "../turn/turn.ts";

/** How far a turn is, as stored. */
export type TurnState = "thinking" | "replying" | "replied" | "failed";

/** A turn as people and tools see it. Moments are wall time; null: not passed. */
export interface TurnRecord {
  /** Rising in the order of starts. */
  readonly turnNumber: bigint;
  readonly journalId: string;
  readonly firstSequence: bigint;
  readonly lastSequence: bigint;
  readonly chatGuid: string;
  readonly state: TurnState;
  /** Empty before the model answered. */
  readonly model: string;
  /** Key of the reply's first part at mac-bridge; empty before there is one. */
  readonly requestId: string;
  /** Stable code; empty unless failed. */
  readonly reason: string;
  readonly receivedUnixNs: bigint;
  readonly startedUnixNs: bigint;
  readonly firstTokenUnixNs: bigint | null;
  readonly decidedUnixNs: bigint | null;
  readonly endedUnixNs: bigint | null;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
}

/** What is stored with a decision. */
export interface DecisionFacts {
  readonly parts: readonly string[];
  readonly requestId: string;
}

/** What is known of the model's work, decided or not. */
export interface ThinkingFacts {
  /** Empty when it never answered. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly firstTokenUnixNs: bigint | null;
}

/** A row that must be gone on with after a stop. */
export interface OpenTurnRow {
  readonly turnNumber: bigint;
  readonly journalId: string;
  readonly firstSequence: bigint;
  readonly lastSequence: bigint;
  readonly chatGuid: string;
  /** JSON array of texts; null while undecided. */
  readonly replyParts: string | null;
  readonly traceparent: string | null;
  readonly isLive: bigint;
  readonly receivedUnixNs: bigint;
}

const RECORD_COLUMNS = `
  turn_number AS turnNumber, journal_id AS journalId, first_sequence AS firstSequence, last_sequence AS lastSequence,
  chat_guid AS chatGuid, state, model, request_id AS requestId, reason, received_unix_ns AS receivedUnixNs,
  started_unix_ns AS startedUnixNs, first_token_unix_ns AS firstTokenUnixNs, decided_unix_ns AS decidedUnixNs,
  ended_unix_ns AS endedUnixNs, input_tokens AS inputTokens, output_tokens AS outputTokens`;

type TurnKey = Pick<Turn, "journalId" | "firstSequence">;

/** The table `turns`. Its methods are single statements; the store puts them into transactions. */
export class TurnTable {
  readonly #insert;
  readonly #number;
  readonly #think;
  readonly #decide;
  readonly #end;
  readonly #record;
  readonly #page;
  readonly #open;

  constructor(database: Database) {
    this.#insert = database.prepare(
      `INSERT INTO turns (journal_id, first_sequence, last_sequence, chat_guid, state, traceparent, is_live,
         received_unix_ns, started_unix_ns)
       VALUES (@journalId, @firstSequence, @lastSequence, @chatGuid, 'thinking', @traceparent, @isLive,
         @receivedUnixNs, @nowNs)`,
    );
    this.#number = database
      .prepare<[string, bigint], bigint>(
        `SELECT turn_number FROM turns WHERE journal_id = ? AND first_sequence = ?`,
      )
      .pluck();
    this.#think = database.prepare(
      `UPDATE turns SET model = @model, input_tokens = @inputTokens, output_tokens = @outputTokens,
         first_token_unix_ns = @firstTokenUnixNs WHERE turn_number = @turnNumber`,
    );
    this.#decide = database.prepare(
      `UPDATE turns SET state = 'replying', reply_parts = @replyParts, request_id = @requestId, decided_unix_ns = @nowNs
       WHERE turn_number = @turnNumber AND state = 'thinking'`,
    );
    this.#end = database.prepare(
      `UPDATE turns SET state = @state, reason = @reason, ended_unix_ns = @nowNs
       WHERE turn_number = @turnNumber AND state IN ('thinking', 'replying')`,
    );
    this.#record = database.prepare<[bigint], TurnRecord>(
      `SELECT ${RECORD_COLUMNS} FROM turns WHERE turn_number = ?`,
    );
    this.#page = database.prepare<[bigint, number], TurnRecord>(
      `SELECT ${RECORD_COLUMNS} FROM turns WHERE turn_number < ? ORDER BY turn_number DESC LIMIT ?`,
    );
    this.#open = database.prepare<[], OpenTurnRow>(
      `SELECT turn_number AS turnNumber, journal_id AS journalId, first_sequence AS firstSequence,
         last_sequence AS lastSequence, chat_guid AS chatGuid, reply_parts AS replyParts, traceparent,
         is_live AS isLive, received_unix_ns AS receivedUnixNs
       FROM turns WHERE state IN ('thinking', 'replying') ORDER BY turn_number`,
    );
  }

  /** Writes a turn's start and returns its number. Throws when the turn stands there already. */
  insert(turn: Turn, nowNs: bigint): bigint {
    const { journalId, firstSequence, lastSequence, chatGuid, traceparent, receivedUnixNs } = turn;
    const row = { journalId, firstSequence, lastSequence, chatGuid, traceparent, receivedUnixNs, nowNs };
    return BigInt(this.#insert.run({ ...row, isLive: turn.isLive ? 1 : 0 }).lastInsertRowid);
  }

  /** Number of a turn that was inserted. */
  numberOf(turn: TurnKey): bigint {
    const turnNumber = this.#number.get(turn.journalId, turn.firstSequence);
    assert(turnNumber !== undefined, "a turn was opened before anything else is done with it");
    return turnNumber;
  }

  /** Writes what the model's work took. */
  think(turnNumber: bigint, facts: ThinkingFacts): void {
    this.#think.run({ turnNumber, ...facts });
  }

  /** Writes the decision, once; asserts that the turn was undecided (I10). */
  decide(turnNumber: bigint, decision: DecisionFacts, nowNs: bigint): void {
    const replyParts = JSON.stringify(decision.parts);
    const { changes } = this.#decide.run({ turnNumber, replyParts, requestId: decision.requestId, nowNs });
    assert(changes === 1, "a turn is decided once, while it is thinking");
  }

  /** Writes the end, once; asserts that the turn was open. */
  end(turnNumber: bigint, state: "replied" | "failed", reason: string, nowNs: bigint): void {
    const { changes } = this.#end.run({ turnNumber, state, reason, nowNs });
    assert(changes === 1, "a turn ends once");
  }

  /** A turn as it now stands. */
  record(turnNumber: bigint): TurnRecord {
    const record = this.#record.get(turnNumber);
    assert(record !== undefined, "a turn that has a number is in the store");
    return record;
  }

  /** Turns with a lower number, newest first. */
  before(turnNumber: bigint, rowsMax: number): TurnRecord[] {
    return this.#page.all(turnNumber, rowsMax);
  }

  /** Turns that have not ended, oldest first. */
  open(): OpenTurnRow[] {
    return this.#open.all();
  }
}
