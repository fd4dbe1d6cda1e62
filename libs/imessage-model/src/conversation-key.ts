import { type ChatStyle, chatGuidTextParts } from "./chat-guid.ts";
import type { ChatRef } from "./message-row.ts";
import { personKeyOf } from "./person-key.ts";

/**
 * What is the same for the several chats of one conversation: `direct:<personKeyOf(the other's address)>` over all services, or
 * `group:<group_id, else room_name, else identifier>` over all re-creations. Where the database holds none of these, the chat's guid
 * stands in for them. A chat of unknown style is a group: that can split a conversation, and never puts a group's words before one
 * person. Total. Personal data: never logged.
 */
export function conversationKeyOf(chat: ChatRef): string {
  const parts = chatGuidTextParts(chat.guid);
  const identifier = chat.identifier || parts?.identifier || chat.guid;
  if (styleOf(chat, parts?.style) === "direct") {
    return `direct:${personKeyOf(identifier)}`;
  }
  return `group:${chat.groupId || chat.roomName || identifier}`;
}

function styleOf(chat: ChatRef, styleOfGuid: ChatStyle = "unknown"): ChatStyle {
  return chat.style === "unknown" ? styleOfGuid : chat.style;
}
