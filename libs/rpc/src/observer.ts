import type { FinishedCall } from "./finished-call.ts";

/**
 * Where calls are counted (port; `rpcMetrics` of libs/telemetry is the adapter: `rpc.server.call.duration`,
 * `rpc.client.call.duration`). Called synchronously, once a call, when it has ended, and never per message; must
 * not block. A throw is an uncaught exception.
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
