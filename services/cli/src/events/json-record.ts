import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { formatRfc3339 } from "../terminal/duration.ts";
import { unixNs } from "./unix-ns.ts";

/** An object as `--json` prints it: stable keys, null for what is absent. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** A time of the wire as RFC 3339 in UTC with nanoseconds; null for an absent one. */
export function rfc3339Of(timestamp: Timestamp | undefined): string | null {
  return formatRfc3339(unixNs(timestamp));
}
