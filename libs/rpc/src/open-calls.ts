import type { Clock } from "@imesh/time";
import { resourceExhausted } from "./errors.ts";
import { finishedCall } from "./finished-call.ts";
import type { RpcObserver } from "./observer.ts";
import type { RpcCode, RpcError } from "./rpc-error.ts";
import { type AnyServerCall, goingAway, ServerCall } from "./server-call.ts";
import type { ServerLimits } from "./server-limits.ts";

/** Hint for a refused call: long enough to let others finish, short enough for a person not to notice. */
const RETRY_DELAY_MS = 1_000;

/** What is asked to be served. */
export interface Arrival {
  readonly call: AnyServerCall;
  readonly method: string;
  readonly kind: "unary" | "stream";
}

/** Either the call to serve, or why it is not served. */
export type Admission =
  | { readonly kind: "admitted"; readonly call: ServerCall }
  | { readonly kind: "refused"; readonly error: RpcError };

/**
 * Every call a server has open: lets calls in within {@link ServerLimits}, counts them out, and drains them
 * (I8).
 */
export class OpenCalls {
  readonly #clock: Clock;
  readonly #limits: ServerLimits;
  readonly #observer: Pick<RpcObserver, "serverCall">;
  readonly #open = new Set<ServerCall>();
  #streams = 0;
  #isDraining = false;
  /** Resolves {@link streamsEnded}. */
  #onStreamsEnded: (() => void) | undefined;

  constructor(collaborators: {
    readonly clock: Clock;
    readonly limits: ServerLimits;
    readonly observer: Pick<RpcObserver, "serverCall">;
  }) {
    this.#clock = collaborators.clock;
    this.#limits = collaborators.limits;
    this.#observer = collaborators.observer;
  }

  /** Streams open now. */
  get streams(): number {
    return this.#streams;
  }

  /** Unary calls in the works now. */
  get unary(): number {
    return this.#open.size - this.#streams;
  }

  /** Lets a call in, or says why not. An admitted call is counted until {@link end}. */
  admit(arrival: Arrival): Admission {
    const error = this.#refusal(arrival);
    if (error !== undefined) {
      const { kind, method } = arrival;
      const nowMs = this.#clock.monotonicMs();
      const times = { startedMs: nowMs, openedMs: undefined, endedMs: nowMs };
      this.#observer.serverCall(finishedCall({ kind, method, code: error.code }, times));
      return { kind: "refused", error };
    }
    const defaultDeadlineMs =
      arrival.kind === "unary" ? this.#limits.unaryDeadlineMs : Number.POSITIVE_INFINITY;
    const call = new ServerCall({ ...arrival, defaultDeadlineMs }, this.#clock);
    this.#open.add(call);
    if (call.kind === "stream") this.#streams += 1;
    return { kind: "admitted", call };
  }

  /**
   * Ends a call: true for the first who says so and who then sends the status, false when it was over
   * already.
   */
  end(call: ServerCall, code: RpcCode): boolean {
    if (!call.close()) return false;
    this.#open.delete(call);
    if (call.kind === "stream") {
      this.#streams -= 1;
      if (this.#streams === 0) this.#onStreamsEnded?.();
    }
    const { kind, method, startedMs, openedMs } = call;
    const times = { startedMs, openedMs, endedMs: this.#clock.monotonicMs() };
    this.#observer.serverCall(finishedCall({ kind, method, code }, times));
    return true;
  }

  /** From now on no stream is let in, and those that are open are told to say goodbye. */
  drain(): void {
    this.#isDraining = true;
    for (const call of this.#open) call.drain();
  }

  /** Resolves when the last stream has ended; without any at once. Called once, after {@link drain}. */
  async streamsEnded(): Promise<void> {
    if (this.#streams === 0) return;
    await new Promise<void>((resolve) => {
      this.#onStreamsEnded = resolve;
    });
  }

  /** Ends the open calls of a kind with UNAVAILABLE; their handlers' signals abort. */
  cutOff(kind: "unary" | "stream"): void {
    for (const call of [...this.#open]) if (call.kind === kind) call.cutOff();
  }

  #refusal(arrival: Arrival): RpcError | undefined {
    if (arrival.kind === "stream") {
      if (this.#isDraining) return goingAway(arrival.method);
      return this.#streams < this.#limits.streamsMax
        ? undefined
        : tooMany("STREAMS_EXHAUSTED", this.#limits.streamsMax);
    }
    return this.unary < this.#limits.unaryMax ? undefined : tooMany("CALLS_EXHAUSTED", this.#limits.unaryMax);
  }
}

function tooMany(reason: string, openMax: number): RpcError {
  return resourceExhausted({
    reason,
    message: `Cannot take one more call (at most ${openMax} at once)`,
    metadata: { openMax: String(openMax) },
    retryDelayMs: RETRY_DELAY_MS,
  });
}
