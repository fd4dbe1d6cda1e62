import type { DatabaseIdentity, RowBatch, TailHeartbeat, TailResponse } from "@imesh/contracts/broker/v1";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { unreachable } from "@imesh/flow";
import type { BatchContext } from "./batch-context.ts";
import { changesOfWire } from "./changes-of-wire.ts";
import type { IntakeChange } from "./intake-change.ts";

/** One frame of the tail in this service's words. */
export type BrokerFrame =
  | {
      readonly kind: "batch";
      /** In their order. */
      readonly changes: readonly IntakeChange[];
      readonly nextCursor: Uint8Array;
      readonly context: Pick<
        BatchContext,
        "database" | "committedUnixNs" | "detectedUnixNs" | "readUnixNs" | "phase"
      >;
    }
  | {
      readonly kind: "heartbeat";
      readonly headRowid: bigint;
      /** Empty when it did not change. */
      readonly nextCursor: Uint8Array;
      readonly database: BatchContext["database"];
    }
  /** Of a version to come; a sign of life and nothing else. */
  | { readonly kind: "unknown" };

const NS_PER_S = 1_000_000_000n;

/** Total: what the wire leaves out is null or empty. */
export function frameOfWire(response: TailResponse): BrokerFrame {
  const { frame } = response;
  if (frame === undefined) return { kind: "unknown" };
  switch (frame.$case) {
    case "batch":
      return batchOfWire(frame.value);
    case "heartbeat":
      return heartbeatOfWire(frame.value);
    default:
      return unreachable(frame);
  }
}

function batchOfWire(batch: RowBatch): BrokerFrame {
  return {
    kind: "batch",
    changes: changesOfWire(batch),
    nextCursor: batch.nextCursor,
    context: {
      database: databaseOfWire(batch.database),
      committedUnixNs: unixNsOf(batch.committedTime),
      detectedUnixNs: unixNsOf(batch.detectedTime),
      readUnixNs: unixNsOf(batch.readTime),
      phase: batch.catchingUp ? "catching-up" : "live",
    },
  };
}

function heartbeatOfWire(heartbeat: TailHeartbeat): BrokerFrame {
  return {
    kind: "heartbeat",
    headRowid: heartbeat.headRowid,
    nextCursor: heartbeat.nextCursor,
    database: databaseOfWire(heartbeat.database),
  };
}

function databaseOfWire(database: DatabaseIdentity | undefined): BatchContext["database"] {
  return { databaseUid: database?.databaseUid ?? "", generation: database?.generation ?? "" };
}

/** Nanoseconds since 1970; null where the wire has no time. */
export function unixNsOf(time: Timestamp | undefined): bigint | null {
  return time === undefined ? null : time.seconds * NS_PER_S + BigInt(time.nanos);
}
