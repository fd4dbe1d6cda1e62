import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { FinishedCall } from "@imesh/rpc";
import { rpcMetrics } from "./rpc-metrics.ts";
import { silentTelemetry } from "./silent-telemetry.ts";

const CALLS: readonly FinishedCall[] = [
  { kind: "unary", method: "p.S/Echo", code: "OK", durationSeconds: 0.25 },
  { kind: "unary", method: "p.S/Echo", code: "NOT_FOUND", durationSeconds: 0.5 },
  { kind: "stream", method: "p.S/Watch", code: "CANCELLED", openSeconds: 0.125 },
];

test("rpcMetrics() records calls served and made by method and code, a stream with its time until open", () => {
  for (const [report, id] of [
    ["serverCall", "rpcServerCallDuration"],
    ["clientCall", "rpcClientCallDuration"],
  ] as const) {
    const telemetry = silentTelemetry();
    const observer = rpcMetrics(telemetry);
    for (const call of CALLS) observer[report](call);
    const recorded = CALLS.map(({ method, code }) =>
      telemetry.recorded.values(id, { rpc_method: method, rpc_response_status_code: code }),
    );
    deepEqual(recorded, [[0.25], [0.5], [0.125]], id);
    const other = id === "rpcServerCallDuration" ? "rpcClientCallDuration" : "rpcServerCallDuration";
    const labels = { rpc_method: "p.S/Echo", rpc_response_status_code: "OK" };
    deepEqual(telemetry.recorded.values(other, labels), []);
  }
});

test("rpcMetrics() logs what a handler threw", () => {
  const records: object[] = [];
  const telemetry = silentTelemetry();
  const logger = { ...telemetry.logger, error: (record: object) => records.push(record) };
  const error = new TypeError("bug");
  rpcMetrics({ ...telemetry, logger }).unexpectedError("p.S/Echo", error);
  deepEqual(records, [{ event: "rpc-handler-failed", method: "p.S/Echo", error }]);
});
