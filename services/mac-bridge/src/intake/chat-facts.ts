import { type ChatRef, conversationKeyOf } from "@imesh/imessage-model";
import type { ChatFacts } from "../journal/event-payload.ts";

/** The chat that an event names: the first that the row is joined to; null without one. */
export function chatOfRow(chats: readonly ChatRef[]): ChatFacts | null {
  const chat = namedChats(chats)[0];
  return chat === undefined ? null : chatFactsOf(chat);
}

/** The chats that a row is joined to besides the one that its event names. */
export function otherChatsOfRow(chats: readonly ChatRef[]): readonly ChatFacts[] {
  return namedChats(chats).slice(1).map(chatFactsOf);
}

/** A chat as events name it. */
export function chatFactsOf(chat: ChatRef): ChatFacts {
  const key = conversationKeyOf(chat);
  return {
    guid: chat.guid,
    style: chat.style,
    identifier: chat.identifier ?? "",
    service: chat.serviceName ?? "",
    displayName: chat.displayName ?? "",
    conversationKey: key.startsWith("group:") && isNameless(chat) ? "" : key,
  };
}

function namedChats(chats: readonly ChatRef[]): readonly ChatRef[] {
  return chats.filter(({ guid }) => guid !== "");
}

/** Of a chat that is gone nothing is left but its guid, which does not tell what a group is called. */
function isNameless({ identifier, groupId, roomName }: ChatRef): boolean {
  return [identifier, groupId, roomName].every((name) => name === null || name === "");
}
