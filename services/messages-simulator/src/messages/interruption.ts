/**
 * Another database stands at the path: a message that was half written is gone with the old one, for good.
 */
export class DatabaseReplacedError extends Error {
  override readonly name = "DatabaseReplacedError";

  constructor() {
    super("Cannot go on with a message: its database was replaced");
  }
}

/**
 * The signal that all waits of writers heed: it aborts when Messages quits, and when the rows they wait with are gone.
 * Each replacement ends the waits of its time only, so `signal` is read when a wait begins and not kept.
 */
export class Interruption {
  #current = new AbortController();

  /** `stopping` ends this and every later signal; its owner aborts it once. */
  constructor(stopping: AbortSignal) {
    if (stopping.aborted) this.#current.abort(stopping.reason);
    stopping.addEventListener("abort", () => this.#current.abort(stopping.reason), { once: true });
  }

  /** For the waits that begin now. */
  get signal(): AbortSignal {
    return this.#current.signal;
  }

  /** Ends every wait with DatabaseReplacedError; those that begin from now on are not affected. */
  rowsAreGone(): void {
    if (this.#current.signal.aborted) return;
    const ended = this.#current;
    this.#current = new AbortController();
    ended.abort(new DatabaseReplacedError());
  }
}
