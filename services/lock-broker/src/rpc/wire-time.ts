import type { Duration } from "@imesh/contracts/google/protobuf/duration";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { appleTimeToUnixNs } from "@imesh/imessage-model";

const NS_PER_S = 1_000_000_000n;
const NS_PER_MS = 1_000_000;

/** 2001-01-01T00:00:00Z, where Apple's dates start, in Unix seconds. */
const APPLE_EPOCH_UNIX_S = 978_307_200n;

/** What google.protobuf.Timestamp allows: the years 1 to 9999. */
const SECONDS_MIN = -62_135_596_800n;
const SECONDS_MAX = 253_402_300_799n;
const NANOS_MAX = 999_999_999;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A moment for the wire; whole nanoseconds, before 1970 too. */
export function toTimestamp(unixNs: bigint): Timestamp {
  const nanos = ((unixNs % NS_PER_S) + NS_PER_S) % NS_PER_S;
  return { seconds: (unixNs - nanos) / NS_PER_S, nanos: Number(nanos) };
}

/** The moment of a date column; undefined where it holds none. */
export function appleToTimestamp(date: bigint): Timestamp | undefined {
  const unixNs = appleTimeToUnixNs(date);
  return unixNs === null ? undefined : toTimestamp(unixNs);
}

/** Whether a timestamp is one as protobuf defines them. */
export function isTimestamp({ seconds, nanos }: Timestamp): boolean {
  return seconds >= SECONDS_MIN && seconds <= SECONDS_MAX && nanos >= 0 && nanos <= NANOS_MAX;
}

/**
 * The moment as date columns have it, nanoseconds since 2001; negative before. What lies beyond 64 bits (before 1709, after
 * 2293) is cut there: no row lies beyond either, so a bound means the same.
 */
export function toAppleNs({ seconds, nanos }: Timestamp): bigint {
  const appleNs = (seconds - APPLE_EPOCH_UNIX_S) * NS_PER_S + BigInt(nanos);
  if (appleNs > INT64_MAX) return INT64_MAX;
  return appleNs < INT64_MIN ? INT64_MIN : appleNs;
}

/** A length of time, not negative. */
export function toDuration(ms: number): Duration {
  const seconds = Math.floor(ms / 1_000);
  return {
    seconds: BigInt(seconds),
    nanos: Math.min(NANOS_MAX, Math.round((ms - seconds * 1_000) * NS_PER_MS)),
  };
}
