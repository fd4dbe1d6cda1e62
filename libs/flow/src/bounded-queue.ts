import { assertBounds, assertBytes, type Bounds } from "./bounds.ts";
import { Deque } from "./deque.ts";

interface Entry<T> {
  readonly item: T;
  readonly bytes: number;
}

/**
 * First in, first out, bounded in items and in bytes; at the bound it **refuses** (I8). What refusal means is the
 * caller's: answer RESOURCE_EXHAUSTED, pause the source, drop the client. An item larger than `bytesMax` is refused
 * even when the queue is empty, so a caller that retries a refusal first checks that the item can ever fit.
 */
export class BoundedQueue<T extends NonNullable<unknown>> {
  readonly bounds: Bounds;
  readonly #entries = new Deque<Entry<T>>();
  #bytes = 0;

  constructor(bounds: Bounds) {
    assertBounds(bounds);
    this.bounds = bounds;
  }

  /** Items held now. */
  get size(): number {
    return this.#entries.length;
  }

  /** Bytes held now, the sum of what was said at {@link offer}. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends and returns true, or leaves the queue as it was and returns false when either bound would be passed. */
  offer(item: T, bytes: number): boolean {
    assertBytes(bytes);
    if (this.#entries.length >= this.bounds.itemsMax) return false;
    if (this.#bytes + bytes > this.bounds.bytesMax) return false;
    this.#entries.push({ item, bytes });
    this.#bytes += bytes;
    return true;
  }

  /** Removes and returns the oldest item, or undefined when empty. */
  take(): T | undefined {
    if (this.#entries.length === 0) return undefined;
    const entry = this.#entries.shift();
    this.#bytes -= entry.bytes;
    return entry.item;
  }
}
