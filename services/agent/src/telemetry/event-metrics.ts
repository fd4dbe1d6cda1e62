import { unreachable } from "@imesh/flow";
import type { Metrics } from "@imesh/telemetry";
import type { JournalEvent } from "../event/event.ts";
import type { RecordReason, SkipReason } from "../policy/policy.ts";

/** What is counted of the journal's events: how many came, how late, and why they started no turn. */
export class EventMetrics {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** An event reached the agent. Its age is told of live ones alone: that of others is the length of our absence. */
  received(event: JournalEvent): void {
    this.#metrics.agentEventsReceived.add(1);
    if (event.arrivalClass !== "live" || event.journaledUnixNs === null) return;
    const seconds = Number(event.receivedUnixNs - event.journaledUnixNs) / 1e9;
    this.#metrics.hopDuration.record(Math.max(0, seconds), { hop: "journaled_to_agent" });
  }

  /** An event starts no turn. */
  ignored(reason: SkipReason | RecordReason): void {
    this.#metrics.agentEventsIgnored.add(1, { reason: labelOf(reason) });
  }
}

function labelOf(reason: SkipReason | RecordReason): "own_message" | "not_live" | "not_a_message" | "policy" {
  switch (reason) {
    case "own-message":
    case "own-reply":
      return "own_message";
    case "not-live":
    case "backfill":
      return "not_live";
    case "not-a-message":
      return "not_a_message";
    case "no-text":
    case "auto-reply":
    case "text-reaction":
    case "spam":
    case "no-chat":
    case "group-chat":
    case "unknown-kind":
    case "no-sender":
    case "empty":
    case "duplicate":
      return "policy";
    default:
      return unreachable(reason);
  }
}
