import type { Logger } from "@imesh/lifecycle";
import type { RpcObserver } from "@imesh/rpc";
import type { Metrics } from "@imesh/telemetry";

/** Calls served and made become metrics; what a handler threw unforeseen becomes a log record. */
export function rpcMetrics(metrics: Metrics, log: Logger): RpcObserver {
  const labelsOf = (method: string, code: string) => ({ rpc_method: method, rpc_response_status_code: code });
  return {
    serverCall: ({ method, code, durationSeconds }) =>
      metrics.rpcServerCallDuration.record(durationSeconds, labelsOf(method, code)),
    clientCall: ({ method, code, durationSeconds }) =>
      metrics.rpcClientCallDuration.record(durationSeconds, labelsOf(method, code)),
    unexpectedError: (method, error) => log.error({ event: "rpc-handler-failed", method, error }),
  };
}
