import type { IncomingMessage, ServerResponse } from "node:http";
import { assert } from "@imesh/flow";
import type { Logger, LogLevel } from "@imesh/lifecycle";
import { type Clock, SystemClock } from "@imesh/time";
import {
  context as contextApi,
  DiagLogLevel,
  diag,
  logs,
  type Meter,
  metrics as metricsApi,
  propagation,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { Health } from "./health.ts";
import { createLog, type LogDestination } from "./log.ts";
import { createMetrics, type Metrics, startCountersAtZero } from "./metrics.ts";
import { type MetricsAddress, startMetricsServer } from "./metrics-server.ts";
import { observeProcess } from "./observe-process.ts";

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
  const sdk = await startSdk(options, logger, clock);
  resources.use(sdk);
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

interface Sdk extends AsyncDisposable {
  writeMetrics(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * The OpenTelemetry SDK, imported here and not at the top: it costs 40 MB and 200 ms, which programs that
 * only take a type or `silentTelemetry` from this library should not pay.
 */
async function startSdk(options: TelemetryOptions, logger: Logger, clock: Clock): Promise<Sdk> {
  const [{ NodeSDK }, { PrometheusExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/exporter-prometheus"),
    import("@opentelemetry/resources"),
  ]);
  const reader = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const exporting =
    options.otlpEndpoint === null
      ? // A processor that does nothing, because without any there is no tracer provider: no trace ids in events and logs.
        { spanProcessors: [DISCARD_SPANS] }
      : { traceExporter: await otlpExporter(options.otlpEndpoint) };
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({
      "service.name": options.serviceName,
      "service.version": options.serviceVersion,
    }),
    autoDetectResources: false,
    instrumentations: [],
    logRecordProcessors: [],
    metricReaders: options.metrics === null ? [] : [reader],
    ...exporting,
  });
  reportSdkTrouble(logger);
  sdk.start();
  return {
    writeMetrics: (request, response) => reader.getMetricsRequestHandler(request, response),
    [Symbol.asyncDispose]: async () => {
      const flushed = await finishesInTime(clock, FLUSH_DEADLINE_MS, sdk.shutdown());
      if (!flushed) logger.warn({ event: "telemetry-flush-incomplete", deadlineMs: FLUSH_DEADLINE_MS });
      for (const api of [trace, metricsApi, contextApi, propagation, logs, diag]) api.disable();
    },
  };
}

const DISCARD_SPANS = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

async function otlpExporter(endpoint: string) {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` });
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
