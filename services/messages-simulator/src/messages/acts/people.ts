import type { ChatFacts } from "../../mac/chat-tables.ts";
import type { Tables } from "../../mac/tables.ts";
import type { Account } from "../account.ts";
import { canonicalAddress } from "../address.ts";
import { OrderRefusedError } from "../say-order.ts";
import { demand, NotThereError } from "./act.ts";

/** Who does something: this account, or a contact with a handle. */
export interface Actor {
  readonly isOwn: boolean;
  /** 0n for this account. */
  readonly handleRowid: bigint;
}

/** A contact's canonical address. Throws OrderRefusedError for what is none and for the own one. */
export function contactAddress(text: string, field: string, account: Account): string {
  const address = canonicalAddress(text);
  if (address === undefined) throw new OrderRefusedError(field, "must be E.164 or a mail address");
  if (address === account.address) throw new OrderRefusedError(field, "must not be the own account");
  return address;
}

/** Who acts in a chat: a member of it, or for an empty `from` this account. */
export function actorIn({ chats }: Tables, chatRowid: bigint, from: string, account: Account): Actor {
  if (from === "") return { isOwn: true, handleRowid: 0n };
  const handleRowid = chats.participant(chatRowid, contactAddress(from, "from", account));
  demand(handleRowid !== undefined, "the contact is not in the chat");
  return { isOwn: false, handleRowid };
}

/** The chat of exactly this guid. */
export function namedChat({ chats }: Tables, chatGuid: string): ChatFacts {
  if (chatGuid === "") throw new OrderRefusedError("chat_guid", "must not be empty");
  const chat = chats.facts(chatGuid);
  if (chat === undefined) throw new NotThereError("chat");
  return chat;
}

/** As {@link namedChat}, and a group. */
export function namedGroup(tables: Tables, chatGuid: string): ChatFacts {
  const chat = namedChat(tables, chatGuid);
  demand(chat.isGroup, "the chat is no group");
  return chat;
}
