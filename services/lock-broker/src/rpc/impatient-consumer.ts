import { aborted } from "@imesh/rpc";
import type { Clock } from "@imesh/time";

/** A client that takes nothing for so long holds one of few streams for nobody; it can resume where it was. */
const STALLED_MS = 30_000;

/** Waits for a client to take a part of a stream, but not for ever: at the end of its patience it aborts the stream. */
export class ImpatientConsumer implements Disposable {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #controller = new AbortController();
  readonly #call: AbortSignal;
  readonly #abort: () => void;

  /** `what` the stream is of, for the error; `call` ends with the call. */
  constructor(clock: Clock, call: AbortSignal, what: string) {
    this.#clock = clock;
    this.#what = what;
    this.#call = call;
    this.#abort = () => this.#controller.abort(call.reason);
    if (call.aborted) this.#abort();
    else call.addEventListener("abort", this.#abort);
  }

  /** Aborts with the call, and when the client is stalled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves with `written`; rejects with ABORTED, reason CLIENT_STALLED, when that takes longer than 30 s. */
  async take(written: Promise<void>): Promise<void> {
    const { promise: stalled, reject } = Promise.withResolvers<never>();
    const timer = this.#clock.setTimer(STALLED_MS, () => {
      const error = aborted({
        reason: "CLIENT_STALLED",
        message: `Cannot go on with ${this.#what}: nothing was read for ${STALLED_MS} ms`,
      });
      this.#controller.abort(error);
      reject(error);
    });
    try {
      await Promise.race([written, stalled]);
    } finally {
      timer.cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#call.removeEventListener("abort", this.#abort);
  }
}
