import type { HealthRegistry } from "@imesh/rpc";
import type { Telemetry } from "@imesh/telemetry";
import type { Clock } from "@imesh/time";
import type { Recorder } from "./changes/recorder.ts";
import type { CommitWatcher } from "./commits/commit-watcher.ts";
import { type BrokerHealth, HealthMonitor } from "./health/broker-health.ts";
import type { Recording } from "./recording/recording.ts";
import type { OpenTails } from "./tail/open-tails.ts";

/** Name of the service in grpc.health.v1. */
export const BROKER_SERVICE = "imesh.broker.v1.BrokerService";

/** What is looked at, and where it is told. */
export interface MonitoredParts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly health: HealthRegistry;
  readonly watcher: CommitWatcher;
  readonly tails: OpenTails;
  readonly recorder: Recorder;
  readonly recording: Recording;
  /** Size of `-wal`. */
  readonly walBytes: () => number;
}

/** Health as grpc.health.v1, `/readyz` and the metrics tell it, looked at twice a second and when the watch fails. */
export function monitorHealth(parts: MonitoredParts): Disposable {
  const { clock, telemetry, watcher, tails, recorder, recording, health, walBytes } = parts;
  const { metrics, logger: log } = telemetry;
  let last: BrokerHealth["kind"] | undefined;
  const onHealth = (now: BrokerHealth) => {
    const isServing = now.kind === "serving";
    health.set(BROKER_SERVICE, isServing ? "SERVING" : "NOT_SERVING", isServing ? "" : now.reason);
    metrics.brokerDatabaseReadable.set(watcher.state.kind === "watching" ? 1 : 0);
    metrics.brokerWalBytes.set(walBytes());
    metrics.brokerHeadRowid.set(recorder.headRowid);
    metrics.brokerTails.set(tails.size);
    recording.notePlace();
    if (last === now.kind) return;
    if (!isServing) log.warn({ event: "health-lost", reason: now.reason });
    else if (last !== undefined) log.info({ event: "health-regained" });
    last = now.kind;
  };
  const monitor = new HealthMonitor({
    clock,
    watchState: () => watcher.state,
    recorderState: () => recorder.state,
    unreadForMs: () => Math.max(tails.unreadForMs(), recording.unrecordedForMs()),
    onHealth,
  });
  const subscription = watcher.subscribe((event) => {
    // A commit while all is well is not worth a look: it comes before every read.
    if (event.kind === "failed" || last !== "serving") monitor.check();
  });
  const registration = telemetry.health.register("chat-db", () => {
    const now = monitor.check();
    return now.kind === "serving" ? { kind: "ready" } : { kind: "not-ready", reason: now.reason };
  });
  const stack = new DisposableStack();
  stack.use(monitor);
  stack.use(subscription);
  stack.use(registration);
  return stack;
}
