import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import { waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { context as contextApi, ROOT_CONTEXT } from "@opentelemetry/api";
import type { MetricDefinition } from "./metric-definition.ts";
import { METRICS } from "./metrics.ts";
import { startSpan } from "./span.ts";
import { startTelemetry, type TelemetryOptions } from "./telemetry.ts";
import { contextFromTraceparent } from "./trace-context.ts";

/** Starts on any free port, logging into `lines`. */
function start(lines: string[], options: Partial<TelemetryOptions> = {}) {
  return startTelemetry({
    serviceName: "mac-bridge",
    serviceVersion: "1.2.3",
    metrics: { host: "127.0.0.1", port: 0 },
    otlpEndpoint: null,
    logLevel: "info",
    logDestination: { stream: { write: (line: string) => void lines.push(line) } },
    ...options,
  });
}

async function get(url: string): Promise<{ status: number; type: string; text: string }> {
  const response = await fetch(url);
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, text: await response.text() };
}

/** Gives every metric a value, with the first of its label values or "x". */
function touchAll(metrics: Record<string, object>): void {
  for (const [id, definition] of Object.entries<MetricDefinition>(METRICS)) {
    const labels = Object.fromEntries(
      Object.entries(definition.labels).map(([name, values]) => [name, values === "open" ? "x" : values[0]]),
    );
    const instrument = metrics[id] as Record<string, (value: unknown, labels: object) => void>;
    for (const use of ["add", "set", "record"]) instrument[use]?.(1, labels);
    // What every process has is observed by the telemetry itself.
    if (definition.owner !== "all") instrument.observe?.(() => 1, labels);
  }
}

