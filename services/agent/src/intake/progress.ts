import { assert, PrefixTracker, Signal } from "@imesh/flow";
import type { Clock, Timer } from "@imesh/time";
import type { Cursor } from "../store/journal-table.ts";
import type { WrittenEvent } from "../store/transcript-table.ts";

/** Where the cursor is kept (port). Synchronous; each write is durable when it returns; a throw ends the service. */
export interface CursorStore {
  cursor(): Cursor | null;
  beginJournal(cursor: Cursor, nowNs: bigint): void;
  moveCursor(cursor: Cursor, nowNs: bigint): void;
  writtenAfter(cursor: Cursor): WrittenEvent[];
}

/** Events begun and not covered by the cursor; at this number the intake waits (I8). Each costs about 100 bytes. */
const PENDING_MAX = 50_000;

/**
 * How long a cursor that only passed over events may be ahead of its stored self. They leave nothing behind that could be done
 * twice, so after a crash they are passed over again; a commit for each would keep the disk busy for nothing.
 */
const SAVE_DELAY_MS = 250;

/**
 * How far the agent is: which events it took from the journal, which of them are finished, and up to where all are (I6).
 * One journal at a time; what finishes late of an earlier one is finished all the same and moves nothing.
 */
export class Progress implements Disposable {
  readonly #store: CursorStore;
  readonly #clock: Clock;
  readonly #room = new Signal();
  #journal: JournalProgress | null;
  #saving: Timer | undefined;

  constructor(store: CursorStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const cursor = store.cursor();
    this.#journal = cursor === null ? null : new JournalProgress(cursor, store.writtenAfter(cursor));
  }

  /** Stores where it is. */
  [Symbol.dispose](): void {
    this.#save();
  }

  /** The last event taken: where the subscription goes on. Null before the first journal. */
  get position(): { readonly journalId: string; readonly sequence: bigint } | null {
    return this.#journal === null
      ? null
      : { journalId: this.#journal.journalId, sequence: this.#journal.taken };
  }

  /** Everything up to here is finished; null before the first journal. */
  get cursor(): Cursor | null {
    return this.#journal?.cursor ?? null;
  }

  /** From now on another journal is read (or the first), after this position. Durable when it returns. */
  beginJournal(cursor: Cursor): void {
    this.#save();
    this.#store.beginJournal(cursor, this.#clock.wallUnixNs());
    this.#journal = new JournalProgress(cursor, []);
    this.#room.notify();
  }

  /** Resolves when one more event may be taken: at once unless too many are waiting to be covered. */
  async waitForRoom(signal: AbortSignal): Promise<void> {
    while ((this.#journal?.pending ?? 0) >= PENDING_MAX) await this.#room.wait(signal);
  }

  /**
   * An event was taken from the journal. "written": it is in the transcript since before a stop, and finished or about to be;
   * nothing is to be done with it. Asserts that it is the next one.
   */
  begin(sequence: bigint): "new" | "written" {
    assert(this.#journal !== null, "a journal is begun before its events");
    const kind = this.#journal.begin(sequence);
    if (kind === "written") this.#saveSoon();
    return kind;
  }

  /** An event is finished that left nothing to store. */
  pass(sequence: bigint): void {
    assert(this.#journal !== null, "a journal is begun before its events");
    if (this.#journal.finish([sequence])) this.#saveSoon();
  }

  /**
   * Events are finished by what the caller is about to store. The cursor to store with it, in the same transaction; null when it
   * does not move, or when the events are an earlier journal's.
   */
  finish(journalId: string, sequences: readonly bigint[]): Cursor | null {
    if (this.#journal?.journalId !== journalId) return null;
    const hasMoved = this.#journal.finish(sequences);
    this.#room.notify();
    return hasMoved ? this.#journal.cursor : null;
  }

  #saveSoon(): void {
    this.#room.notify();
    this.#saving ??= this.#clock.setTimer(SAVE_DELAY_MS, () => this.#save());
  }

  #save(): void {
    this.#saving?.cancel();
    this.#saving = undefined;
    if (this.#journal !== null) this.#store.moveCursor(this.#journal.cursor, this.#clock.wallUnixNs());
  }
}

/** Progress in one journal. */
class JournalProgress {
  readonly journalId: string;
  readonly #tracker: PrefixTracker;
  /** In the transcript since before the start: to come again, and finished when they do. */
  readonly #finishedBefore = new Set<bigint>();
  /** In the transcript since before the start, in a turn that is open: to come again, finished by the turn. */
  readonly #openBefore = new Set<bigint>();
  #taken: bigint;

  constructor(cursor: Cursor, written: readonly WrittenEvent[]) {
    this.journalId = cursor.journalId;
    this.#taken = cursor.finishedSequence;
    this.#tracker = new PrefixTracker(cursor.finishedSequence);
    for (const { sequence, turnState } of written) {
      const isOpen = turnState === "thinking" || turnState === "replying";
      (isOpen ? this.#openBefore : this.#finishedBefore).add(sequence);
    }
  }

  get taken(): bigint {
    return this.#taken;
  }

  get pending(): number {
    return this.#tracker.pending;
  }

  get cursor(): Cursor {
    return { journalId: this.journalId, finishedSequence: this.#tracker.prefix };
  }

  begin(sequence: bigint): "new" | "written" {
    assert(sequence === this.#taken + 1n, "events are taken one after the other (I5)");
    this.#taken = sequence;
    this.#tracker.begin(sequence);
    if (this.#openBefore.delete(sequence)) return "written";
    if (!this.#finishedBefore.delete(sequence)) return "new";
    this.#tracker.finish(sequence);
    return "written";
  }

  /** True when the prefix moved. A recovered turn may end before its events came again. */
  finish(sequences: readonly bigint[]): boolean {
    let hasMoved = false;
    for (const sequence of sequences) {
      if (sequence <= this.#taken) {
        hasMoved = this.#tracker.finish(sequence) || hasMoved;
      } else {
        this.#openBefore.delete(sequence);
        this.#finishedBefore.add(sequence);
      }
    }
    return hasMoved;
  }
}
