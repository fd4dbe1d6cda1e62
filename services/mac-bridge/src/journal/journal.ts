import { type Bounds, TailBuffer } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type { StoredEvent } from "./bridge-event.ts";
import { JournalError } from "./journal-error.ts";
import type {
  EventRange,
  JournalAppend,
  JournalAppended,
  JournalReads,
  JournalStore,
} from "./journal-store.ts";

/** What the journal tells about itself; called synchronously, must not throw. */
export interface JournalObserver {
  /** An append is durable: its events may be streamed now, its commands have these states now. */
  appended?(appended: JournalAppended, durationMs: number): void;
  /** The first append that fails after a good one, or (null) the first good one after that. */
  faultChanged?(fault: JournalError | null): void;
}

/** Events kept in memory for subscribers near the head: a burst of some seconds, 2 MiB at most (I8). */
const TAIL_BOUNDS: Bounds = { itemsMax: 1_024, bytesMax: 2 * 1024 * 1024 };

/**
 * The one door to the journal. Whatever is appended here is durable first and told to the observers second, in the same
 * tick (I4): there is no other way for an event to reach a subscriber.
 *
 * Reads near the head come from memory, all others from the store, and a reader cannot tell which.
 */
export class Journal {
  readonly #store: JournalStore;
  readonly #clock: Clock;
  readonly #observers: JournalObserver[] = [];
  readonly #tail: TailBuffer<StoredEvent>;
  #fault: JournalError | null = null;

  constructor(store: JournalStore, clock: Clock, tailBounds: Bounds = TAIL_BOUNDS) {
    this.#store = store;
    this.#clock = clock;
    this.#tail = new TailBuffer(tailBounds, store.head() + 1n);
  }

  get journalId(): string {
    return this.#store.journalId;
  }

  /** Largest durable sequence; 0 in an empty journal. */
  get head(): bigint {
    return this.#store.head();
  }

  /** Why the last append failed, or null: then the journal is in order as far as anyone knows. */
  get fault(): JournalError | null {
    return this.#fault;
  }

  /** Called by the composition root, before the first append. Observers are told in this order. */
  observe(observer: JournalObserver): void {
    this.#observers.push(observer);
  }

  /** As {@link JournalStore.append}; then tells the observers. */
  append(append: JournalAppend): JournalAppended {
    const startedMs = this.#clock.monotonicMs();
    const appended = this.#attempt(append);
    const durationMs = this.#clock.monotonicMs() - startedMs;
    for (const { stored } of appended.events) {
      this.#tail.push(stored.sequence, stored, stored.payload.byteLength);
    }
    if (this.#fault !== null) this.#setFault(null);
    for (const observer of this.#observers) observer.appended?.(appended, durationMs);
    return appended;
  }

  /** As {@link JournalStore.read}. */
  read(range: EventRange): readonly StoredEvent[] {
    const recent = this.#tail.read(range.afterSequence + 1n, range.itemsMax, range.bytesMax);
    return recent === "evicted" ? this.#store.read(range) : recent;
  }

  /** Everything else it can be asked. */
  get state(): JournalReads {
    return this.#store;
  }

  #attempt(append: JournalAppend): JournalAppended {
    try {
      return this.#store.append(append);
    } catch (error) {
      if (error instanceof JournalError && this.#fault === null) this.#setFault(error);
      throw error;
    }
  }

  #setFault(fault: JournalError | null): void {
    this.#fault = fault;
    for (const observer of this.#observers) observer.faultChanged?.(fault);
  }
}