test("/metrics serves every promised name with its type and help, loopback, bound port told", async () => {
  await using telemetry = await start([]);
  touchAll(telemetry.metrics as unknown as Record<string, object>);
  match(telemetry.metricsUrl ?? "", /^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
  const { status, type, text } = await get(telemetry.metricsUrl ?? "");
  deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  const types = { counter: "counter", "observed-counter": "counter", histogram: "histogram" } as const;
  for (const { name, kind, description, labels } of Object.values<MetricDefinition>(METRICS)) {
    ok(text.includes(`# HELP ${name} ${description}\n`), name);
    const promised = kind in types ? types[kind as keyof typeof types] : "gauge";
    ok(text.includes(`# TYPE ${name} ${promised}\n`), `${name} is a ${promised}`);
    const sample = text.split("\n").find((line) => line.startsWith(name));
    const shown = [...(sample ?? "").matchAll(/([a-z_]+)="/g)].map((found) => found[1]);
    deepEqual(shown, Object.keys(labels), name);
  }
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((found) => found[1]);
  deepEqual(new Set(names), new Set(Object.values(METRICS).map(({ name }) => name)));
});

test("a histogram has exactly the buckets of its definition", async () => {
  await using telemetry = await start([]);
  telemetry.metrics.hopDuration.record(0.0007, { hop: "committed_to_detected" });
  const { text } = await get(telemetry.metricsUrl ?? "");
  const bounds = [...text.matchAll(/^imesh_hop_duration_seconds_bucket\{.*le="([^"]+)"\} (\d+)$/gm)];
  deepEqual(
    bounds.map((found) => found[1]),
    [...METRICS.hopDuration.buckets.map(String), "+Inf"],
  );
  deepEqual(
    bounds.slice(0, 3).map((found) => found[2]),
    ["0", "1", "1"],
  );
});

test("before anything happened, /metrics shows the owner's counters at 0 and what every process has", async () => {
  await using telemetry = await start([]);
  const { text } = await get(telemetry.metricsUrl ?? "");
  ok(text.includes('\nimesh_bridge_events_total{kind="message",arrival_class="live"} 0\n'));
  ok(text.includes('\nimesh_bridge_commands_total{state="uncertain"} 0\n'));
  ok(!text.includes("imesh_broker_"));
  ok(text.includes('\nimesh_build_info{service="mac-bridge",version="1.2.3"} 1\n'));
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  ok(value("process_resident_memory_bytes") > 10_000_000);
  ok(value("process_cpu_seconds_total") > 0);
  ok(value("nodejs_heap_used_bytes") > 1_000_000);
  ok(value("nodejs_event_loop_utilization_ratio") >= 0 && value("nodejs_event_loop_utilization_ratio") <= 1);
  const startedAgoSeconds =
    Number(new SystemClock().wallUnixNs()) / 1e9 - value("process_start_time_seconds");
  ok(Math.abs(startedAgoSeconds - process.uptime()) < 1);
});

test("/healthz answers as long as the process does, /readyz as its checks say, all else is 404 or 405", async () => {
  await using telemetry = await start([]);
  const base = (telemetry.metricsUrl ?? "").replace("/metrics", "");
  deepEqual(await get(`${base}/healthz?probe=1`), { status: 200, type: "text/plain", text: "ok\n" });
  deepEqual(await get(`${base}/readyz`), {
    status: 503,
    type: "application/json",
    text: '{"isReady":false,"checks":{}}\n',
  });
  let isConnected = false;
  telemetry.health.register("broker", () =>
    isConnected ? { kind: "ready" } : { kind: "not-ready", reason: "no connection" },
  );
  equal((await get(`${base}/readyz`)).text, '{"isReady":false,"checks":{"broker":"no connection"}}\n');
  isConnected = true;
  deepEqual(await get(`${base}/readyz`), {
    status: 200,
    type: "application/json",
    text: '{"isReady":true,"checks":{"broker":"ready"}}\n',
  });
  equal((await get(`${base}/`)).status, 404);
  equal((await fetch(`${base}/metrics`, { method: "POST", body: "x" })).status, 405);
});

test("a taken port, a host that is not loopback and one that does not exist are StartupErrors, and leave nothing", async () => {
  const taken = createTcpServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  await rejects(start([], { metrics: { host: "127.0.0.1", port } }), {
    name: "StartupError",
    exitCode: 75,
    message: `Cannot serve metrics: "127.0.0.1:${port}" (EADDRINUSE)`,
    hint: "Another process has the port; stop it, or choose another port, or 0 for any free one",
  });
  taken.close();
  for (const host of ["0.0.0.0", "192.0.2.1", ""]) {
    await rejects(start([], { metrics: { host, port: 0 } }), {
      exitCode: 78,
      message: `Cannot serve metrics: "${host}" (loopback only)`,
    });
  }
  // What failed released everything: the next one starts.
  await using telemetry = await start([], { metrics: { host: "127.0.0.1", port } });
  equal(telemetry.metricsUrl, `http://127.0.0.1:${port}/metrics`);
});

test("without metrics nothing listens, and instruments are used all the same", async () => {
  await using telemetry = await start([], { metrics: null });
  equal(telemetry.metricsUrl, null);
  touchAll(telemetry.metrics as unknown as Record<string, object>);
});

test("a second telemetry in a process is our bug; after the first was disposed it is not", async () => {
  {
    await using _first = await start([]);
    await rejects(start([]), { name: "AssertionError" });
  }
  await using _second = await start([]);
});

test("spans have ids without an exporter: a traceparent to store, and ids in the log while active", async () => {
  const lines: string[] = [];
  await using telemetry = await start(lines);
  const span = startSpan(telemetry.tracer, "create event", { kind: "producer" });
  match(span.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const [, traceId, spanId] = (span.traceparent ?? "").split("-");
  await span.run(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    telemetry.logger.info({ event: "inside" });
    using child = startSpan(telemetry.tracer, "append");
    equal(child.traceparent?.split("-")[1], traceId);
    notEqual(child.traceparent?.split("-")[2], spanId);
  });
  span[Symbol.dispose]();
  telemetry.logger.info({ event: "outside" });
  const [inside, outside] = lines.map((line) => JSON.parse(line));
  deepEqual([inside.event, inside.trace_id, inside.span_id], ["inside", traceId, spanId]);
  deepEqual([outside.event, outside.trace_id, outside.span_id], ["outside", undefined, undefined]);
});

test("a span under a stored traceparent joins its trace; under an empty one it starts its own", async () => {
  await using telemetry = await start([]);
  const stored = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
  using joined = startSpan(telemetry.tracer, "process event", { parent: contextFromTraceparent(stored) });
  equal(joined.traceparent?.split("-")[1], "ab".repeat(16));
  using own = startSpan(telemetry.tracer, "process event", {
    parent: contextFromTraceparent(undefined),
    links: [stored],
  });
  notEqual(own.traceparent?.split("-")[1], "ab".repeat(16));
});

/** A collector that keeps what it is sent. */
async function collector(): Promise<{
  server: Server;
  url: string;
  requests: { path: string; body: Buffer }[];
}> {
  const requests: { path: string; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({ path: request.url ?? "", body: Buffer.concat(chunks) });
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("with an OTLP endpoint disposing flushes the spans to it, without an error's message", async () => {
  const { server, url, requests } = await collector();
  {
    await using telemetry = await start([], { otlpEndpoint: `${url}/`, metrics: null });
    using span = startSpan(telemetry.tracer, "dispatch command", { attributes: { "app.part": 1 } });
    span.fail(new RangeError("SECRET words of a person"));
  }
  server.close();
  await waitFor(() => requests.length === 1, { deadlineMs: 5_000, what: "the spans at the collector" });
  equal(requests[0]?.path, "/v1/traces");
  const body = requests[0]?.body.toString("latin1") ?? "";
  for (const text of ["dispatch command", "mac-bridge", "1.2.3", "RangeError", "app.part"]) {
    ok(body.includes(text), text);
  }
  ok(!body.includes("SECRET"));
});

test("a collector that never answers costs the last spans and a warning, not the shutdown", async () => {
  const silent = createTcpServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const lines: string[] = [];
  const { port } = silent.address() as AddressInfo;
  const telemetry = await start(lines, { otlpEndpoint: `http://127.0.0.1:${port}`, metrics: null });
  startSpan(telemetry.tracer, "lost")[Symbol.dispose]();
  const clock = new SystemClock();
  const beforeMs = clock.monotonicMs();
  await telemetry[Symbol.asyncDispose]();
  ok(clock.monotonicMs() - beforeMs < 6_000);
  silent.close();
  ok(lines.some((line) => line.includes('"event":"telemetry-flush-incomplete"')));
});

test("disposing closes the server, open connections included, and gives the globals back", async () => {
  const telemetry = await start([]);
  const url = telemetry.metricsUrl ?? "";
  await get(url);
  await telemetry[Symbol.asyncDispose]();
  await rejects(fetch(url), { message: "fetch failed" });
  // Without a context manager `with` changes nothing.
  const parent = contextFromTraceparent(`00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`);
  equal(
    contextApi.with(parent, () => contextApi.active()),
    ROOT_CONTEXT,
  );
});
