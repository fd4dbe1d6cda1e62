import {
  ChatStyle,
  Direction,
  type Event,
  type Message,
  type ArrivalClass as WireArrivalClass,
  ArrivalClass as WireArrivalClasses,
} from "@imesh/contracts/bridge/v1/event";
import type { ArrivalClass } from "@imesh/imessage-model";
import {
  type EventPayload,
  type JournalEvent,
  type JournalMessage,
  type MessageOddity,
  TEXT_LENGTH_MAX,
} from "../event/event.ts";

/** mac-bridge sent what its contract rules out; the stream is opened again. Holds no text and no handle. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** A journal id as part of a request_id: printable ASCII, as long as a UUID and a little more. */
const JOURNAL_ID = /^[!-~]{1,40}$/;

/** What SQLite and a request_id can hold of a uint64. */
const SEQUENCE_MAX = 2n ** 63n - 1n;

const NS_PER_SECOND = 1_000_000_000n;

/** The event as the agent sees it. Throws ProtocolError for positions that are none. */
export function journalEventOf(event: Event, receivedUnixNs: bigint): JournalEvent {
  checkPosition(event.journalId, event.sequence);
  const journaled = event.hopTimes?.journaledTime;
  return {
    journalId: event.journalId,
    sequence: event.sequence,
    arrivalClass: arrivalClassOf(event.arrivalClass),
    traceparent: event.traceparent === "" ? null : event.traceparent,
    journaledUnixNs:
      journaled === undefined ? null : journaled.seconds * NS_PER_SECOND + BigInt(journaled.nanos),
    receivedUnixNs,
    payload: payloadOf(event),
  };
}

/** Throws ProtocolError unless journal and sequence can be a position. */
export function checkPosition(journalId: string, sequence: bigint): void {
  if (!JOURNAL_ID.test(journalId))
    throw new ProtocolError("Cannot use journal id (1 to 40 printable characters)");
  if (sequence < 0n || sequence > SEQUENCE_MAX) {
    throw new ProtocolError(`Cannot use sequence: ${sequence} (0..${SEQUENCE_MAX})`);
  }
}

function payloadOf(event: Event): EventPayload {
  const { payload } = event;
  switch (payload?.$case) {
    case "message":
      return { kind: "message", message: messageOf(event, payload.value) };
    case "edit":
      return amendmentOf(event, payload.value.message?.guid ?? "", payload.value.message);
    case "unsend":
      return amendmentOf(event, payload.value.guid, payload.value.message);
    default:
      return { kind: "other", what: payload?.$case ?? "unknown" };
  }
}

/** `left` is the message as it is now; nothing when it was taken back as a whole. */
function amendmentOf(event: Event, messageGuid: string, left: Message | undefined): EventPayload {
  const text = left === undefined ? "" : wordsOf(left);
  return { kind: "amendment", amendment: { chatGuid: chatGuidOf(event), messageGuid, text } };
}

function chatGuidOf(event: Event): string | null {
  return event.chat?.guid || null;
}

function messageOf(event: Event, message: Message): JournalMessage {
  return {
    chatGuid: chatGuidOf(event),
    chatStyle: chatStyleOf(event),
    messageGuid: message.guid,
    direction: directionOf(message),
    hasSender: message.sender !== undefined,
    text: wordsOf(message),
    requestId: message.requestId,
    oddity: oddityOf(message),
  };
}

/** The text; of a voice message without one what was said in it, where Messages has transcribed it. */
function wordsOf({ text, isAudio, attachments }: Message): string {
  const spoken = attachments.map(({ transcript }) => transcript).filter((transcript) => transcript !== "");
  const words = text === "" && isAudio ? spoken.join("\n") : text;
  // toWellFormed(): a cut may leave half a surrogate pair, which no store and no API takes.
  return words.slice(0, TEXT_LENGTH_MAX).toWellFormed();
}

function oddityOf({ isSpam, isAutoReply, textReaction }: Message): MessageOddity | null {
  if (isSpam) return "spam";
  if (isAutoReply) return "auto-reply";
  return textReaction === undefined ? null : "text-reaction";
}

function chatStyleOf(event: Event): JournalMessage["chatStyle"] {
  switch (event.chat?.style) {
    case ChatStyle.DIRECT:
      return "direct";
    case ChatStyle.GROUP:
      return "group";
    default:
      return "unknown";
  }
}

function directionOf(message: Message): JournalMessage["direction"] {
  switch (message.direction) {
    case Direction.INCOMING:
      return "incoming";
    case Direction.OWN:
      return "own";
    default:
      return "unknown";
  }
}

function arrivalClassOf(arrivalClass: WireArrivalClass): ArrivalClass | null {
  switch (arrivalClass) {
    case WireArrivalClasses.LIVE:
      return "live";
    case WireArrivalClasses.CATCH_UP:
      return "catch-up";
    case WireArrivalClasses.BACKFILL:
      return "backfill";
    default:
      return null;
  }
}
