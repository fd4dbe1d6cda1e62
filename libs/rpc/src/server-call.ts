import type { Metadata, ServerUnaryCall } from "@grpc/grpc-js";
import { type Clock, DELAY_MS_MAX, type Timer } from "@imesh/time";
import type { CallContext } from "./call-context.ts";
import { connectionNumber } from "./connection-number.ts";
import { cancelled, deadlineExceeded, unavailable } from "./errors.ts";
import { type Peer, parsePeer } from "./peer.ts";
import type { RpcError } from "./rpc-error.ts";
import { extractTraceContext, type TraceContext } from "./tracing.ts";

const NS_PER_MS = 1_000_000n;

/**
 * grpc-js arms its deadline timer in whole milliseconds; a call that it cancels this close before the
 * deadline (by our finer clock) was cancelled by the deadline.
 */
const DEADLINE_SLACK_MS = 5;

/** What is common to the calls grpc-js hands to a handler. */
export interface AnyServerCall
  extends Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getPeer" | "getDeadline"> {
  on(event: "cancelled", listener: () => void): unknown;
}

/** What a {@link ServerCall} is about. */
export interface ServerCallFacts {
  readonly call: AnyServerCall;
  readonly method: string;
  /** Streams are counted and drained apart from unary calls. */
  readonly kind: "unary" | "stream";
  /** Given to a call whose client set no deadline; Infinity for none. */
  readonly defaultDeadlineMs: number;
}

/**
 * One call being served: its context for the handler, and its end for the server. A call ends once, by
 * whoever is first: the handler, the client, the deadline, the server. Signals are made when first asked for:
 * most unary calls never do.
 */
export class ServerCall implements CallContext {
  readonly method: string;
  readonly kind: "unary" | "stream";
  readonly deadlineUnixMs: number;
  readonly startedMs: number;
  readonly #call: AnyServerCall;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #openedMs: number | undefined;
  #onAbort: ((reason: RpcError, listening: boolean) => void) | undefined;
  #abortReason: RpcError | undefined;
  #isDraining = false;
  #isOver = false;
  #signal: AbortController | undefined;
  #draining: AbortController | undefined;

  constructor(facts: ServerCallFacts, clock: Clock) {
    this.#call = facts.call;
    this.#clock = clock;
    this.method = facts.method;
    this.kind = facts.kind;
    this.startedMs = clock.monotonicMs();
    const asked = Number(facts.call.getDeadline());
    // grpc-js ends a unary call at the client's deadline by itself: nothing to compute, no timer.
    if (facts.kind === "unary" && Number.isFinite(asked)) {
      this.deadlineUnixMs = asked;
    } else {
      const nowUnixMs = Number(clock.wallUnixNs() / NS_PER_MS);
      this.deadlineUnixMs = Number.isFinite(asked) ? asked : nowUnixMs + facts.defaultDeadlineMs;
      this.#timer = this.#startTimer(clock, this.deadlineUnixMs - nowUnixMs);
    }
    facts.call.on("cancelled", () => {
      // It also comes after every call that ended well.
      if (this.#isOver) return;
      const isLate = Number(clock.wallUnixNs() / NS_PER_MS) >= this.deadlineUnixMs - DEADLINE_SLACK_MS;
      this.#abort(isLate ? tooLate(this.method) : goneClient(this.method), false);
    });
  }

  get peer(): Peer {
    return parsePeer(this.#call.getPeer());
  }

  get connection(): number {
    return connectionNumber(this.#call);
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get traceContext(): TraceContext | undefined {
    return extractTraceContext(this.#call.metadata);
  }

  get signal(): AbortSignal {
    this.#signal ??= abortController(this.#abortReason);
    return this.#signal.signal;
  }

  get draining(): AbortSignal {
    this.#draining ??= abortController(this.#isDraining ? goingAway(this.method) : undefined);
    return this.#draining.signal;
  }

  /** When {@link opened} was first called, by the monotonic clock. */
  get openedMs(): number | undefined {
    return this.#openedMs;
  }

  /** A message of the stream is on its way; the first one makes it open. */
  opened(): void {
    this.#openedMs ??= this.#clock.monotonicMs();
  }

  /** Whether {@link close} was called. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Names who is told, once, when the call ends by something other than its handler; `listening` says whether
   * the client still waits for a status.
   */
  onAbort(listener: (reason: RpcError, listening: boolean) => void): void {
    this.#onAbort = listener;
  }

  /** True for the first caller, who then sends the status; false for everyone after. */
  close(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#timer?.cancel();
    return true;
  }

  /** Tells the handler that the server is going away. */
  drain(): void {
    if (this.#isDraining || this.#isOver) return;
    this.#isDraining = true;
    this.#draining?.abort(goingAway(this.method));
  }

  /** Ends the call from the server's side: the client is told UNAVAILABLE, reason SERVER_DRAINING. */
  cutOff(): void {
    this.#abort(goingAway(this.method), true);
  }

  #abort(reason: RpcError, listening: boolean): void {
    if (this.#isOver || this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#onAbort?.(reason, listening);
    this.#signal?.abort(reason);
  }

  /**
   * grpc-js does not know our default deadline, and of a stream whose client does not read it tells nobody until
   * the client reads again: those two get a timer, one a call.
   */
  #startTimer(clock: Clock, delayMs: number): Timer | undefined {
    if (delayMs > DELAY_MS_MAX) return undefined;
    return clock.setTimer(Math.max(0, delayMs), () => this.#abort(tooLate(this.method), true));
  }
}

function abortController(reason: RpcError | undefined): AbortController {
  const controller = new AbortController();
  if (reason !== undefined) controller.abort(reason);
  return controller;
}

function tooLate(method: string): RpcError {
  return deadlineExceeded({
    reason: "DEADLINE_EXCEEDED",
    message: `Cannot finish ${method}: deadline passed`,
  });
}

function goneClient(method: string): RpcError {
  return cancelled({ reason: "CANCELLED", message: `Cannot finish ${method}: the client is gone` });
}

/** The error of every call that meets a server on its way out. */
export function goingAway(method: string): RpcError {
  return unavailable({
    reason: "SERVER_DRAINING",
    message: `Cannot serve ${method}: the server is going away`,
  });
}
