import { assert, BoundedQueue } from "@imesh/flow";

/**
 * Leave to work, for at most `slotsMax` at once; who asks beyond that is served in the order of asking. Granting happens
 * within `request`, `release` or `resume`, so nothing is kept waiting that could go on.
 */
export class Slots {
  readonly #slotsMax: number;
  readonly #queue: BoundedQueue<() => void>;
  #inUse = 0;
  #isHeld = false;

  /** `waitersMax`: most that may wait; the caller has a bound of its own that keeps below it (I8). */
  constructor(options: { readonly slotsMax: number; readonly waitersMax: number }) {
    this.#slotsMax = options.slotsMax;
    this.#queue = new BoundedQueue({ itemsMax: options.waitersMax, bytesMax: 1 });
  }

  /** Slots granted and not given back. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Calls `grant` now when a slot is free and nothing is held, else when one becomes free. */
  request(grant: () => void): void {
    assert(this.#queue.offer(grant, 0), "no more wait for a slot than there are conversations");
    this.#grant();
  }

  /** Gives a slot back, and with it leave to the one who waits longest. */
  release(): void {
    assert(this.#inUse > 0, "a slot is given back once");
    this.#inUse -= 1;
    this.#grant();
  }

  /** Grants nothing until {@link resume}: a burst is put into the mailboxes whole before anyone starts to answer it. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Grants again. */
  resume(): void {
    this.#isHeld = false;
    this.#grant();
  }

  #grant(): void {
    while (!this.#isHeld && this.#inUse < this.#slotsMax) {
      const next = this.#queue.take();
      if (next === undefined) return;
      this.#inUse += 1;
      next();
    }
  }
}
