import type { IncomingMessage, ServerResponse } from "node:http";
import { context, logs, metrics, propagation, trace } from "@opentelemetry/api";
import type { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import type { Resource } from "@opentelemetry/resources";

/** What a running OpenTelemetry SDK is to us: providers behind the API's globals until shutdown. */
export interface Sdk {
  writeMetrics(request: IncomingMessage, response: ServerResponse): void;
  /** Flushes what is exported and clears the API's globals; may take as long as a collector that does not answer. */
  shutdown(): Promise<void>;
}

/** What an SDK is started with. */
export interface SdkOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly hasMetrics: boolean;
  /** Base URL of an OTLP collector; null: trace ids are made and nothing is exported. */
  readonly otlpEndpoint: string | null;
}

/**
 * Starts OpenTelemetry's SDK. Everything is imported here and not at the top: it costs 20 to 40 MB and 200 ms, which
 * programs that only take a type or `silentTelemetry` from this library should not pay.
 *
 * Without a collector the two providers are set up by hand: NodeSDK loads every exporter there is (5 MB of each process).
 */
export async function startSdk(options: SdkOptions): Promise<Sdk> {
  const [{ PrometheusExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/exporter-prometheus"),
    import("@opentelemetry/resources"),
  ]);
  const reader = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const resource = resourceFromAttributes({
    "service.name": options.serviceName,
    "service.version": options.serviceVersion,
  });
  const readers = options.hasMetrics ? [reader] : [];
  const { otlpEndpoint } = options;
  const shutdown =
    otlpEndpoint === null
      ? await startLocally(resource, readers)
      : await startExporting(resource, readers, otlpEndpoint);
  return {
    writeMetrics: (request, response) => reader.getMetricsRequestHandler(request, response),
    shutdown: async () => {
      try {
        await shutdown();
      } finally {
        for (const api of [trace, metrics, context, propagation, logs]) api.disable();
      }
    },
  };
}

async function startLocally(resource: Resource, readers: PrometheusExporter[]): Promise<() => Promise<void>> {
  const [{ MeterProvider }, { TracerProvider }, { AsyncLocalStorageContextManager }] = await Promise.all([
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/context-async-hooks"),
  ]);
  const meterProvider = new MeterProvider({ resource, readers });
  const tracerProvider = new TracerProvider({ resource });
  metrics.setGlobalMeterProvider(meterProvider);
  trace.setGlobalTracerProvider(tracerProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return async () => {
    await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()]);
  };
}

async function startExporting(
  resource: Resource,
  metricReaders: PrometheusExporter[],
  endpoint: string,
): Promise<() => Promise<void>> {
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
  ]);
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    instrumentations: [],
    logRecordProcessors: [],
    metricReaders,
    traceExporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` }),
  });
  sdk.start();
  return () => sdk.shutdown();
}
