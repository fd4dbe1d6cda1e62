import { unreachable } from "@imesh/flow";
import { type DecodedRow, decodeContentChange, decodeMessageRow } from "@imesh/imessage-codec";
import { appleTimeToUnixNs, isMessageGuid, type MessageRow } from "@imesh/imessage-model";
import type { EventPayload, MessageUpdateReason, ReceiptFacts } from "../journal/event-payload.ts";
import type { FirstReason, MessageReason } from "./intake-change.ts";
import { isOwnRow } from "./row-ownership.ts";
import { messageFacts, payloadOfRow, type RowOwnership, scheduledMessageFacts } from "./row-payload.ts";

/** Why a message is told again while its row is there, but for its content (contentPayloads). */
export type LaterReason = Exclude<MessageReason, FirstReason | "content" | "deleted">;

/** An event of a change, with the reason in its key. */
export interface KeyedPayload {
  readonly reason: string;
  readonly payload: EventPayload;
}

/**
 * What a change of a row that was told before says as an event; none where nobody sees it. `ownershipOf` is asked only where the
 * event holds what the row says. Total (I9).
 */
export function laterPayloads(
  row: MessageRow,
  reason: LaterReason,
  ownershipOf: (decoded: DecodedRow) => RowOwnership,
): readonly KeyedPayload[] {
  const read = (): Reading => {
    const decoded = decodeMessageRow(row);
    return { row, decoded, ownership: ownershipOf(decoded) };
  };
  switch (reason) {
    // That a message has reached this Mac is told by its being there.
    case "delivered":
      return [];
    case "status":
      return keyed(reason, update(read(), "corrected"));
    case "read":
    case "played":
      return keyed(reason, receipt(row, reason));
    case "chats":
    case "guid":
      return keyed(reason, update(read(), reason));
    case "attachments":
      return keyed(reason, attached(read()));
    case "schedule":
      return keyed(reason, rescheduled(read()));
    case "recently-deleted":
    case "recovered":
      return keyed(reason, { kind: "deletion", guid: guidOf(row), state: reason });
    default:
      return unreachable(reason);
  }
}

/** The guid, or empty where it is none. */
export function guidOf({ guid }: { readonly guid: string }): string {
  return isMessageGuid(guid) ? guid : "";
}

interface Reading {
  readonly row: MessageRow;
  readonly decoded: DecodedRow;
  readonly ownership: RowOwnership;
}

function keyed(reason: string, payload: EventPayload | null): readonly KeyedPayload[] {
  return payload === null ? [] : [{ reason, payload }];
}

/** Only messages are told anew: what else a row may be stays what it was told as. */
function update(reading: Reading, reason: MessageUpdateReason): EventPayload | null {
  const { row, decoded, ownership } = reading;
  if (decoded.kind !== "message") return null;
  const formerGuid = reason === "guid" ? decodeContentChange(row).formerGuid : null;
  return { kind: "message-update", message: messageFacts(row, decoded, ownership), reason, formerGuid };
}

/** The picture of a sticker may come after its row. */
function attached(reading: Reading): EventPayload | null {
  const { row, decoded, ownership } = reading;
  if (decoded.kind === "reaction" && decoded.sticker !== null) return payloadOfRow(row, decoded, ownership);
  if (decoded.kind !== "message" || decoded.schedule === null) return update(reading, "attachments");
  return scheduledMessageFacts(row, decoded, ownership);
}

/** Only own messages are sent later; what others plan is theirs. */
function rescheduled({ row, decoded, ownership }: Reading): EventPayload | null {
  return row.isFromMe ? scheduledMessageFacts(row, decoded, ownership) : null;
}

function receipt(row: MessageRow, kind: "read" | "played"): ReceiptFacts {
  const date = kind === "read" ? row.dateRead : row.datePlayed;
  return {
    kind: "receipt",
    guid: guidOf(row),
    direction: isOwnRow(row) ? "own" : "incoming",
    receipt: kind,
    atUnixNs: appleTimeToUnixNs(date),
  };
}
