import { assert } from "./assert.ts";
import { assertBounds, assertBytes, type Bounds } from "./bounds.ts";
import { Deque } from "./deque.ts";

interface Entry<T> {
  readonly item: T;
  readonly bytes: number;
}

/**
 * The newest items of a gapless sequence, kept in memory for readers near the head so that live delivery needs no query.
 * Bounded in items and in bytes; at the bound it **evicts the oldest** (I8), and a reader that fell behind is told so
 * and reads from the journal instead. It never refuses a push: the journal already holds the item (I4).
 *
 * One writer, any number of readers; a reader's position is the reader's own.
 */
export class TailBuffer<T> {
  readonly bounds: Bounds;
  readonly #entries = new Deque<Entry<T>>();
  #bytes = 0;
  #nextSequence: bigint;

  /** `nextSequence` is the sequence of the first push: the journal's head + 1. */
  constructor(bounds: Bounds, nextSequence: bigint) {
    assertBounds(bounds);
    this.bounds = bounds;
    this.#nextSequence = nextSequence;
  }

  /** Items held now. */
  get size(): number {
    return this.#entries.length;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sequence of the oldest item held; equals {@link nextSequence} when nothing is. */
  get firstSequence(): bigint {
    return this.#nextSequence - BigInt(this.#entries.length);
  }

  /** Sequence the next {@link push} must have. */
  get nextSequence(): bigint {
    return this.#nextSequence;
  }

  /**
   * Appends `item`; asserts that `sequence` is {@link nextSequence} (I5). Evicts from the oldest end until both bounds
   * hold; an item larger than `bytesMax` evicts everything, itself included.
   */
  push(sequence: bigint, item: T, bytes: number): void {
    assert(sequence === this.#nextSequence, "pushed sequences are consecutive");
    assertBytes(bytes);
    this.#entries.push({ item, bytes });
    this.#bytes += bytes;
    this.#nextSequence += 1n;
    while (this.#entries.length > this.bounds.itemsMax || this.#bytes > this.bounds.bytesMax) {
      this.#bytes -= this.#entries.shift().bytes;
    }
  }

  /**
   * Up to `itemsMax` consecutive items starting at `fromSequence`, within `bytesMax` together, but always at least one
   * when there is one, so that a reader with a small budget still moves. Empty when `fromSequence` was not pushed yet
   * (a reader may be ahead for a moment: it saw the journal before the push). `"evicted"` when `fromSequence` is older
   * than the oldest item held: the caller reads the journal.
   */
  read(fromSequence: bigint, itemsMax: number, bytesMax: number): T[] | "evicted" {
    assert(Number.isSafeInteger(itemsMax) && itemsMax >= 1, "a read asks for at least one item");
    const first = this.firstSequence;
    if (fromSequence < first) return "evicted";
    if (fromSequence >= this.#nextSequence) return [];
    const start = Number(fromSequence - first);
    const end = Math.min(this.#entries.length, start + itemsMax);
    const items: T[] = [];
    let bytes = 0;
    for (let index = start; index < end; index += 1) {
      const entry = this.#entries.at(index);
      bytes += entry.bytes;
      if (items.length > 0 && bytes > bytesMax) break;
      items.push(entry.item);
    }
    return items;
  }
}
