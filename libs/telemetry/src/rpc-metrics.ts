import type { FinishedCall, RpcObserver } from "@imesh/rpc";
import type { Telemetry } from "./telemetry.ts";

/**
 * What an RPC server or client is observed with: calls served and made become metrics, a unary one with its
 * duration, a stream with the time until it was open; what a handler threw unforeseen becomes a log record. A
 * service that must end over such an error replaces `unexpectedError`.
 */
export function rpcMetrics({ metrics, logger }: Pick<Telemetry, "metrics" | "logger">): RpcObserver {
  return {
    serverCall: (call) => metrics.rpcServerCallDuration.record(secondsOf(call), labelsOf(call)),
    clientCall: (call) => metrics.rpcClientCallDuration.record(secondsOf(call), labelsOf(call)),
    unexpectedError: (method, error) => logger.error({ event: "rpc-handler-failed", method, error }),
  };
}

function secondsOf(call: FinishedCall): number {
  return call.kind === "unary" ? call.durationSeconds : call.openSeconds;
}

function labelsOf({ method, code }: FinishedCall) {
  return { rpc_method: method, rpc_response_status_code: code };
}
