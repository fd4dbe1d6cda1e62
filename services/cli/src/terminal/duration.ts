/** A duration for people: "0.4 ms", "134 ms", "12.3 s", "5 min", "3 h". Tenths where they say something. */
export function formatMs(ms: number): string {
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 10_000) return `${ms.toFixed(0)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(0)} min`;
  return `${(ms / 3_600_000).toFixed(0)} h`;
}

/** Local time of day with milliseconds, "12:03:04.123", of a wall time in nanoseconds since 1970. */
export function formatTimeOfDay(unixNs: bigint): string {
  const date = localDate(unixNs);
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** Local day, "2026-01-02". */
export function formatDay(unixNs: bigint): string {
  const date = localDate(unixNs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local day and time to the second, "2026-01-02 12:03:04", for people; machines get {@link formatRfc3339}. */
export function formatLocalTime(unixNs: bigint): string {
  return `${formatDay(unixNs)} ${formatTimeOfDay(unixNs).slice(0, "12:03:04".length)}`;
}

/** The same of a time that was written down as RFC 3339; what is none stays as it is. */
export function localTimeOf(rfc3339: string): string {
  const ms = Date.parse(rfc3339);
  return Number.isNaN(ms) ? rfc3339 : formatLocalTime(BigInt(ms) * 1_000_000n);
}

function localDate(unixNs: bigint): Date {
  return new Date(Number(unixNs / 1_000_000n));
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** RFC 3339 in UTC with nanoseconds, as JSON output has it; null for an absent time. */
export function formatRfc3339(unixNs: bigint | undefined): string | null {
  if (unixNs === undefined) return null;
  const seconds = unixNs / 1_000_000_000n;
  const nanos = unixNs % 1_000_000_000n;
  const base = new Date(Number(seconds) * 1000).toISOString().slice(0, "2026-01-01T00:00:00".length);
  return `${base}.${String(nanos).padStart(9, "0")}Z`;
}
