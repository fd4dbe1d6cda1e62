import { buildMetrics, METRICS, type MetricId, type Metrics } from "./metrics.ts";

type Labels = Readonly<Record<string, string>>;

/** Metrics kept in memory, for tests: the same instruments, and the values they were given. */
export interface RecordedMetrics {
  readonly metrics: Metrics;
  /**
   * A counter's sum, a gauge's last value, a histogram's number of records, an observed one's reading now;
   * undefined when that series was never touched. Labels are compared whole.
   */
  value(id: MetricId, labels?: Labels): number | undefined;
  /** Every value a histogram was given under these labels, in order. */
  values(id: MetricId, labels?: Labels): readonly number[];
}

/** Makes an empty one. */
export function recordMetrics(): RecordedMetrics {
  const series = new Map<string, number[]>();
  const readings = new Map<string, () => number | undefined>();
  const metrics = buildMetrics(({ name }) => {
    const append = (value: number, labels: Labels = {}) => {
      const key = seriesKey(name, labels);
      series.set(key, [...(series.get(key) ?? []), value]);
    };
    return {
      add: append,
      record: append,
      set: (value, labels) => append(Number(value), labels),
      observe: (read, labels = {}) => {
        readings.set(seriesKey(name, labels), read);
        return { [Symbol.dispose]: () => readings.delete(seriesKey(name, labels)) };
      },
    };
  });
  return {
    metrics,
    values: (id, labels = {}) => series.get(seriesKey(METRICS[id].name, labels)) ?? [],
    value: (id, labels = {}) => {
      const { kind, name } = METRICS[id];
      const key = seriesKey(name, labels);
      const given = series.get(key);
      if (given === undefined) return readings.get(key)?.();
      if (kind === "histogram") return given.length;
      return kind === "gauge" ? given.at(-1) : given.reduce((sum, amount) => sum + amount, 0);
    },
  };
}

function seriesKey(name: string, labels: Labels): string {
  const sorted = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${name}${JSON.stringify(sorted)}`;
}
