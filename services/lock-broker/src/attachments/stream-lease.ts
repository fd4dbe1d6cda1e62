import type { FileHandle } from "node:fs/promises";

/**
 * What one stream holds: its place among the streams and its open file. Both are given back when it is disposed or when `signal`
 * aborts, whichever is first: the stream of a consumer that went away without a word may never be pulled again.
 */
export class StreamLease implements AsyncDisposable {
  readonly #signal: AbortSignal;
  #release: (() => void) | undefined;
  #handle: FileHandle | undefined;
  readonly #onAbort = () => void this.#giveBack();

  /** `release` is called once. Throws `signal.reason` if it has aborted already, and then does not call `release`. */
  constructor(signal: AbortSignal, release: () => void) {
    signal.throwIfAborted();
    this.#signal = signal;
    this.#release = release;
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Takes over an open file. After an abort it is closed and `signal.reason` thrown. */
  async hold(handle: FileHandle): Promise<void> {
    this.#handle = handle;
    if (this.#signal.aborted) {
      await this.#giveBack();
      this.#signal.throwIfAborted();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#onAbort);
    await this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#release?.();
    this.#release = undefined;
    // It was opened for reading only: a close that fails has closed the descriptor and lost nothing.
    await handle?.close().catch(() => undefined);
  }
}
