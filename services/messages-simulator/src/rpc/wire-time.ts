import type { Duration } from "@imesh/contracts/google/protobuf/duration";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";

const NS_PER_S = 1_000_000_000n;
const NS_PER_MS = 1_000_000;

/** Nanoseconds since 1970 as the wire has them. */
export function toTimestamp(unixNs: bigint): Timestamp {
  return { seconds: unixNs / NS_PER_S, nanos: Number(unixNs % NS_PER_S) };
}

/** A duration in nanoseconds, negative ones too. */
export function durationNs(duration: Duration): bigint {
  return duration.seconds * NS_PER_S + BigInt(duration.nanos);
}

/** A duration in fractional milliseconds. */
export function durationMs(duration: Duration): number {
  return Number(durationNs(duration)) / NS_PER_MS;
}
