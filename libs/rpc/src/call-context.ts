import type { Metadata } from "@grpc/grpc-js";
import type { Peer } from "./peer.ts";
import type { TraceContext } from "./tracing.ts";

/**
 * What a handler knows of its call. Made by the server, valid until the handler returned; tests make their
 * own.
 */
export interface CallContext {
  /** "package.Service/Method". */
  readonly method: string;
  readonly peer: Peer;
  /**
   * Which connection of this server the call came over: the same number for calls of one connection. Clients that
   * cannot be told apart otherwise (a Unix socket's) are by this; a process has one connection a target. 0 when it
   * cannot be told. For fairness, not for permission.
   */
  readonly connection: number;
  /** What the caller sent along. Says nothing reliable about who it is. */
  readonly metadata: Metadata;
  /**
   * When the caller stops waiting, in milliseconds since 1970; Infinity for a stream without end. A unary
   * call always has one: the caller's, else the server's own (`ServerLimits.unaryDeadlineMs`).
   */
  readonly deadlineUnixMs: number;
  /** The caller's trace; undefined when it sent none. */
  readonly traceContext: TraceContext | undefined;
  /**
   * Aborts, with an RpcError as reason, when nobody waits any more: cancelled, connection lost, deadline
   * passed, or the server ends the call (UNAVAILABLE). Does not abort when the call ends well. Every wait of
   * a handler takes this signal.
   */
  readonly signal: AbortSignal;
  /**
   * Aborts when the server begins to go away. A stream then writes its last frame (a drain notice) and
   * returns; what has not returned within `ServerLimits.streamDrainMs` is ended with UNAVAILABLE. Unary calls
   * may ignore it.
   */
  readonly draining: AbortSignal;
}
