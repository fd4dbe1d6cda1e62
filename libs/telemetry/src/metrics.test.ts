import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { MetricDefinition, MetricUnit } from "./metric-definition.ts";
import { METRICS, startCountersAtZero } from "./metrics.ts";
import { recordMetrics } from "./recorded-metrics.ts";

const DEFINITIONS: readonly MetricDefinition[] = Object.values(METRICS);

/** How a name ends by its unit; "1" and "{token}" add nothing, as in the translation OpenTelemetry gives Prometheus. */
const ENDINGS: Readonly<Record<MetricUnit, RegExp>> = {
  s: /_seconds(_total)?$/,
  By: /_bytes(_total)?$/,
  "1": /(?<!_seconds|_bytes)$/,
  "{token}": /(?<!_seconds|_bytes)$/,
};

test("metric names are Prometheus', used once, end in their unit, and counters in _total", () => {
  equal(new Set(DEFINITIONS.map(({ name }) => name)).size, DEFINITIONS.length);
  for (const { name, unit, kind } of DEFINITIONS) {
    match(name, /^[a-z][a-z0-9_]*$/);
    ok(!name.includes("__"), name);
    match(name.replace(/_total$/, ""), ENDINGS[unit], name);
    equal(name.endsWith("_total"), kind === "counter" || kind === "observed-counter", name);
    // Suffixes that a histogram makes for itself.
    ok(!/_(count|sum|bucket)$/.test(name), name);
  }
});

test("descriptions are one line; labels are Prometheus' and their values few", () => {
  for (const { name, description, labels } of DEFINITIONS) {
    match(description, /^[A-Z0-9][^\n]+[^.]$/, name);
    for (const [label, values] of Object.entries(labels)) {
      match(label, /^[a-z][a-z0-9_]*$/, name);
      ok(!["le", "quantile", "job", "instance"].includes(label), `${name} ${label}`);
      if (values === "open") continue;
      equal(new Set(values).size, values.length, name);
      ok(values.length <= 24, name);
      for (const value of values) match(value, /^[a-z0-9_-]+$/, name);
    }
  }
});

test("labels never name what a stranger can multiply or what is private", () => {
  const forbidden = /handle|address|guid|chat|rowid|request|sender|phone|email|conversation(?!_)/;
  for (const { name, labels } of DEFINITIONS) {
    for (const label of Object.keys(labels)) {
      // The model asked is OpenTelemetry's gen_ai_request_model; it is our configuration, not a request's content.
      if (label !== "gen_ai_request_model") ok(!forbidden.test(label), `${name} ${label}`);
    }
  }
});

test("startCountersAtZero() makes every series of the owner's counters whose labels are known", () => {
  const recorded = recordMetrics();
  startCountersAtZero(recorded.metrics, "lock-broker");
  const sources = ["hint", "poll", "open"].map((source) =>
    recorded.value("brokerCommitsDetected", { source }),
  );
  deepEqual(sources, [0, 0, 0]);
  equal(recorded.value("brokerDatabaseChanges"), 0);
  // Labels that are open have no series until they have a value; other owners' counters are not ours to start.
  equal(recorded.value("brokerHints", { watcher: "inotify" }), undefined);
  equal(recorded.value("bridgeEventsStreamed"), undefined);
});

test("recordMetrics() remembers sums, last values, records and readings, by whole labels", () => {
  const { metrics, value, values } = recordMetrics();
  metrics.bridgeCommands.add(1, { state: "accepted" });
  metrics.bridgeCommands.add(2, { state: "accepted" });
  metrics.bridgeJournalHead.set(7n);
  metrics.bridgeJournalHead.set(9n);
  metrics.hopDuration.record(0.5, { hop: "detected_to_read" });
  metrics.hopDuration.record(0.25, { hop: "detected_to_read" });
  const observing = metrics.heapUsed.observe(() => 42);
  deepEqual(
    [
      value("bridgeCommands", { state: "accepted" }),
      value("bridgeCommands", { state: "failed" }),
      value("bridgeJournalHead"),
      value("hopDuration", { hop: "detected_to_read" }),
      values("hopDuration", { hop: "detected_to_read" }),
      value("heapUsed"),
    ],
    [3, undefined, 9, 2, [0.5, 0.25], 42],
  );
  observing[Symbol.dispose]();
  equal(value("heapUsed"), undefined);
});
