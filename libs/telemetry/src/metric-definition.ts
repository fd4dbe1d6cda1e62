import type { Buckets } from "./buckets.ts";

/**
 * Label names of a metric with their possible values: a closed list where we make them, `"open"` where something else
 * bounds them (an RPC method, a model's name). Never a handle, a guid, a ROWID or anything else a stranger can multiply.
 */
export type LabelSpec = Readonly<Record<string, readonly string[] | "open">>;

/** Units, in UCUM as OpenTelemetry wants them; "1" is a count, a position or a yes/no. */
export type MetricUnit = "s" | "By" | "1" | "{token}";

/** Which process gives the metric a value; "all" for every one. */
export type MetricOwner = "all" | "lock-broker" | "mac-bridge" | "agent" | "messages-simulator";

interface DefinitionBase {
  /** Name as Prometheus shows it, unit at the end, `_total` for counters: the exporter adds nothing to it. */
  readonly name: string;
  readonly unit: MetricUnit;
  readonly description: string;
  readonly labels: LabelSpec;
  readonly owner: MetricOwner;
}

/** One metric of the product: dashboards, alert rules and instruments all come from it. */
export type MetricDefinition =
  | (DefinitionBase & { readonly kind: "counter" })
  | (DefinitionBase & { readonly kind: "gauge" })
  | (DefinitionBase & { readonly kind: "histogram"; readonly buckets: Buckets })
  /** Read by a callback at each scrape. */
  | (DefinitionBase & { readonly kind: "observed-counter" })
  | (DefinitionBase & { readonly kind: "observed-gauge" });

/** No labels. */
export const NO_LABELS = {} as const;
