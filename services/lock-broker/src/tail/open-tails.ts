import type { Tail } from "./tail.ts";

/** The tails that are open now: a bounded set (I8). One consumer is normal; a second is one that reconnects, or a person looking. */
export class OpenTails {
  readonly #tails = new Set<Tail>();
  readonly #tailsMax: number;

  constructor(options: { readonly tailsMax: number }) {
    this.#tailsMax = options.tailsMax;
  }

  get size(): number {
    return this.#tails.size;
  }

  /** Whether {@link add} would take one more. */
  get hasRoom(): boolean {
    return this.#tails.size < this.#tailsMax;
  }

  /** Counts `tail` as open until disposed. */
  add(tail: Tail): Disposable {
    this.#tails.add(tail);
    return { [Symbol.dispose]: () => this.#tails.delete(tail) };
  }

  /** The longest time, in milliseconds, for which a tail has left something committed unread; 0 when none has. */
  unreadForMs(): number {
    let longestMs = 0;
    for (const tail of this.#tails) longestMs = Math.max(longestMs, tail.unreadForMs());
    return longestMs;
  }
}
