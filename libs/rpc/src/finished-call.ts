import { unreachable } from "@imesh/flow";
import type { RpcCode } from "./rpc-error.ts";

interface CallEnd {
  /** "package.Service/Method", as OpenTelemetry's `rpc.method` wants it. Few values. */
  readonly method: string;
  /** How it ended; a stream that was open may end in an error all the same. */
  readonly code: RpcCode;
}

/** A unary call that is over. */
export interface FinishedUnaryCall extends CallEnd {
  readonly kind: "unary";
  /** From admission (server) or start (client) to the end, in seconds. */
  readonly durationSeconds: number;
}

/**
 * A stream that is over. How long it lived says nothing of how fast we are: a subscription lives for weeks.
 */
export interface FinishedStream extends CallEnd {
  readonly kind: "stream";
  /**
   * From admission (server) or start (client) until it was open, in seconds: the response headers, which our
   * servers send with the first message. Of a stream that ended without: until its end, so that refusals
   * count.
   */
  readonly openSeconds: number;
}

/** One call that is over. */
export type FinishedCall = FinishedUnaryCall | FinishedStream;

/** Moments of a call by the monotonic clock, in milliseconds. */
export interface CallTimes {
  readonly startedMs: number;
  /** When a stream was open; undefined when it never was, and for unary calls. */
  readonly openedMs: number | undefined;
  readonly endedMs: number;
}

/** What the observer is told of a call. */
export function finishedCall(
  { kind, method, code }: CallEnd & { readonly kind: FinishedCall["kind"] },
  { startedMs, openedMs, endedMs }: CallTimes,
): FinishedCall {
  switch (kind) {
    case "unary":
      return { kind, method, code, durationSeconds: (endedMs - startedMs) / 1_000 };
    case "stream":
      return { kind, method, code, openSeconds: ((openedMs ?? endedMs) - startedMs) / 1_000 };
    default:
      return unreachable(kind);
  }
}
