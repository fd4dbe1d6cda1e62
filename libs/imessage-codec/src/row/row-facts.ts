import { appleTimeToUnixNs, isHandleAddress, type MessageRow } from "@imesh/imessage-model";
import type { RowFacts } from "../decoded-row.ts";
import { personOf } from "../person.ts";
import { cutText } from "./cut-text.ts";

/** No service has a name so long. */
const SERVICE_UNITS_MAX = 64;

/** What is known of every row. Total. */
export function rowFactsOf(row: MessageRow): RowFacts {
  const { destinationCallerId, service } = row;
  return {
    direction: row.isFromMe ? "own" : "incoming",
    // Own rows of direct chats may point at the peer's handle.
    sender: row.isFromMe || row.sender === null ? null : personOf(row.sender),
    service: service === null ? null : cutText(service, SERVICE_UNITS_MAX),
    sentAtUnixNs: appleTimeToUnixNs(row.date),
    ownAddress:
      destinationCallerId !== null && isHandleAddress(destinationCallerId) ? destinationCallerId : null,
  };
}
