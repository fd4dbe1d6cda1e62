import type { RpcCode } from "./rpc-error.ts";

/** One call that is over. */
export interface FinishedCall {
  /** "package.Service/Method", as OpenTelemetry's `rpc.method` wants it. Few values. */
  readonly method: string;
  readonly code: RpcCode;
  /** From admission (server) or start (client) to the end, in seconds; a stream's whole life. */
  readonly durationSeconds: number;
}

/**
 * Where calls are counted (port; libs/telemetry has the adapter: `rpc.server.call.duration`,
 * `rpc.client.call.duration`). Called synchronously, once a call and never per message; must not block. A
 * throw is an uncaught exception.
 */
export interface RpcObserver {
  /** A call that this process served is over. */
  serverCall(call: FinishedCall): void;
  /** A call that this process made is over. */
  clientCall(call: FinishedCall): void;
  /**
   * A handler threw something that is no RpcError, or gave a response that cannot be sent: our bug. The
   * caller was told INTERNAL and nothing else; `error` is the real one. The service decides whether it goes
   * on.
   */
  unexpectedError(method: string, error: unknown): void;
}
