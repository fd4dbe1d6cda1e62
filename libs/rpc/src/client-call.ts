import type { ServiceError } from "@grpc/grpc-js";
import type { Clock } from "@imesh/time";
import { cancelled } from "./errors.ts";
import { type FinishedCall, finishedCall } from "./finished-call.ts";
import type { RpcObserver } from "./observer.ts";
import type { RpcCode, RpcError } from "./rpc-error.ts";
import { fromServiceError } from "./service-error.ts";

/** What a {@link ClientCall} needs. */
export interface ClientCallParts {
  readonly kind: FinishedCall["kind"];
  readonly method: string;
  /** Any of them aborting cancels the call. None has aborted yet. */
  readonly signals: readonly AbortSignal[];
  /** Cancels on the wire. grpc-js then ends the call with CANCELLED. */
  readonly cancel: () => void;
  /** Told once, with a CANCELLED error, before `cancel`, when a signal aborts or the client closes. */
  readonly onCancelled?: (error: RpcError) => void;
  /** Told once when the call is over. */
  readonly onEnd: () => void;
  readonly clock: Clock;
  readonly observer: Pick<RpcObserver, "clientCall"> | undefined;
}

/**
 * One call that this process makes: knows whether we ourselves cancelled it, listens to signals, and counts
 * it once.
 */
export class ClientCall {
  readonly #parts: ClientCallParts;
  readonly #startedMs: number;
  #openedMs: number | undefined;
  readonly #abort = (event: Event) => this.cancel((event.target as AbortSignal).reason);
  #isCancelAsked = false;
  #isOver = false;

  constructor(parts: ClientCallParts) {
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
    for (const signal of parts.signals) signal.addEventListener("abort", this.#abort);
  }

  /** The response headers are here: a stream is open. */
  opened(): void {
    this.#openedMs ??= this.#parts.clock.monotonicMs();
  }

  /** We no longer want it. `cause` becomes the cause of the CANCELLED error. */
  cancel(cause: unknown): void {
    if (this.#isOver || this.#isCancelAsked) return;
    this.#isCancelAsked = true;
    this.#parts.onCancelled?.(cancelledByCaller(this.#parts.method, cause));
    this.#parts.cancel();
  }

  /** grpc-js says how it ended. Returns the error in our terms; undefined when it ended well. */
  end(error: ServiceError | null): RpcError | undefined {
    const rpcError = error === null ? undefined : fromServiceError(error, this.#isCancelAsked);
    this.#finish(rpcError?.code ?? "OK");
    return rpcError;
  }

  #finish(code: RpcCode): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { signals, clock, kind, method, observer, onEnd } = this.#parts;
    for (const signal of signals) signal.removeEventListener("abort", this.#abort);
    const times = { startedMs: this.#startedMs, openedMs: this.#openedMs, endedMs: clock.monotonicMs() };
    observer?.clientCall(finishedCall({ kind, method, code }, times));
    onEnd();
  }
}

/** What a caller gets that cancelled. */
export function cancelledByCaller(method: string, cause: unknown): RpcError {
  return cancelled({
    reason: "CANCELLED",
    message: `Cannot finish ${method}: cancelled by the caller`,
    cause,
  });
}
