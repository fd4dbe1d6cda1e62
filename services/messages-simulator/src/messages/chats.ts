import type { ChatDatabase } from "../mac/chat-database.ts";
import type { StoredChat } from "../mac/chat-tables.ts";
import type { Tables } from "../mac/tables.ts";
import type { Account } from "./account.ts";
import { directChatGuid, groupIdentifier } from "./address.ts";
import { SERVICE } from "./message-rows.ts";
import { seeChat } from "./see.ts";

/** Whom a message comes from or goes to, and where. */
export interface ChatOrder {
  /** Canonical address of the contact. */
  readonly address: string;
  /** Guid of the group, or undefined for the direct chat. */
  readonly groupGuid: string | undefined;
  /** `chat.group_id` if the chat has to be made. */
  readonly groupId: string;
  /** Default: iMessage. A direct chat of another service is a chat of its own with the same identifier. */
  readonly service?: string;
}

/** T1: ROWID of the address's handle, made if it has none. */
export function ensureHandle(database: ChatDatabase, address: string, service = SERVICE): bigint {
  const known = database.tables.chats.findHandle(address, service);
  return known ?? database.save(({ chats }) => chats.insertHandle(address, service));
}

/** T1 and T2: the contact's handle and the chat with the contact in it, each in a save of its own where it is missing. */
export function ensureChat(
  database: ChatDatabase,
  order: ChatOrder,
  account: Account,
): { readonly chat: StoredChat; readonly handleRowid: bigint } {
  const service = order.service ?? SERVICE;
  const handleRowid = ensureHandle(database, order.address, service);
  const guid = order.groupGuid ?? directChatGuid(order.address, service);
  const known = chatOf(database.tables, guid, service);
  if (known === undefined) {
    const identifier =
      order.groupGuid === undefined ? order.address : (groupIdentifier(order.groupGuid) ?? guid);
    const { groupId } = order;
    const chat = insertChat(database, { guid, identifier, service, groupId, handleRowid, account });
    return { chat, handleRowid };
  }
  if (!database.tables.chats.hasParticipant(known.rowid, handleRowid)) {
    database.save((tables) => {
      tables.chats.insertParticipant(known.rowid, handleRowid);
      seeChat(tables, known.rowid, "members");
    });
  }
  return { chat: known, handleRowid };
}

/** The chat of this guid, or the one whose guid was rewritten since: the same identifier under another service. */
export function findChat({ chats }: Tables, guid: string): StoredChat | undefined {
  const known = chats.findChat(guid);
  if (known !== undefined) return known;
  const group = groupIdentifier(guid);
  const [, named, direct] = /^([^;]*);-;(.+)$/.exec(guid) ?? [];
  if (group !== undefined) return chats.findChatLike(group, true, SERVICE);
  return direct === undefined
    ? undefined
    : chats.findChatLike(direct, false, named === undefined || named === "any" ? SERVICE : named);
}

/** As {@link findChat}, but a direct chat of another service is none of this one. */
function chatOf(tables: Tables, guid: string, service: string): StoredChat | undefined {
  const known = findChat(tables, guid);
  return known?.guid === guid || known?.isGroup === true || known?.service === service ? known : undefined;
}

/** Lane of what comes into a chat: the same whatever becomes of the service in its guid. */
export function laneOf(chatGuid: string): string {
  return `in ${chatGuid.slice(chatGuid.indexOf(";", chatGuid.indexOf(";") + 1) + 1)}`;
}

function insertChat(
  database: ChatDatabase,
  chat: {
    guid: string;
    identifier: string;
    service: string;
    groupId: string;
    handleRowid: bigint;
    account: Account;
  },
): StoredChat {
  return database.save((tables) => {
    const inserted = tables.chats.insertChat({
      guid: chat.guid,
      isGroup: groupIdentifier(chat.guid) !== undefined,
      identifier: chat.identifier,
      groupId: chat.groupId,
      displayName: "",
      accountGuid: chat.account.guid,
      accountLogin: chat.account.login,
      accountAddress: chat.account.address,
      participants: [chat.handleRowid],
      service: chat.service,
    });
    seeChat(tables, inserted.rowid, "new");
    return inserted;
  });
}
