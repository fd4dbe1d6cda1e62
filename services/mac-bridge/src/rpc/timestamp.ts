import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";

const NS_PER_S = 1_000_000_000n;

/** Nanoseconds since 1970 as the wire has them; moments before 1970 too (nanos then still count forward). */
export function timestampOf(unixNs: bigint): Timestamp {
  const nanos = ((unixNs % NS_PER_S) + NS_PER_S) % NS_PER_S;
  return { seconds: (unixNs - nanos) / NS_PER_S, nanos: Number(nanos) };
}

/** As {@link timestampOf}; undefined for null. */
export function optionalTimestampOf(unixNs: bigint | null): Timestamp | undefined {
  return unixNs === null ? undefined : timestampOf(unixNs);
}
