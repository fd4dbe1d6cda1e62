import { unreachable } from "@imesh/flow";
import type { Meter } from "@opentelemetry/api";
import { AGENT_METRICS } from "./agent-metrics.ts";
import { BRIDGE_METRICS } from "./bridge-metrics.ts";
import { BROKER_METRICS } from "./broker-metrics.ts";
import type { LabelSpec, MetricDefinition } from "./metric-definition.ts";
import { PROCESS_METRICS } from "./process-metrics.ts";

/** Every metric of the product. Dashboards and alert rules name no other; a test compares them with a real scrape. */
export const METRICS = {
  ...PROCESS_METRICS,
  ...BROKER_METRICS,
  ...BRIDGE_METRICS,
  ...AGENT_METRICS,
} as const satisfies Record<string, MetricDefinition>;

type LabelsOf<Spec extends LabelSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends readonly (infer Value)[] ? Value : string;
};

/** The labels argument: none for a metric without labels, else all of them. */
type LabelsArgument<Spec extends LabelSpec> = keyof Spec extends never ? [] : [labels: LabelsOf<Spec>];

/** Counts up. None of the instruments throws or blocks; each use costs about a microsecond. */
export interface Counter<Spec extends LabelSpec> {
  /** `amount` is not negative. */
  add(amount: number, ...labels: LabelsArgument<Spec>): void;
}

/** Holds the last value set. Positions are bigint with us; beyond 2^53 they lose their last digits here and nowhere else. */
export interface Gauge<Spec extends LabelSpec> {
  set(value: number | bigint, ...labels: LabelsArgument<Spec>): void;
}

/** Sorts values, in the unit of its name, into buckets. */
export interface Histogram<Spec extends LabelSpec> {
  record(value: number, ...labels: LabelsArgument<Spec>): void;
}

/** Read at each scrape. */
export interface Observed<Spec extends LabelSpec> {
  /** `read` is quick, synchronous and does not throw; undefined leaves the series out. Disposing ends it. */
  observe(read: () => number | undefined, ...labels: LabelsArgument<Spec>): Disposable;
}

type InstrumentOf<Definition extends MetricDefinition> = Definition["kind"] extends "counter"
  ? Counter<Definition["labels"]>
  : Definition["kind"] extends "gauge"
    ? Gauge<Definition["labels"]>
    : Definition["kind"] extends "histogram"
      ? Histogram<Definition["labels"]>
      : Observed<Definition["labels"]>;

/** Name of a metric in code: `hopDuration`. */
export type MetricId = keyof typeof METRICS;

/** One instrument for each of {@link METRICS}, its labels checked by the compiler. */
export type Metrics = { readonly [Id in MetricId]: InstrumentOf<(typeof METRICS)[Id]> };

type LabelValues = Readonly<Record<string, string>>;

/** Any of the instruments with its types set aside; only this file and the recording of tests build them. */
export type AnyInstrument = {
  readonly add?: (amount: number, labels?: LabelValues) => void;
  readonly set?: (value: number | bigint, labels?: LabelValues) => void;
  readonly record?: (value: number, labels?: LabelValues) => void;
  readonly observe?: (read: () => number | undefined, labels?: LabelValues) => Disposable;
};

/** Builds {@link Metrics} by calling `build` for each definition, which returns what its kind asks for. */
export function buildMetrics(build: (definition: MetricDefinition) => AnyInstrument): Metrics {
  const entries = Object.entries(METRICS).map(([id, definition]) => [id, build(definition)]);
  return Object.fromEntries(entries) as Metrics;
}

/** The instruments on `meter`. Called once a process, by `startTelemetry`. */
export function createMetrics(meter: Meter): Metrics {
  return buildMetrics((definition) => buildInstrument(meter, definition));
}

function buildInstrument(meter: Meter, definition: MetricDefinition): AnyInstrument {
  const { name, unit, description } = definition;
  switch (definition.kind) {
    case "counter": {
      const counter = meter.createCounter(name, { unit, description });
      return { add: (amount, labels) => counter.add(amount, labels) };
    }
    case "gauge": {
      const gauge = meter.createGauge(name, { unit, description });
      return { set: (value, labels) => gauge.record(Number(value), labels) };
    }
    case "histogram": {
      const advice = { explicitBucketBoundaries: [...definition.buckets] };
      const histogram = meter.createHistogram(name, { unit, description, advice });
      return { record: (value, labels) => histogram.record(value, labels) };
    }
    case "observed-counter":
      return observed(meter.createObservableCounter(name, { unit, description }));
    case "observed-gauge":
      return observed(meter.createObservableGauge(name, { unit, description }));
    default:
      return unreachable(definition);
  }
}

function observed(instrument: ReturnType<Meter["createObservableGauge"]>): AnyInstrument {
  return {
    observe: (read, labels) => {
      const callback: Parameters<typeof instrument.addCallback>[0] = (result) => {
        const value = read();
        if (value !== undefined) result.observe(value, labels);
      };
      instrument.addCallback(callback);
      return { [Symbol.dispose]: () => instrument.removeCallback(callback) };
    },
  };
}

/**
 * Puts 0 into every counter of `owner` whose label values are all known, so that its series exist before the first
 * event: `rate()` over a series that appears with its first event does not see that event.
 */
export function startCountersAtZero(metrics: Metrics, owner: string): void {
  for (const [id, definition] of Object.entries(METRICS)) {
    if (definition.kind !== "counter" || definition.owner !== owner) continue;
    const counter = metrics[id as MetricId] as AnyInstrument;
    for (const labels of labelCombinations(definition.labels)) counter.add?.(0, labels);
  }
}

function labelCombinations(spec: LabelSpec): LabelValues[] {
  let combinations: LabelValues[] = [{}];
  for (const [name, values] of Object.entries(spec)) {
    if (values === "open") return [];
    combinations = combinations.flatMap((labels) =>
      values.map((value: string) => ({ ...labels, [name]: value })),
    );
  }
  return combinations;
}
