import type { CallContext } from "./call-context.ts";
import type { RequestOf, ResponseOf, WireMethod, WireService } from "./handlers.ts";
import type { TraceContext } from "./tracing.ts";

/** Methods of a service with one request and one response. */
export type UnaryName<Service extends WireService> = NameOf<Service, false>;

/** Methods of a service with one request and many responses. */
export type StreamName<Service extends WireService> = NameOf<Service, true>;

type NameOf<Service extends WireService, ResponseStream extends boolean> = {
  [Name in keyof Service]: Service[Name] extends WireMethod & {
    readonly requestStream: false;
    readonly responseStream: ResponseStream;
  }
    ? Name
    : never;
}[keyof Service] &
  string;

/** What one unary call and one stream have in common. All optional. */
export interface CommonCallOptions {
  /** Aborting it cancels the call, on the server too. */
  readonly signal?: AbortSignal | undefined;
  /** Sent along; keys are lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Trace the call belongs to; default that of `parent`, else the client's `activeTraceContext`. */
  readonly traceContext?: TraceContext | undefined;
  /** The call being served for which this one is made: it lends its signal, its deadline and its trace. */
  readonly parent?: CallContext | undefined;
}

/** How to make a unary call. */
export interface CallOptions extends CommonCallOptions {
  /**
   * Longest time until the answer, in milliseconds. Default the client's, 10 s. Never longer than `parent`
   * has left.
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Wait, up to the deadline, for a server that is not there yet, instead of failing at once. Default false.
   */
  readonly waitForReady?: boolean | undefined;
}

/** How to open a stream. A stream has no deadline: watch its heartbeats (`subscribeForever`). */
export interface StreamOptions extends CommonCallOptions {
  /**
   * Leave the present connection for a new one first, because it is believed dead; see {@link
   * RpcClient.reconnect}.
   */
  readonly freshConnection?: boolean | undefined;
}

/** A channel to one service of one server. One a target for the life of the process; dispose it. */
export interface RpcClient<Service extends WireService> extends AsyncDisposable {
  /** "unix:/path" or "host:port". */
  readonly target: string;
  /**
   * Calls a unary method. Rejects with an RpcError and nothing else: the server's own; UNAVAILABLE when it
   * cannot be reached or the connection broke (whether the call had its effect is then unknown);
   * DEADLINE_EXCEEDED; CANCELLED when `signal` aborted.
   */
  call<Name extends UnaryName<Service>>(
    method: Name,
    request: RequestOf<Service[Name]>,
    options?: CallOptions,
  ): Promise<ResponseOf<Service[Name]>>;
  /**
   * Opens a server stream when it is iterated, and anew each time. Leaving the loop in whatever way cancels
   * it on the server. The iteration ends when the server ended the stream well, and throws an RpcError
   * otherwise, as {@link call} does. A slow loop slows the server down: at most 16 messages and the
   * flow-control window are under way.
   */
  stream<Name extends StreamName<Service>>(
    method: Name,
    request: RequestOf<Service[Name]>,
    options?: StreamOptions,
  ): AsyncIterable<ResponseOf<Service[Name]>>;
  /**
   * Resolves when connected. Rejects with UNAVAILABLE, reason NOT_READY, after `deadlineMs`, and with
   * CANCELLED at most 250 ms after `signal` aborted or the client was disposed. For start-up probes.
   */
  waitForReady(deadlineMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * Gives up the present connection for a new one: after sleep the old one looks alive for up to 30 s. Calls
   * under way stay on the old connection until they end.
   */
  reconnect(): void;
}
