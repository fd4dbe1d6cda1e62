import {
  type Chat,
  DeliveryState,
  Event,
  ArrivalClass as WireArrivalClass,
  ChatStyle as WireChatStyle,
  Direction as WireDirection,
  type HopTimes as WireHopTimes,
} from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import type { ArrivalClass, ChatStyle, Direction, OutgoingState } from "@imesh/imessage-model";
import type {
  ChatFacts,
  EventDraft,
  EventEncoder,
  EventPayload,
  EventStamp,
  HopTimes,
} from "../journal/bridge-event.ts";
import { commandToWire } from "./command-wire.ts";
import { optionalTimestampOf, timestampOf } from "./timestamp.ts";

/**
 * An event as the journal stores it and subscribers get it: encoded once, when it is made durable, and never again. So
 * what is on the stream is byte for byte what was stored, whichever version of imesh reads it later (I12).
 */
export const encodeEvent: EventEncoder = (draft, stamp) => Event.encode(eventToWire(draft, stamp)).finish();

/** The wire's form of an event. */
export function eventToWire(draft: EventDraft, stamp: EventStamp): Event {
  const { source } = draft;
  return {
    sequence: stamp.sequence,
    journalId: stamp.journalId,
    arrivalClass: ARRIVAL_CLASSES[draft.arrivalClass],
    source:
      source === null
        ? undefined
        : { databaseUid: source.databaseUid, generation: source.generation, messageRowid: source.rowid },
    hopTimes: hopTimesToWire(draft.hopTimes, stamp.journaledUnixNs),
    traceparent: draft.traceparent,
    chat: draft.chat === null ? undefined : chatToWire(draft.chat),
    payload: payloadToWire(draft.payload),
  };
}

/** A chat as events and listings name it. */
export function chatToWire(chat: ChatFacts): Chat {
  const { guid, style, identifier, service, displayName } = chat;
  return { guid, style: CHAT_STYLES[style], identifier, service, displayName };
}

function hopTimesToWire(times: HopTimes, journaledUnixNs: bigint): WireHopTimes {
  return {
    sentTime: optionalTimestampOf(times.sentUnixNs),
    committedTime: optionalTimestampOf(times.committedUnixNs),
    detectedTime: optionalTimestampOf(times.detectedUnixNs),
    readTime: optionalTimestampOf(times.readUnixNs),
    receivedTime: optionalTimestampOf(times.receivedUnixNs),
    journaledTime: timestampOf(journaledUnixNs),
  };
}

function payloadToWire(payload: EventPayload): Event["payload"] {
  switch (payload.kind) {
    case "message": {
      const { kind, direction, sender, isEdited, attachmentGuids, mentions, ...rest } = payload;
      return {
        $case: kind,
        value: {
          ...rest,
          direction: DIRECTIONS[direction],
          sender: sender === null ? undefined : { ...sender },
          attachmentGuids: [...attachmentGuids],
          mentions: mentions.map((mention) => ({ ...mention })),
          edited: isEdited,
        },
      };
    }
    case "unsupported": {
      const { kind, direction, ...rest } = payload;
      const wireDirection = direction === null ? WireDirection.UNSPECIFIED : DIRECTIONS[direction];
      return { $case: kind, value: { ...rest, direction: wireDirection } };
    }
    case "undecodable": {
      const { kind, bodyBytes, ...rest } = payload;
      return { $case: kind, value: { ...rest, bodyBytes: BigInt(bodyBytes) } };
    }
    case "message-status": {
      const { guid, state, error, requestId } = payload;
      return { $case: "messageStatus", value: { guid, state: DELIVERY_STATES[state], error, requestId } };
    }
    case "command":
      return { $case: "command", value: commandToWire(payload.command) };
    default:
      return unreachable(payload);
  }
}

const ARRIVAL_CLASSES: Readonly<Record<ArrivalClass, WireArrivalClass>> = {
  live: WireArrivalClass.LIVE,
  "catch-up": WireArrivalClass.CATCH_UP,
  backfill: WireArrivalClass.BACKFILL,
};

const CHAT_STYLES: Readonly<Record<ChatStyle, WireChatStyle>> = {
  direct: WireChatStyle.DIRECT,
  group: WireChatStyle.GROUP,
  unknown: WireChatStyle.UNSPECIFIED,
};

const DIRECTIONS: Readonly<Record<Direction, WireDirection>> = {
  incoming: WireDirection.INCOMING,
  own: WireDirection.OWN,
};

const DELIVERY_STATES: Readonly<Record<OutgoingState, DeliveryState>> = {
  written: DeliveryState.WRITTEN,
  sent: DeliveryState.SENT,
  delivered: DeliveryState.DELIVERED,
  read: DeliveryState.READ,
  failed: DeliveryState.FAILED,
};
