import { type Message, ReactionKind, type TextReaction } from "@imesh/contracts/bridge/v1/event";
import { chatRecord, senderRecord } from "./chat-record.ts";
import { attachmentRecord, balloonRecord, entityRecord, partRecord } from "./content-record.ts";
import { enumWord } from "./enum-word.ts";
import { directionWord } from "./event-words.ts";
import type { JsonRecord } from "./json-record.ts";

/** A message as `--json` prints it; null for none. */
export function messageRecord(message: Message | undefined): JsonRecord | null {
  if (message === undefined) return null;
  return {
    guid: message.guid,
    direction: directionWord(message.direction),
    sender: senderRecord(message.sender),
    text: message.text,
    subject: message.subject,
    service: message.service,
    replyToGuid: message.replyToGuid,
    replyToPart: message.replyToPart ?? null,
    associatedGuid: message.associatedGuid,
    effectId: message.effectId,
    attachmentGuids: message.attachmentGuids,
    mentions: message.mentions.map(({ start, length, address }) => ({ start, length, address })),
    requestId: message.requestId,
    edited: message.edited,
    parts: message.parts.map(partRecord),
    entities: message.entities.map(entityRecord),
    attachments: message.attachments.map(attachmentRecord),
    balloon: balloonRecord(message.balloon),
    isAudio: message.isAudio,
    ownAddress: message.ownAddress,
    otherChats: message.otherChats.map(chatRecord),
    isDowngraded: message.isDowngraded,
    isAutoReply: message.isAutoReply,
    isSpam: message.isSpam,
    textReaction: textReactionRecord(message.textReaction),
    bodyFault: message.bodyFault,
    unsentParts: message.unsentParts,
  };
}

function textReactionRecord(reaction: TextReaction | undefined): JsonRecord | null {
  return reaction === undefined ? null : { ...reaction, kind: enumWord(ReactionKind, reaction.kind) };
}
