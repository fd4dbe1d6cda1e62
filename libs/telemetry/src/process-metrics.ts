import { HOP_SECONDS_BUCKETS, RPC_SECONDS_BUCKETS } from "./buckets.ts";
import { type MetricDefinition, NO_LABELS } from "./metric-definition.ts";

/**
 * The steps of a message, in order, each named by the two moments it lies between. Inbound moments are the event's hop
 * times, outbound ones the turn's and the command's; each hop is recorded by the process that sees its second moment.
 */
export const HOPS = [
  "committed_to_detected",
  "detected_to_read",
  "read_to_received",
  "received_to_journaled",
  "journaled_to_streamed",
  "journaled_to_agent",
  "agent_to_turn",
  "turn_to_first_token",
  "first_token_to_decided",
  "decided_to_accepted",
  "accepted_to_dispatched",
  "dispatched_to_written",
  "written_to_sent",
  "sent_to_delivered",
] as const;

/** One of {@link HOPS}. */
export type Hop = (typeof HOPS)[number];

const RPC_LABELS = { rpc_method: "open", rpc_response_status_code: "open" } as const;

/** What every process measures. */
export const PROCESS_METRICS = {
  hopDuration: {
    kind: "histogram",
    name: "imesh_hop_duration_seconds",
    unit: "s",
    description: "Time of one step of a message",
    labels: { hop: HOPS },
    buckets: HOP_SECONDS_BUCKETS,
    owner: "all",
  },
  rpcServerCallDuration: {
    kind: "histogram",
    name: "rpc_server_call_duration_seconds",
    unit: "s",
    description:
      "Time of a unary call at the server, or of a stream until it was open or refused; counted at its end",
    labels: RPC_LABELS,
    buckets: RPC_SECONDS_BUCKETS,
    owner: "all",
  },
  rpcClientCallDuration: {
    kind: "histogram",
    name: "rpc_client_call_duration_seconds",
    unit: "s",
    description:
      "Time of a unary call at the client, or of a stream until it was open or refused; counted at its end",
    labels: RPC_LABELS,
    buckets: RPC_SECONDS_BUCKETS,
    owner: "all",
  },
  loopStepFailures: {
    kind: "counter",
    name: "imesh_loop_step_failures_total",
    unit: "1",
    description: "Failed rounds of a background loop, each tried again",
    labels: { loop: "open" },
    owner: "all",
  },
  buildInfo: {
    kind: "gauge",
    name: "imesh_build_info",
    unit: "1",
    description: "Always 1; says which service and version this is",
    labels: { service: "open", version: "open" },
    owner: "all",
  },
  processStartTime: {
    kind: "gauge",
    name: "process_start_time_seconds",
    unit: "s",
    description: "When the process started, in seconds since 1970; a change is a restart",
    labels: NO_LABELS,
    owner: "all",
  },
  processCpu: {
    kind: "observed-counter",
    name: "process_cpu_seconds_total",
    unit: "s",
    description: "Processor time used, user and system",
    labels: NO_LABELS,
    owner: "all",
  },
  processResidentMemory: {
    kind: "observed-gauge",
    name: "process_resident_memory_bytes",
    unit: "By",
    description: "Memory held",
    labels: NO_LABELS,
    owner: "all",
  },
  heapUsed: {
    kind: "observed-gauge",
    name: "nodejs_heap_used_bytes",
    unit: "By",
    description: "JavaScript heap in use",
    labels: NO_LABELS,
    owner: "all",
  },
  eventLoopUtilization: {
    kind: "observed-gauge",
    name: "nodejs_event_loop_utilization_ratio",
    unit: "1",
    description: "Share of the time since the last scrape in which the event loop was busy, 0..1",
    labels: NO_LABELS,
    owner: "all",
  },
} as const satisfies Record<string, MetricDefinition>;
