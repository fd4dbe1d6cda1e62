import { createHash } from "node:crypto";
import { unreachable } from "@imesh/flow";
import type {
  ChatRef,
  DecodedMessage,
  DecodedRow,
  Direction,
  UndecodableMessage,
  UnsupportedKind,
} from "@imesh/imessage-model";
import type { ChatFacts, EventPayload } from "../journal/bridge-event.ts";

/**
 * Longest text of an event, in UTF-16 units. Messages itself ends far below; what is longer was made to hurt, and an event
 * that is larger than a frame (4 MiB) would block its stream for ever.
 */
const TEXT_LENGTH_MAX = 262_144;

/** A body names its mentions by reference, so a small row could ask for an event of any size; no bubble has this many. */
const MENTIONS_MAX = 256;
const ATTACHMENTS_MAX = 256;

/** Whose it is, as far as the row alone does not say. */
export interface RowOwnership {
  readonly direction: Direction;
  /** The command that caused it; empty if none did. */
  readonly requestId: string;
}

/** What a decoded row says as an event. Total (I9); bounded, whatever the row holds. */
export function payloadOfRow(decoded: DecodedRow, ownership: RowOwnership): EventPayload {
  switch (decoded.kind) {
    case "message":
      return decoded.text.length > TEXT_LENGTH_MAX ? tooLong(decoded) : messagePayload(decoded, ownership);
    case "unsupported":
      return {
        kind: "unsupported",
        guid: decoded.guid,
        what: WORDS[decoded.what],
        direction: ownership.direction,
      };
    case "undecodable":
      return undecodablePayload(decoded);
    default:
      return unreachable(decoded);
  }
}

/** The chat that an event names: the first that the row is joined to; null without one. */
export function chatOfRow(chats: readonly ChatRef[]): ChatFacts | null {
  const chat = chats.find(({ guid }) => guid !== "");
  return chat === undefined ? null : chatFactsOf(chat);
}

/** A chat as events name it. */
export function chatFactsOf(chat: ChatRef): ChatFacts {
  return {
    guid: chat.guid,
    style: chat.style,
    identifier: chat.identifier ?? "",
    service: chat.serviceName ?? "",
    displayName: chat.displayName ?? "",
  };
}

function messagePayload(decoded: DecodedMessage, ownership: RowOwnership): EventPayload {
  const { sender } = decoded;
  const isOwn = ownership.direction === "own";
  return {
    kind: "message",
    guid: decoded.guid,
    direction: ownership.direction,
    sender: isOwn || sender === null ? null : { address: sender.address, service: sender.service },
    text: decoded.text,
    subject: (decoded.subject ?? "").slice(0, TEXT_LENGTH_MAX),
    service: decoded.service ?? "",
    replyToGuid: decoded.reply?.originatorGuid ?? "",
    effectId: decoded.effectId ?? "",
    attachmentGuids: decoded.attachmentGuids.slice(0, ATTACHMENTS_MAX),
    mentions: decoded.mentions
      .slice(0, MENTIONS_MAX)
      .map(({ start, length, handle }) => ({ start, length, address: handle })),
    requestId: ownership.requestId,
    isEdited: decoded.isEdited,
  };
}

function undecodablePayload(decoded: UndecodableMessage): EventPayload {
  return {
    kind: "undecodable",
    guid: decoded.guid ?? "",
    reason: decoded.reason,
    bodySha256: decoded.raw === null ? "" : sha256(decoded.raw),
    bodyBytes: decoded.raw?.byteLength ?? 0,
    plainText: (decoded.plainText ?? "").slice(0, TEXT_LENGTH_MAX),
  };
}

function tooLong(decoded: DecodedMessage): EventPayload {
  const bytes = Buffer.from(decoded.text, "utf8");
  return {
    kind: "undecodable",
    guid: decoded.guid,
    reason: "text-too-long",
    bodySha256: sha256(bytes),
    bodyBytes: bytes.byteLength,
    plainText: "",
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The wire has fewer words than the model; what it has none for is the nearest that a person would call it. */
const WORDS: Readonly<Record<UnsupportedKind, string>> = {
  reaction: "reaction",
  sticker: "sticker",
  poll: "poll",
  "poll-vote": "poll",
  app: "app",
  "group-change": "group-change",
  "location-share": "system",
  "message-action": "system",
  call: "system",
  system: "system",
  scheduled: "scheduled",
  unsent: "unsent",
  audio: "audio",
  "attachment-only": "attachment-only",
  empty: "other",
  other: "other",
};
