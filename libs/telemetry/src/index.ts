export type { Logger, LogLevel } from "@imesh/lifecycle";
export {
  type Buckets,
  GEN_AI_SECONDS_BUCKETS,
  GEN_AI_TOKENS_BUCKETS,
  HOP_SECONDS_BUCKETS,
  INGEST_LAG_SECONDS_BUCKETS,
  REPLY_SECONDS_BUCKETS,
  RPC_SECONDS_BUCKETS,
} from "./buckets.ts";
export { Health, type HealthReport, type Readiness } from "./health.ts";
export { createLog, type LogDestination, type LogOptions, REDACTED_KEYS } from "./log.ts";
export type { LabelSpec, MetricDefinition, MetricOwner, MetricUnit } from "./metric-definition.ts";
export {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  METRICS,
  type MetricId,
  type Metrics,
  type Observed,
} from "./metrics.ts";
export type { MetricsAddress } from "./metrics-server.ts";
export { HOPS, type Hop } from "./process-metrics.ts";
export { type RecordedMetrics, recordMetrics } from "./recorded-metrics.ts";
export { rpcMetrics } from "./rpc-metrics.ts";
export { type SilentTelemetry, silentTelemetry } from "./silent-telemetry.ts";
export { type SpanOptions, type StartedSpan, startSpan } from "./span.ts";
export { startTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
export { contextFromTraceparent, linksTo, traceparentOf } from "./trace-context.ts";
