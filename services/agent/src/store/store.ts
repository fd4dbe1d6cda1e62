import type { Database } from "better-sqlite3";
import type { Arrival } from "../event/event.ts";
import type { Decision, RecoveredTurn, Turn, TurnEnd } from "../turn/turn.ts";
import { type Cursor, JournalTable } from "./journal-table.ts";
import { openDatabase } from "./open-database.ts";
import { type TranscriptRow, TranscriptTable, type WrittenEvent } from "./transcript-table.ts";
import { type ThinkingFacts, type TurnRecord, TurnTable } from "./turn-table.ts";

/** Above every turn number that SQLite can give. */
const TURN_NUMBER_AFTER_ALL = 2n ** 63n - 1n;

/**
 * What the agent knows, in one SQLite file: how far it is in the journal, what was said, what it decided. Every method that
 * writes is one transaction, on the disk when it returns; the steps of a turn are stored in this order, each before its
 * effect (I10):
 *
 *     open ──▶ the model is asked ──▶ decide ──▶ mac-bridge is told ──▶ close, with the cursor (I6)
 *
 * The worst that can happen is that the file is lost: then the agent starts from the journal's head and knows no one.
 */
export class AgentStore implements Disposable {
  readonly #database: Database;
  readonly #journals: JournalTable;
  readonly #turns: TurnTable;
  readonly #transcript: TranscriptTable;

  private constructor(database: Database) {
    this.#database = database;
    this.#journals = new JournalTable(database);
    this.#turns = new TurnTable(database);
    this.#transcript = new TranscriptTable(database);
  }

  /** Opens the file at `path` for this process alone. Throws StartupError (73, 75, 78). */
  static open(path: string): AgentStore {
    return new AgentStore(openDatabase(path));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** The cursor in the journal being read; null on a first start. */
  cursor(): Cursor | null {
    return this.#journals.current();
  }

  /** From now on another journal is read (or the first), after this position. */
  beginJournal(cursor: Cursor, nowNs: bigint): void {
    this.#journals.begin(cursor, nowNs);
  }

  /** Moves the cursor over events that left nothing else to store. */
  moveCursor(cursor: Cursor, nowNs: bigint): void {
    this.#journals.move(cursor, nowNs);
  }

  /** Writes arrivals down that are in no turn; `cursor` is where that leaves the finished prefix. */
  recordArrivals(arrivals: readonly Arrival[], cursor: Cursor | null, nowNs: bigint): void {
    this.#write(() => {
      for (const arrival of arrivals) this.#transcript.insertArrival(arrival, null, nowNs);
      if (cursor !== null) this.#journals.move(cursor, nowNs);
    });
  }

  /** A turn begins: its messages are in the transcript, and the model may be asked. */
  openTurn(turn: Turn, arrivals: readonly Arrival[], nowNs: bigint): TurnRecord {
    return this.#write(() => {
      const turnNumber = this.#turns.insert(turn, nowNs);
      for (const arrival of arrivals) this.#transcript.insertArrival(arrival, turnNumber, nowNs);
      return this.#turns.record(turnNumber);
    });
  }

  /** The decision of a turn, with what the agent will have said. It never changes again. */
  decideTurn(
    turn: Turn,
    decision: Decision & { requestId: string },
    facts: ThinkingFacts,
    nowNs: bigint,
  ): TurnRecord {
    return this.#write(() => {
      const turnNumber = this.#turns.numberOf(turn);
      this.#turns.think(turnNumber, facts);
      this.#turns.decide(turnNumber, decision, nowNs);
      this.#transcript.insertReply(turn.chatGuid, decision.parts.join("\n"), turnNumber, nowNs);
      return this.#turns.record(turnNumber);
    });
  }

  /**
   * A turn ended. What the contact never got is not shown to the model again; of a turn that the model refused nothing
   * is, or it would refuse the next one for the same words. `facts` is given when the turn was not decided.
   */
  closeTurn(
    turn: Turn,
    end: TurnEnd,
    facts: ThinkingFacts | null,
    cursor: Cursor | null,
    nowNs: bigint,
  ): TurnRecord {
    return this.#write(() => {
      const turnNumber = this.#turns.numberOf(turn);
      if (facts !== null) this.#turns.think(turnNumber, facts);
      this.#turns.end(turnNumber, end.kind, end.kind === "failed" ? end.reason : "", nowNs);
      if (end.kind === "failed") {
        this.#transcript.withhold(turnNumber, end.reason === "MODEL_REFUSED" ? null : "agent");
      }
      if (cursor !== null) this.#journals.move(cursor, nowNs);
      return this.#turns.record(turnNumber);
    });
  }

  /** The newest lines of a chat that the model may see, oldest first. */
  conversation(chatGuid: string, linesMax: number): TranscriptRow[] {
    return this.#transcript.newest(chatGuid, linesMax);
  }

  /** Whether a message was taken into a conversation before, under whatever sequence. */
  hasMessage(messageGuid: string): boolean {
    return this.#transcript.hasMessage(messageGuid);
  }

  /** Events after a position that are in the transcript already; they come again after a stop. */
  writtenAfter(cursor: Cursor): WrittenEvent[] {
    return this.#transcript.eventsAfter(cursor.journalId, cursor.finishedSequence);
  }

  /** Turns that a stop left open, oldest first. */
  recoverTurns(): RecoveredTurn[] {
    return this.#turns.open().map((row) => ({
      turn: {
        chatGuid: row.chatGuid,
        journalId: row.journalId,
        firstSequence: row.firstSequence,
        lastSequence: row.lastSequence,
        sequences: this.#transcript.sequencesOf(row.turnNumber),
        traceparent: row.traceparent,
        isLive: row.isLive === 1n,
        receivedUnixNs: row.receivedUnixNs,
      },
      decision: row.replyParts === null ? null : { parts: JSON.parse(row.replyParts) as string[] },
    }));
  }

  /** Turns that have not ended, oldest first. */
  openTurns(): TurnRecord[] {
    return this.#turns.open().map((row) => this.#turns.record(row.turnNumber));
  }

  /** A page of turns, newest first; `beforeNumber` is the last one of the page before, null for the first page. */
  listTurns(beforeNumber: bigint | null, turnsMax: number): TurnRecord[] {
    return this.#turns.before(beforeNumber ?? TURN_NUMBER_AFTER_ALL, turnsMax);
  }

  #write<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }
}
