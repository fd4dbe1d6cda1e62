import type { Logger } from "@imesh/lifecycle";
import type { RpcObserver } from "@imesh/rpc";
import type { Metrics } from "@imesh/telemetry";

/** Counts calls served and made; logs what a handler threw that it should not have. */
export function rpcMetrics(metrics: Metrics, log: Logger): RpcObserver {
  return {
    serverCall: ({ method, code, durationSeconds }) =>
      metrics.rpcServerCallDuration.record(durationSeconds, {
        rpc_method: method,
        rpc_response_status_code: code,
      }),
    clientCall: ({ method, code, durationSeconds }) =>
      metrics.rpcClientCallDuration.record(durationSeconds, {
        rpc_method: method,
        rpc_response_status_code: code,
      }),
    unexpectedError: (method, error) => log.error({ event: "rpc-handler-failed", method, error }),
  };
}
