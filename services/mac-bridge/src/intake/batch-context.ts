import { type ArrivalClass, appleTimeToUnixNs, type MessageRow } from "@imesh/imessage-model";
import type { EventDraft, HopTimes, RowSource } from "../journal/bridge-event.ts";

/** What a change's events depend on besides the change; the same for all of a batch. */
export interface BatchContext {
  /** Database and file the batch was read from. */
  readonly database: Omit<RowSource, "rowid">;
  readonly committedUnixNs: bigint | null;
  readonly detectedUnixNs: bigint | null;
  readonly readUnixNs: bigint | null;
  readonly receivedUnixNs: bigint;
  readonly phase: "catching-up" | "live";
  /** When lock-broker spoke last before the present stream; null on the very first start. */
  readonly lastSeenUnixNs: bigint | null;
  readonly liveAgeMaxNs: bigint;
}

/** What all events of one change have in common, but for its chat. */
export type NewsFacts = Pick<EventDraft, "arrivalClass" | "hopTimes" | "traceparent">;

/** `date` is the row's; null where the news is not of a message. The trace context is for the caller to add. */
export function newsFacts(
  date: MessageRow["date"],
  batch: BatchContext,
  arrivalClass: ArrivalClass = arrivalOfChange(batch),
): NewsFacts {
  const hopTimes: HopTimes = {
    sentUnixNs: appleTimeToUnixNs(date),
    committedUnixNs: batch.committedUnixNs,
    detectedUnixNs: batch.detectedUnixNs,
    readUnixNs: batch.readUnixNs,
    receivedUnixNs: batch.receivedUnixNs,
  };
  return { arrivalClass, hopTimes, traceparent: "" };
}

/** A change has no time of its own in the database: it is as fresh as its commit. */
function arrivalOfChange(batch: BatchContext): ArrivalClass {
  return batch.phase === "live" ? "live" : "catch-up";
}
