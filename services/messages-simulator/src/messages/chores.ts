import { assert } from "@imesh/flow";
import { DatabaseReplacedError } from "./interruption.ts";

/** The simulator stops: what was waiting has not happened, and the next start goes on with what is half written. */
export class QuittingError extends Error {
  override readonly name = "QuittingError";

  constructor() {
    super("Cannot go on: Messages is quitting");
  }
}

/**
 * Work nobody waits for (a row that appears later, a receipt): bounded in number, ended with the simulator, and never
 * failing in silence: the first failure rejects `failed`, which ends the process.
 */
export class Chores implements AsyncDisposable {
  /** Rejects with the first failure; never resolves. */
  readonly failed: Promise<never>;
  readonly #countMax: number;
  readonly #stopping: AbortController;
  readonly #running = new Set<Promise<void>>();
  readonly #fail: (error: unknown) => void;

  /** `stopping` is aborted by {@link quit}; chores heed its signal in every wait. */
  constructor(countMax: number, stopping: AbortController) {
    assert(countMax > 0, "there is room for a chore");
    this.#countMax = countMax;
    this.#stopping = stopping;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#fail = reject;
    // Whoever listens is told as well; without anybody (a test) a failure still must not end the process twice.
    promise.catch(() => {});
  }

  /** Whether another chore may be taken on. */
  get hasRoom(): boolean {
    return this.#running.size < this.#countMax;
  }

  /**
   * Takes `work` on. Asserts that there is room. A rejection after the stop, or because its database was replaced, is its
   * end, not a failure.
   */
  take(work: () => Promise<void>): void {
    assert(this.hasRoom, "a chore is taken on only where there is room");
    const running = work()
      .catch((error: unknown) => {
        const isEnd = this.#stopping.signal.aborted || error instanceof DatabaseReplacedError;
        if (!isEnd) this.#fail(error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Aborts every wait. A second time does nothing. */
  quit(): void {
    this.#stopping.abort(new QuittingError());
  }

  /** Aborts every wait and resolves when all chores have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.quit();
    await Promise.all(this.#running);
  }
}
