import { assert } from "@imesh/flow";
import type { Logger, LogLevel } from "@imesh/lifecycle";
import { type Clock, SystemClock } from "@imesh/time";
import {
  DiagLogLevel,
  diag,
  type Meter,
  metrics as metricsApi,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { Health } from "./health.ts";
import { createLog, type LogDestination } from "./log.ts";
import { createMetrics, type Metrics, startCountersAtZero } from "./metrics.ts";
import { type MetricsAddress, startMetricsServer } from "./metrics-server.ts";
import { observeProcess } from "./observe-process.ts";
import { startSdk } from "./sdk.ts";

/** Time disposing gives spans to reach the collector. A collector that is down costs the last spans, not the shutdown. */
const FLUSH_DEADLINE_MS = 3_000;

/** How a process is observed. */
export interface TelemetryOptions {
  /** The service's folder name, "lock-broker"; its own counters (by `owner`) start at 0. */
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Where `/metrics`, `/healthz` and `/readyz` are served; null for not at all. */
  readonly metrics: MetricsAddress | null;
  /** Base URL of an OTLP collector ("http://127.0.0.1:4318"); null: trace ids are made and nothing is exported. */
  readonly otlpEndpoint: string | null;
  readonly logLevel: LogLevel;
  readonly logDestination: LogDestination;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Everything a service needs to be seen; handed to `start<Service>` as one collaborator. */
export interface Telemetry extends AsyncDisposable {
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly meter: Meter;
  readonly metrics: Metrics;
  /** Full URL of `/metrics` as bound; null when it is not served. */
  readonly metricsUrl: string | null;
  readonly health: Health;
}

let isStarted = false;

/**
 * Starts log, metrics and traces; called once in a process (OpenTelemetry's globals are the process's), before anything
 * that makes spans. Throws StartupError, with everything released, when the log file or the metrics port cannot be had.
 * Disposing stops the server, then flushes within 3 s, then never throws.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  assert(!isStarted, "telemetry is started once in a process");
  const clock = options.clock ?? new SystemClock();
  const logger = createLog({
    service: options.serviceName,
    level: options.logLevel,
    destination: options.logDestination,
  });
  await using resources = new AsyncDisposableStack();
  isStarted = true;
  resources.defer(() => {
    isStarted = false;
  });
  const health = new Health(clock);
  reportSdkTrouble(logger);
  const sdk = await startSdk({ ...options, hasMetrics: options.metrics !== null });
  resources.defer(async () => {
    const isFlushed = await finishesInTime(clock, FLUSH_DEADLINE_MS, sdk.shutdown());
    if (!isFlushed) logger.warn({ event: "telemetry-flush-incomplete", deadlineMs: FLUSH_DEADLINE_MS });
    diag.disable();
  });
  const meter = metricsApi.getMeter(options.serviceName, options.serviceVersion);
  const metrics = createMetrics(meter);
  startCountersAtZero(metrics, options.serviceName);
  metrics.buildInfo.set(1, { service: options.serviceName, version: options.serviceVersion });
  resources.use(observeProcess(metrics, clock));
  let metricsUrl: string | null = null;
  if (options.metrics !== null) {
    const server = await startMetricsServer(options.metrics, health, sdk.writeMetrics);
    metricsUrl = resources.use(server).url;
  }
  const owned = resources.move();
  return {
    logger,
    tracer: trace.getTracer(options.serviceName, options.serviceVersion),
    meter,
    metrics,
    metricsUrl,
    health,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The SDK's own troubles, an unreachable collector above all, become log records; its prose is the record's `detail`. */
function reportSdkTrouble(logger: Logger): void {
  const warn = (detail: string) => logger.warn({ event: "telemetry-trouble", detail });
  diag.setLogger(
    { error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** False when the deadline passes or the work fails: for an exporter the two are the same, the spans are lost. */
async function finishesInTime(clock: Clock, deadlineMs: number, work: Promise<unknown>): Promise<boolean> {
  const controller = new AbortController();
  const late = clock.sleep(deadlineMs, controller.signal).then(
    () => false,
    () => false,
  );
  const done = work.then(
    () => true,
    () => false,
  );
  const isDone = await Promise.race([done, late]);
  controller.abort();
  return isDone;
}
