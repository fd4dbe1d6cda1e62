import { type Chat, type ChatUpdate, ChatUpdateReason } from "@imesh/contracts/bridge/v1/event";
import { CHAT_STYLES } from "../intake/wire-words.ts";
import type { ChatFacts, ChatUpdateFacts } from "../journal/event-payload.ts";
import type { EventRoom } from "./event-room.ts";
import { personToWire } from "./person-wire.ts";

/** Longest name of a chat in UTF-16 units; the rest is cut off. */
const NAME_UNITS_MAX = 1_024;

/** No group has so many people. */
export const PARTICIPANTS_MAX = 1_024;

/** A chat as events and listings name it. */
export function chatToWire(chat: ChatFacts, room: EventRoom): Chat {
  return {
    guid: room.id(chat.guid),
    style: CHAT_STYLES[chat.style],
    identifier: room.id(chat.identifier),
    service: room.id(chat.service),
    displayName: room.text(chat.displayName, NAME_UNITS_MAX),
    conversationKey: room.id(chat.conversationKey),
  };
}

/** What changed about a chat. */
export function chatUpdateToWire(update: ChatUpdateFacts, room: EventRoom): ChatUpdate {
  return {
    reason: REASONS[update.reason],
    photoGuid: room.id(update.photoGuid),
    backgroundId: room.id(update.backgroundId),
    isMuted: update.isMuted,
    isArchived: update.isArchived,
    isJoined: update.isJoined,
    isFiltered: update.isFiltered,
    participants: room.list(update.participants, PARTICIPANTS_MAX, (person) => personToWire(person, room)),
  };
}

const REASONS: Readonly<Record<ChatUpdateFacts["reason"], ChatUpdateReason>> = {
  name: ChatUpdateReason.NAME,
  members: ChatUpdateReason.MEMBERS,
  guid: ChatUpdateReason.GUID,
  properties: ChatUpdateReason.PROPERTIES,
  state: ChatUpdateReason.STATE,
  deleted: ChatUpdateReason.DELETED,
  other: ChatUpdateReason.UNSPECIFIED,
};
