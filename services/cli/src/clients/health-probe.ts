import { existsSync } from "node:fs";
import { HealthCheckResponse_ServingStatus, HealthClient } from "@imesh/contracts/grpc/health/v1";
import { parseAddress } from "@imesh/lifecycle";
import { connect, RpcError } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import type { Readiness } from "../supervisor/service-plan.ts";

const CHECK_DEADLINE_MS = 1_000;

/**
 * Asks the process behind `target` whether all of it serves (grpc.health.v1, service ""). Never throws. A
 * socket that is not there is not even dialled: starting services are asked every few milliseconds.
 */
export async function probeHealth(target: string, clock: Clock, signal: AbortSignal): Promise<Readiness> {
  const address = parseAddress(target);
  if (typeof address !== "string" && address.kind === "unix" && !existsSync(address.path)) {
    return { kind: "not-serving", detail: "it does not listen" };
  }
  await using client = connect(HealthClient, target, { clock });
  try {
    const request = { service: "" };
    const { status } = await client.call("check", request, { deadlineMs: CHECK_DEADLINE_MS, signal });
    return status === HealthCheckResponse_ServingStatus.SERVING
      ? { kind: "serving" }
      : { kind: "not-serving", detail: "it listens and says that it cannot serve" };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return {
      kind: "not-serving",
      detail: error.reason === "DEADLINE_EXCEEDED" ? "it does not answer" : "it does not listen",
    };
  }
}
