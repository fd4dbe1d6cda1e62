import { assert } from "./assert.ts";
import { Deque } from "./deque.ts";

interface Entry {
  readonly sequence: bigint;
  isFinished: boolean;
}

/**
 * Turns out-of-order completion into a cursor that may be stored: `prefix` is the highest sequence such that it and
 * everything begun before it is finished (I6). Sequences rise but may have gaps (a filter skipped some), so `prefix` is
 * always one that was begun, or the initial one.
 *
 *     begin 4, 7, 9 · finish 9 → prefix 3 (initial) · finish 4 → 4 · finish 7 → 9
 *
 * It holds one small entry for each sequence begun and not yet covered. It does not bound them itself: whoever calls
 * {@link begin} bounds the work in flight, with {@link pending} at hand (I8). A sequence that is never finished pins the
 * prefix for ever, so a handler that fails must still finish, with the failure as its recorded outcome.
 */
export class PrefixTracker {
  readonly #entries = new Deque<Entry>();
  readonly #unfinished = new Map<bigint, Entry>();
  #prefix: bigint;
  #lastBegun: bigint;

  /** `initial` is the stored cursor: everything up to and including it is finished, and begins come after it. */
  constructor(initial: bigint) {
    this.#prefix = initial;
    this.#lastBegun = initial;
  }

  /** Highest sequence of the finished prefix; safe to store as a cursor. Never falls. */
  get prefix(): bigint {
    return this.#prefix;
  }

  /** Sequences begun and not yet covered by the prefix, finished or not. */
  get pending(): number {
    return this.#entries.length;
  }

  /** Registers work on `sequence`; asserts that it is higher than every one begun before (I5). */
  begin(sequence: bigint): void {
    assert(sequence > this.#lastBegun, "begun sequences are strictly increasing");
    const entry: Entry = { sequence, isFinished: false };
    this.#entries.push(entry);
    this.#unfinished.set(sequence, entry);
    this.#lastBegun = sequence;
  }

  /** Marks `sequence` finished; asserts that it was begun and is finished once. True when the prefix moved. */
  finish(sequence: bigint): boolean {
    const entry = this.#unfinished.get(sequence);
    assert(entry !== undefined, "a finished sequence was begun and is finished only once");
    this.#unfinished.delete(sequence);
    entry.isFinished = true;
    const before = this.#prefix;
    while (this.#entries.length > 0 && this.#entries.at(0).isFinished) {
      this.#prefix = this.#entries.shift().sequence;
    }
    return this.#prefix !== before;
  }
}
