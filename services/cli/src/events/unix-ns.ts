import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";

/** Nanoseconds since 1970; undefined for an absent time. */
export function unixNs(timestamp: Timestamp | undefined): bigint | undefined {
  return timestamp === undefined ? undefined : timestamp.seconds * 1_000_000_000n + BigInt(timestamp.nanos);
}
