import type { RequestId } from "@imesh/imessage-model";
import type { AppendedEvent, EventDraft, RowSource, SourceKey, StoredEvent } from "./bridge-event.ts";
import type { CommandRecord } from "./command-record.ts";

/** How far lock-broker was read. */
export interface SourceCursor {
  /** Opaque; empty before the first frame ever. */
  readonly cursor: Uint8Array;
  /** When lock-broker last spoke, as far as it was written down; null on the very first start. */
  readonly seenUnixNs: bigint | null;
}

/** What becomes durable together or not at all (I3). Any part may be left out. */
export interface JournalAppend {
  /** In their order; one whose source key the journal already holds is left out without a word (I14). */
  readonly events?: readonly EventDraft[];
  /** Where lock-broker is read on from, once this is durable. */
  readonly cursor?: SourceCursor;
  /** Each replaces the record of the same ordinal and key, or is its first. */
  readonly commands?: readonly CommandRecord[];
}

/** What an append made durable. */
export interface JournalAppended {
  /** The events that were really added, with consecutive sequences. */
  readonly events: readonly AppendedEvent[];
  readonly commands: readonly CommandRecord[];
  /** When its transaction began. */
  readonly journaledUnixNs: bigint;
}

/** Which page of events; both bounds hold, but one event is always given when there is one. */
export interface EventRange {
  /** Everything after this sequence; 0 for everything there is. */
  readonly afterSequence: bigint;
  readonly itemsMax: number;
  readonly bytesMax: number;
}

/** Which page of commands, newest first. */
export interface CommandRange {
  /** Only ordinals below this; null for the newest. */
  readonly beforeOrdinal: bigint | null;
  readonly itemsMax: number;
}

/**
 * What the journal can be asked besides its events. Each may throw JournalError. All answers are as of the last append.
 */
export interface JournalReads {
  sourceCursor(): SourceCursor;

  /** The command of a key, or null. */
  command(requestId: RequestId): CommandRecord | null;

  /** How many wait for their turn or are in flight (accepted, dispatched). */
  countOpenCommands(): number;

  /** The oldest accepted command whose chat has none in flight; null when none may go now. */
  nextDispatchable(): CommandRecord | null;

  /** All that are in flight (dispatched), oldest first; at most one a chat. */
  commandsInFlight(): readonly CommandRecord[];

  /** Commands of a chat that a new own row may prove: in flight first, then uncertain, each oldest first; at most 64. */
  provableCommands(chatGuid: string): readonly CommandRecord[];

  /** The command that this row proved, or null. The generation is not compared: the caller judges it. */
  commandOfRow(row: Omit<RowSource, "generation">): CommandRecord | null;

  /** Fingerprint of the newest event of this row and reason, or null when there is none. */
  lastFingerprint(key: Omit<SourceKey, "fingerprint">): string | null;

  /**
   * Bytes of the newest event of this row under any of these reasons, or null when there is none. Asked for each deleted row, so
   * the reasons should be few.
   */
  lastEventOfRow(row: RowSource, reasons: readonly string[]): Uint8Array | null;

  /** The newest events, newest first; both bounds hold. */
  newestEvents(range: Omit<EventRange, "afterSequence">): readonly StoredEvent[];

  listCommands(range: CommandRange): readonly CommandRecord[];

  /** Size of the file, without its write-ahead log. */
  bytes(): number;
}

/**
 * The file behind the journal (port). One process writes it, everything is synchronous and short: no method yields, so
 * nothing can come between a decision and its record. Every method may throw JournalError; then nothing was changed and
 * the same call may be made again. Called by `Journal` alone.
 */
export interface JournalStore extends JournalReads, Disposable {
  /** UUID of this incarnation: sequences mean nothing in another one. */
  readonly journalId: string;

  /** Largest sequence that is durable; 0 in an empty journal. */
  head(): bigint;

  /**
   * Makes all of it durable in one transaction; the events that are new get consecutive sequences from head() + 1. When
   * it returns, no crash of process or system loses any of it. Asserts that a command only moves on as the model allows.
   */
  append(append: JournalAppend): JournalAppended;

  /** Events in sequence order from a position; empty at the head. */
  read(range: EventRange): readonly StoredEvent[];
}
