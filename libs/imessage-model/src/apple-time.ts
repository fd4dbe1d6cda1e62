import { assert } from "@imesh/flow";

const NS_PER_S = 1_000_000_000n;

/** 2001-01-01T00:00:00Z, where Apple's dates start, in Unix seconds. */
const APPLE_EPOCH_UNIX_S = 978_307_200n;

/** Up to macOS 10.12 dates were seconds; read as seconds this is the year 33,689, read as nanoseconds it is
 * 17 minutes after the epoch, so no real date of either unit is on the wrong side. */
const SECONDS_VALUE_MAX = 1_000_000_000_000n;

/** 2200-01-01T00:00:00Z. Rows with INT64_MAX exist (date_read); nothing later than this is a date. */
const UNIX_NS_MAX = 7_258_118_400n * NS_PER_S;

/**
 * Reads a date column of chat.db (nanoseconds since 2001, or seconds before macOS 10.13) as nanoseconds since
 * 1970. Null for NULL, 0, negative values and anything after the year 2200: all mean "no date" there.
 */
export function appleTimeToUnixNs(value: bigint | null): bigint | null {
  if (value === null || value <= 0n) {
    return null;
  }
  const sinceAppleEpochNs = value <= SECONDS_VALUE_MAX ? value * NS_PER_S : value;
  const unixNs = sinceAppleEpochNs + APPLE_EPOCH_UNIX_S * NS_PER_S;
  return unixNs > UNIX_NS_MAX ? null : unixNs;
}

/**
 * The column value (nanoseconds since 2001) for a moment; appleTimeToUnixNs() gives the same moment back.
 * The moment must lie between 2001-01-01T00:16:40Z, where the unit becomes unmistakable, and the year 2200.
 */
export function unixNsToAppleTime(unixNs: bigint): bigint {
  const value = unixNs - APPLE_EPOCH_UNIX_S * NS_PER_S;
  assert(value > SECONDS_VALUE_MAX && unixNs <= UNIX_NS_MAX, "a moment to store lies between 2001 and 2200");
  return value;
}
