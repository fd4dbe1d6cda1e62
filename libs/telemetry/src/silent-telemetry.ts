import { SystemClock } from "@imesh/time";
import { createNoopMeter, ProxyTracerProvider } from "@opentelemetry/api";
import { Health } from "./health.ts";
import { type RecordedMetrics, recordMetrics } from "./recorded-metrics.ts";
import type { Telemetry } from "./telemetry.ts";

/** A {@link Telemetry} that says nothing and remembers its metrics. */
export interface SilentTelemetry extends Telemetry {
  /** What the metrics were told, for a test to look at. */
  readonly recorded: RecordedMetrics;
}

/** For tests, and for commands that need none: no server, no globals, no output, spans without ids. Any number may exist. */
export function silentTelemetry(): SilentTelemetry {
  const recorded = recordMetrics();
  const ignore = () => {};
  return {
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore },
    tracer: new ProxyTracerProvider().getTracer("silent"),
    meter: createNoopMeter(),
    metrics: recorded.metrics,
    recorded,
    metricsUrl: null,
    health: new Health(new SystemClock()),
    [Symbol.asyncDispose]: async () => {},
  };
}
