import {
  Event,
  ArrivalClass as WireArrivalClass,
  type HopTimes as WireHopTimes,
} from "@imesh/contracts/bridge/v1/event";
import type { ArrivalClass } from "@imesh/imessage-model";
import type { EventDraft, EventEncoder, EventStamp, HopTimes } from "../journal/bridge-event.ts";
import { chatToWire } from "./chat-wire.ts";
import { EventRoom } from "./event-room.ts";
import { payloadToWire } from "./payload-wire.ts";
import { optionalTimestampOf, timestampOf } from "./timestamp.ts";

/**
 * An event as the journal stores it and subscribers get it: encoded once, when it is made durable, and never again. So
 * what is on the stream is byte for byte what was stored, whichever version of imesh reads it later (I12). Never throws, and
 * never more than EVENT_BYTES_MAX, whatever the row holds (I9).
 */
export const encodeEvent: EventEncoder = (draft, stamp) => Event.encode(eventToWire(draft, stamp)).finish();

/** The wire's form of an event. */
export function eventToWire(draft: EventDraft, stamp: EventStamp): Event {
  const { source } = draft;
  const room = new EventRoom();
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
    chat: draft.chat === null ? undefined : chatToWire(draft.chat, room),
    payload: payloadToWire(draft.payload, room),
  };
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

const ARRIVAL_CLASSES: Readonly<Record<ArrivalClass, WireArrivalClass>> = {
  live: WireArrivalClass.LIVE,
  "catch-up": WireArrivalClass.CATCH_UP,
  backfill: WireArrivalClass.BACKFILL,
};
