/** Most items and bytes waiting in all lanes together (I8). */
export interface LaneBounds {
  readonly itemsMax: number;
  readonly bytesMax: number;
}

/** The lanes are full. Nothing was done; the same may work a moment later. */
export class LanesFullError extends Error {
  override readonly name = "LanesFullError";
  readonly items: number;

  constructor(items: number, bounds: LaneBounds) {
    super(`Cannot queue message: ${items} waiting (${bounds.itemsMax} messages or ${bounds.bytesMax} bytes)`);
    this.items = items;
  }
}

/**
 * One queue for each key: the works of one key run strictly one after the other, those of different keys in parallel.
 * Bounded over all keys; at the bound {@link run} refuses. A key costs memory only while it has work.
 */
export class Lanes {
  readonly #bounds: LaneBounds;
  readonly #tails = new Map<string, Promise<unknown>>();
  #items = 0;
  #bytes = 0;

  constructor(bounds: LaneBounds) {
    this.#bounds = bounds;
  }

  /** Works not yet done, the running ones included. */
  get size(): number {
    return this.#items;
  }

  /** Whether one more work of this size would be taken now. */
  hasRoom(bytes: number): boolean {
    return this.#items < this.#bounds.itemsMax && this.#bytes + bytes <= this.#bounds.bytesMax;
  }

  /**
   * Runs `work` when all earlier works of `key` are done, whatever became of them; resolves or rejects as it does.
   * Rejects with LanesFullError, nothing queued, at the bound. Where the lane is idle `work` starts before this returns.
   */
  async run<T>(key: string, bytes: number, work: () => Promise<T>): Promise<T> {
    if (!this.hasRoom(bytes)) throw new LanesFullError(this.#items, this.#bounds);
    this.#items += 1;
    this.#bytes += bytes;
    const before = this.#tails.get(key);
    const done = before === undefined ? work() : before.then(work, work);
    this.#tails.set(key, done);
    try {
      return await done;
    } finally {
      this.#items -= 1;
      this.#bytes -= bytes;
      if (this.#tails.get(key) === done) this.#tails.delete(key);
    }
  }
}
