import { DeliveryState, type Event } from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import { type DecodedPollVote, TEXT_UNITS_MAX } from "@imesh/imessage-codec";
import type { OutgoingState } from "@imesh/imessage-model";
import type { EventPayload } from "../journal/event-payload.ts";
import { attachmentUpdateToWire } from "./attachment-wire.ts";
import { pollToWire } from "./balloon-wire.ts";
import { chatUpdateToWire } from "./chat-wire.ts";
import { commandToWire } from "./command-wire.ts";
import type { EventRoom } from "./event-room.ts";
import { groupChangeToWire } from "./group-wire.ts";
import {
  deletionToWire,
  editToWire,
  messageUpdateToWire,
  receiptToWire,
  scheduledMessageToWire,
  unsendToWire,
} from "./message-change-wire.ts";
import { messageToWire } from "./message-wire.ts";
import { authorToWire, DIRECTIONS } from "./person-wire.ts";
import { reactionToWire } from "./reaction-wire.ts";

/** Votes of one person. */
const VOTES_MAX = 256;

/** What happened, in the wire's words. Total: what does not fit into the room is left out. */
export function payloadToWire(payload: EventPayload, room: EventRoom): NonNullable<Event["payload"]> {
  switch (payload.kind) {
    case "message":
      return { $case: "message", value: messageToWire(payload, room) };
    case "unsupported": {
      const { guid, what, direction } = payload;
      return { $case: "unsupported", value: { guid: room.id(guid), what, direction: DIRECTIONS[direction] } };
    }
    case "undecodable": {
      const { kind, guid, bodyBytes, plainText, ...rest } = payload;
      const text = plainText.slice(0, TEXT_UNITS_MAX).toWellFormed();
      const value = { ...rest, guid: room.id(guid), bodyBytes: BigInt(bodyBytes), plainText: text };
      return { $case: kind, value };
    }
    case "message-status": {
      const { guid, state, error, requestId } = payload;
      const value = { guid: room.id(guid), state: DELIVERY_STATES[state], error, requestId };
      return { $case: "messageStatus", value };
    }
    case "command":
      return { $case: "command", value: commandToWire(payload.command) };
    case "edit":
      return { $case: "edit", value: editToWire(payload, room) };
    case "unsend":
      return { $case: "unsend", value: unsendToWire(payload, room) };
    case "receipt":
      return { $case: "receipt", value: receiptToWire(payload, room) };
    case "scheduled-message":
      return { $case: "scheduledMessage", value: scheduledMessageToWire(payload, room) };
    case "deletion":
      return { $case: "deletion", value: deletionToWire(payload, room) };
    case "message-update":
      return { $case: "messageUpdate", value: messageUpdateToWire(payload, room) };
    case "attachment-update":
      return { $case: "attachmentUpdate", value: attachmentUpdateToWire(payload, room) };
    case "chat-update":
      return { $case: "chatUpdate", value: chatUpdateToWire(payload, room) };
    default:
      return lineToWire(payload, room);
  }
}

type LineKind =
  | "reaction"
  | "group-change"
  | "location-share"
  | "kept-audio"
  | "call"
  | "poll-vote"
  | "poll-update";

/** Rows that nobody typed. */
function lineToWire(
  line: Extract<EventPayload, { readonly kind: LineKind }>,
  room: EventRoom,
): NonNullable<Event["payload"]> {
  switch (line.kind) {
    case "reaction":
      return { $case: "reaction", value: reactionToWire(line, room) };
    case "group-change":
      return { $case: "groupChange", value: groupChangeToWire(line, room) };
    case "location-share":
      return { $case: "locationShare", value: { ...headOf(line, room), isStarted: line.isStarted } };
    case "kept-audio":
      return { $case: "keptAudio", value: { ...headOf(line, room), targetGuid: room.id(line.targetGuid) } };
    case "call":
      return { $case: "call", value: headOf(line, room) };
    case "poll-vote": {
      const value = { ...headOf(line, room), pollGuid: room.id(line.pollGuid) };
      return { $case: "pollVote", value: { ...value, optionIds: optionIdsOf(line, room) } };
    }
    case "poll-update": {
      const value = { ...headOf(line, room), pollGuid: room.id(line.pollGuid) };
      return { $case: "pollUpdate", value: { ...value, poll: pollToWire(line.poll, room) } };
    }
    default:
      return unreachable(line);
  }
}

/** Which row it is, and whose. */
function headOf(line: Parameters<typeof authorToWire>[0] & { readonly guid: string }, room: EventRoom) {
  return { guid: room.id(line.guid), ...authorToWire(line, room) };
}

function optionIdsOf({ votes }: DecodedPollVote, room: EventRoom): string[] {
  const ids = new Set(votes.map(({ optionIdentifier }) => optionIdentifier));
  return room.list([...ids], VOTES_MAX, (id) => room.id(id));
}

const DELIVERY_STATES: Readonly<Record<OutgoingState, DeliveryState>> = {
  written: DeliveryState.WRITTEN,
  sent: DeliveryState.SENT,
  delivered: DeliveryState.DELIVERED,
  read: DeliveryState.READ,
  failed: DeliveryState.FAILED,
};
