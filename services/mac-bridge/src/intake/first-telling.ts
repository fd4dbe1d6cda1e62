import type { Message } from "@imesh/contracts/bridge/v1/event";
import { Event, ArrivalClass as WireArrivalClass } from "@imesh/contracts/bridge/v1/event";
import type { EventDraft } from "../journal/bridge-event.ts";
import type { MessageFacts } from "../journal/event-payload.ts";
import { unixNsOf } from "./broker-frame.ts";

/** How a message stood when subscribers heard of it first. */
export interface FirstTelling {
  /**
   * - untouched: nobody had edited it or taken anything back
   * - touched: somebody had
   * - gone: nothing was left of it
   */
  readonly kind: "untouched" | "touched" | "gone";
  /** Of what is gone, the parts. */
  readonly unsentParts: readonly number[];
  /** Messages itself had brought it late; it may have come as it was told. */
  readonly isBackfill: boolean;
  readonly toldAtUnixNs: bigint | null;
}

/** The reasons under which a row is told for the first time, or for the first time as what it is. */
export const FIRST_REASONS: readonly string[] = ["new", "unjoined", "joined", "corrected"];

/** What an event of this batch tells; null of what is no message. */
export function firstTellingOf({ payload, arrivalClass, hopTimes }: EventDraft): FirstTelling | null {
  const isBackfill = arrivalClass === "backfill";
  const rest = { unsentParts: [], isBackfill, toldAtUnixNs: hopTimes.receivedUnixNs };
  switch (payload.kind) {
    case "message":
      return { ...rest, kind: kindOfFacts(payload) };
    case "scheduled-message":
      return payload.message === null ? null : { ...rest, kind: kindOfFacts(payload.message) };
    case "unsend":
      return payload.isWhole ? { ...rest, kind: "gone", unsentParts: payload.parts } : null;
    default:
      return null;
  }
}

/** What an event of the journal told; null of what is no message. */
export function firstTellingIn(bytes: Uint8Array): FirstTelling | null {
  const { payload, arrivalClass, hopTimes } = Event.decode(bytes);
  const isBackfill = arrivalClass === WireArrivalClass.BACKFILL;
  const rest = { unsentParts: [], isBackfill, toldAtUnixNs: unixNsOf(hopTimes?.receivedTime) };
  switch (payload?.$case) {
    case "message":
      return { ...rest, kind: kindOfWire(payload.value) };
    case "scheduledMessage":
      return payload.value.message === undefined
        ? null
        : { ...rest, kind: kindOfWire(payload.value.message) };
    case "unsend":
      return payload.value.isWhole ? { ...rest, kind: "gone", unsentParts: payload.value.parts } : null;
    default:
      return null;
  }
}

function kindOfFacts({ isEdited, unsentParts }: MessageFacts): FirstTelling["kind"] {
  return isEdited || unsentParts.length > 0 ? "touched" : "untouched";
}

function kindOfWire({ edited, unsentParts }: Message): FirstTelling["kind"] {
  return edited || unsentParts.length > 0 ? "touched" : "untouched";
}
