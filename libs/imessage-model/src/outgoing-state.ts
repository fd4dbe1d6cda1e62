import { appleTimeToUnixNs } from "./apple-time.ts";
import type { MessageRow } from "./message-row.ts";

/** The command states that a row of an own message can prove. */
export type OutgoingState = "written" | "sent" | "delivered" | "read" | "failed";

/** The columns that tell how far an own message has come. */
export type OutgoingColumns = Pick<
  MessageRow,
  "error" | "dateRead" | "isDelivered" | "dateDelivered" | "isSent"
>;

/**
 * Reads the progress of an own message from its row: an error wins, then the furthest receipt. The caller
 * makes sure that the row is its own (isFromMe); for an incoming row the same columns mean other things.
 */
export function outgoingStateOf(row: OutgoingColumns): OutgoingState {
  if (row.error !== 0) {
    return "failed";
  }
  if (appleTimeToUnixNs(row.dateRead) !== null) {
    return "read";
  }
  if (row.isDelivered || appleTimeToUnixNs(row.dateDelivered) !== null) {
    return "delivered";
  }
  return row.isSent ? "sent" : "written";
}
