import { createHash } from "node:crypto";
import { unreachable } from "@imesh/flow";
import {
  type DecodedMessage,
  type DecodedRow,
  decodeContentChange,
  type Person,
  type UndecodableRow,
} from "@imesh/imessage-codec";
import type { Direction, MessageRow } from "@imesh/imessage-model";
import type {
  EventPayload,
  MessageFacts,
  ScheduledMessageFacts,
  ScheduleState,
  UndecodableFacts,
} from "../journal/event-payload.ts";
import { otherChatsOfRow } from "./chat-facts.ts";

/** Whose it is, as far as the row alone does not say. */
export interface RowOwnership {
  readonly direction: Direction;
  /** The command that caused it; empty if none did. */
  readonly requestId: string;
}

/** What a row that is told for the first time says as an event. Total (I9). */
export function payloadOfRow(row: MessageRow, decoded: DecodedRow, ownership: RowOwnership): EventPayload {
  switch (decoded.kind) {
    case "message":
      return decoded.schedule === null
        ? messageFacts(row, decoded, ownership)
        : scheduledMessageFacts(row, decoded, ownership);
    case "unsent": {
      const { guid, parts, direction, sender } = authored(decoded, ownership.direction);
      const { unsendFailedParts: failedParts } = decodeContentChange(row);
      return { kind: "unsend", guid, direction, sender, parts, isWhole: true, message: null, failedParts };
    }
    case "reaction":
      return { ...authored(decoded, ownership.direction), replacedGuid: null };
    case "undecodable":
      return undecodableFacts(decoded);
    case "group-change":
    case "location-share":
    case "kept-audio":
    case "call":
    case "poll-vote":
    case "poll-update":
    case "unsupported":
      return authored(decoded, ownership.direction);
    default:
      return unreachable(decoded);
  }
}

/** A message as events tell it. */
export function messageFacts(
  row: MessageRow,
  decoded: DecodedMessage,
  ownership: RowOwnership,
): MessageFacts {
  return {
    ...authored(decoded, ownership.direction),
    requestId: ownership.requestId,
    otherChats: otherChatsOfRow(row.chats),
  };
}

/** A message that is, or was, to be sent later. */
export function scheduledMessageFacts(
  row: MessageRow,
  decoded: DecodedRow,
  ownership: RowOwnership,
): ScheduledMessageFacts {
  const state = scheduleStateOf(row);
  const isMessage = decoded.kind === "message";
  return {
    kind: "scheduled-message",
    guid: decoded.guid ?? "",
    message: isMessage ? messageFacts(row, decoded, ownership) : null,
    state,
    sendAtUnixNs: isMessage && state !== "cancelled" ? (decoded.schedule?.sendAtUnixNs ?? null) : null,
  };
}

/**
 * `schedule_state` of a message that is on its way (docs/chat-db.md §12): 1 and 2 wait. is_finished says nothing: rows that wait
 * are whole.
 */
const SCHEDULE_STATE_SENDING = 3;

function scheduleStateOf(row: MessageRow): ScheduleState {
  if (row.isSent) return "sent";
  if ((row.scheduleType ?? 0) === 0) return "cancelled";
  return (row.scheduleState ?? 0) >= SCHEDULE_STATE_SENDING ? "sent" : "scheduled";
}

/** With the direction of the event; nobody is the sender of what is own. */
export function authored<Facts extends { readonly direction: Direction; readonly sender: Person | null }>(
  facts: Facts,
  direction: Direction,
): Facts {
  return { ...facts, direction, sender: direction === "own" ? null : facts.sender };
}

function undecodableFacts({ guid, reason, raw, plainText }: UndecodableRow): UndecodableFacts {
  return {
    kind: "undecodable",
    guid: guid ?? "",
    reason,
    bodySha256: raw === null ? "" : createHash("sha256").update(raw).digest("hex"),
    bodyBytes: raw?.byteLength ?? 0,
    plainText: plainText ?? "",
  };
}
