import {
  DetectedKind,
  type Entity,
  type Part,
  PartKind,
  TextStyle,
} from "@imesh/contracts/bridge/v1/content";
import type { Message, Mention as WireMention } from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import {
  ATTACHMENTS_MAX,
  type BodyEntity,
  type BodyPart,
  ENTITIES_MAX,
  MENTIONS_MAX,
  type Mention,
  PARTS_MAX,
  TEXT_UNITS_MAX,
} from "@imesh/imessage-codec";
import type { MessageFacts } from "../journal/event-payload.ts";
import { attachmentToWire } from "./attachment-wire.ts";
import { balloonToWire } from "./balloon-wire.ts";
import { chatToWire } from "./chat-wire.ts";
import type { EventRoom } from "./event-room.ts";
import { URL_UNITS_MAX } from "./link-wire.ts";
import { authorToWire } from "./person-wire.ts";
import { textReactionToWire } from "./reaction-wire.ts";
import { optionalPartIndexOf, partIndexesOf } from "./wire-number.ts";

/** What people write as a subject is a line. */
const SUBJECT_UNITS_MAX = 16_384;

/** Messages itself puts a row into one chat or two. */
const OTHER_CHATS_MAX = 64;

/** A message as the wire has it. Its text is whole; of what else it holds, what matters most comes first in the room. */
export function messageToWire(message: MessageFacts, room: EventRoom): Message {
  const isTextEmpty = message.text === "";
  return {
    guid: room.id(message.guid),
    ...authorToWire(message, room),
    text: message.text.slice(0, TEXT_UNITS_MAX).toWellFormed(),
    service: room.id(message.service),
    replyToGuid: room.id(message.reply?.originatorGuid ?? null),
    replyToPart: optionalPartIndexOf(message.reply?.part ?? null),
    associatedGuid: room.id(message.associatedGuid),
    effectId: room.id(message.effectId),
    requestId: message.requestId,
    edited: message.isEdited,
    isAudio: message.isAudio,
    ownAddress: room.id(message.ownAddress),
    isDowngraded: message.isDowngraded,
    isAutoReply: message.isAutoReply,
    isSpam: message.isSpam,
    bodyFault: message.bodyFault?.code ?? "",
    unsentParts: partIndexesOf(message.unsentParts),
    otherChats: room.list(message.otherChats, OTHER_CHATS_MAX, (chat) => chatToWire(chat, room)),
    subject: room.text(message.subject, SUBJECT_UNITS_MAX),
    balloon: message.balloon === null ? undefined : balloonToWire(message.balloon, room),
    attachments: room.list(message.attachments, ATTACHMENTS_MAX, (each) => attachmentToWire(each, room)),
    attachmentGuids: room.list(message.attachmentGuids, ATTACHMENTS_MAX, (guid) => room.id(guid)),
    parts: room.list(message.parts, PARTS_MAX, (part) => partToWire(part, isTextEmpty, room)),
    mentions: room.list(message.mentions, MENTIONS_MAX, (mention) => mentionToWire(mention, room)),
    entities: room.list(message.entities, ENTITIES_MAX, (entity) => entityToWire(entity, room)),
    textReaction: message.textReaction === null ? undefined : textReactionToWire(message.textReaction, room),
  };
}

function mentionToWire({ start, length, handle }: Mention, room: EventRoom): WireMention {
  return { start, length, address: room.id(handle) };
}

/** Where the text is empty, the ranges of its parts mean nothing. */
function partToWire(part: BodyPart, isTextEmpty: boolean, room: EventRoom): Part | undefined {
  const index = optionalPartIndexOf(part.index);
  if (index === undefined) return undefined;
  return {
    index,
    start: isTextEmpty ? 0 : part.range.start,
    length: isTextEmpty ? 0 : part.range.length,
    kind: PART_KINDS[part.kind],
    attachmentGuid: part.kind === "attachment" ? room.id(part.attachment.transferGuid) : "",
  };
}

function entityToWire(entity: BodyEntity, room: EventRoom): Entity | undefined {
  const kind = entityKindOf(entity, room);
  return kind === undefined ? undefined : { ...entity.range, kind };
}

/** Undefined for what has no words on the wire, and for what did not fit. */
function entityKindOf(entity: BodyEntity, room: EventRoom): Entity["kind"] {
  switch (entity.kind) {
    case "mention":
      return { $case: "mention", value: room.id(entity.handle) };
    case "link": {
      const value = room.whole(entity.url, URL_UNITS_MAX);
      return value === undefined ? undefined : { $case: "link", value };
    }
    case "style":
      return { $case: "style", value: STYLES[entity.style] };
    case "effect":
      return { $case: "effect", value: entity.effect ?? String(entity.number) };
    case "detected":
      return { $case: "detected", value: DETECTED[entity.what] };
    case "one-time-code":
      return { $case: "oneTimeCode", value: room.id(entity.code) };
    case "attachment":
      return { $case: "attachmentGuid", value: room.id(entity.attachment.transferGuid) };
    case "slot":
    case "writing-direction":
      return undefined;
    default:
      return unreachable(entity);
  }
}

const PART_KINDS: Readonly<Record<BodyPart["kind"], PartKind>> = {
  text: PartKind.TEXT,
  attachment: PartKind.ATTACHMENT,
  plugin: PartKind.BALLOON,
  breadcrumb: PartKind.BREADCRUMB,
};

const STYLES: Readonly<Record<Extract<BodyEntity, { kind: "style" }>["style"], TextStyle>> = {
  bold: TextStyle.BOLD,
  italic: TextStyle.ITALIC,
  underline: TextStyle.UNDERLINE,
  strikethrough: TextStyle.STRIKETHROUGH,
};

const DETECTED: Readonly<Record<Extract<BodyEntity, { kind: "detected" }>["what"], DetectedKind>> = {
  "phone-number": DetectedKind.PHONE_NUMBER,
  address: DetectedKind.ADDRESS,
  "calendar-event": DetectedKind.CALENDAR_EVENT,
  data: DetectedKind.DATA,
};
