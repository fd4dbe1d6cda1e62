import type { Clock, Timer } from "@imesh/time";
import { nextReadGap, READING, type ReadGap } from "./read-gap.ts";

/** How often a gap looks whether it may end. */
const GAP_LOOK_MS = 1;

/** Collaborators of {@link ReadGaps}. */
export interface ReadGapsPorts {
  /** How many frames of the log readers see; some 4 µs. Must not throw. */
  readonly frames: () => number;
  /** The reader thread has, or is about to open, a read transaction. Must not throw. */
  readonly isPageOut: () => boolean;
  /** The page that is out is to end with what it has. Must not throw. */
  readonly endPage: () => void;
  readonly clock: Clock;
}

/** Who reads on the main thread asks this before. */
export interface ReadPauses {
  /** False while nobody is to open a read transaction: 40 ms at most, and as long again until the next time. */
  mayRead(): boolean;
  /** Calls `listener` when reading may go on, until disposed. It must not throw. */
  subscribe(listener: () => void): Disposable;
}

/**
 * The gaps in reading that let a writer start its log over (read-gap.ts), for both threads. Costs one small question
 * to SQLite at most every 2 ms, and only while somebody reads.
 */
export class ReadGaps implements ReadPauses, Disposable {
  readonly #ports: ReadGapsPorts;
  readonly #listeners = new Set<() => void>();
  #state: ReadGap = READING;
  #timer: Timer | undefined;
  #gaps = 0;

  constructor(ports: ReadGapsPorts) {
    this.#ports = ports;
  }

  /** Gaps made so far. */
  get gaps(): number {
    return this.#gaps;
  }

  mayRead(): boolean {
    this.#advance();
    return this.#state.kind !== "gap";
  }

  /** Whether the reader thread may be given a page: false from when a gap is wanted. */
  mayBeginPage(): boolean {
    this.#advance();
    return this.#state.kind === "reading";
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #advance(): void {
    const { clock, frames, isPageOut } = this.#ports;
    const before = this.#state;
    if (before.kind === "reading" && clock.monotonicMs() < before.lookAtMs) return;
    const next = nextReadGap(before, { nowMs: clock.monotonicMs(), isPageOut: isPageOut(), frames });
    this.#state = next;
    if (next.kind === "gap" && before.kind !== "gap") this.#gaps += 1;
    if (next.kind === "waiting") this.#ports.endPage();
    if (next.kind !== "reading") {
      this.#timer ??= clock.setTimer(GAP_LOOK_MS, () => this.#onTimer());
    } else if (before.kind !== "reading") {
      // Whoever was refused is called in a turn of its own: this may be somebody else's question.
      this.#timer?.cancel();
      this.#timer = clock.setTimer(0, () => this.#onTimer());
    }
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#state.kind !== "reading") {
      this.#advance();
      return;
    }
    for (const listener of [...this.#listeners]) listener();
  }
}
