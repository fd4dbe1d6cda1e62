import type { ChatDatabase, StoredChat, Tables } from "../mac/mac.ts";
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
}

/** T1: ROWID of the address's handle, made if it has none. */
export function ensureHandle(database: ChatDatabase, address: string): bigint {
  const known = database.tables.chats.findHandle(address, SERVICE);
  return known ?? database.save(({ chats }) => chats.insertHandle(address, SERVICE));
}

/** T1 and T2: the contact's handle and the chat with the contact in it, each in a save of its own where it is missing. */
export function ensureChat(
  database: ChatDatabase,
  order: ChatOrder,
  account: Account,
): { readonly chat: StoredChat; readonly handleRowid: bigint } {
  const handleRowid = ensureHandle(database, order.address);
  const guid = order.groupGuid ?? directChatGuid(order.address);
  const known = findChat(database.tables, guid);
  if (known === undefined) {
    const identifier =
      order.groupGuid === undefined ? order.address : (groupIdentifier(order.groupGuid) ?? guid);
    const chat = insertChat(database, { guid, identifier, groupId: order.groupId, handleRowid, account });
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
  const [, direct] = /^[^;]*;-;(.+)$/.exec(guid) ?? [];
  if (group !== undefined) return chats.findChatLike(group, true);
  return direct === undefined ? undefined : chats.findChatLike(direct, false);
}

/** Lane of what comes into a chat: the same whatever becomes of the service in its guid. */
export function laneOf(chatGuid: string): string {
  return `in ${chatGuid.slice(chatGuid.indexOf(";", chatGuid.indexOf(";") + 1) + 1)}`;
}

function insertChat(
  database: ChatDatabase,
  chat: { guid: string; identifier: string; groupId: string; handleRowid: bigint; account: Account },
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
    });
    seeChat(tables, inserted.rowid, "new");
    return inserted;
  });
}
