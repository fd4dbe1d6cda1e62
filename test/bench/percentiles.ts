/** Order statistics of a set of measurements. */

/** Milliseconds at the named ranks; `max` is the worst seen. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest-rank percentiles; all NaN for no values. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (rank: number): number => sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** `0.84`: two decimals, right-aligned in eight columns. */
export function column(value: number, digits = 2): string {
  return value.toFixed(digits).padStart(8);
}
