import type { Chat, Sender } from "@imesh/contracts/bridge/v1/event";
import { chatStyleWord } from "./event-words.ts";
import type { JsonRecord } from "./json-record.ts";

/** A chat as `--json` prints it. */
export function chatRecord(chat: Chat): JsonRecord {
  return {
    guid: chat.guid,
    style: chatStyleWord(chat.style),
    identifier: chat.identifier,
    service: chat.service,
    displayName: chat.displayName,
    conversationKey: chat.conversationKey,
  };
}

/** A person's address as `--json` prints it; null for nobody. */
export function senderRecord(sender: Sender | undefined): JsonRecord | null {
  if (sender === undefined) return null;
  return {
    address: sender.address,
    service: sender.service,
    personKey: sender.personKey,
    contactId: sender.contactId,
    country: sender.country,
  };
}
