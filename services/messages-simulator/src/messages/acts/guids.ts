import { readEntries, writeEntries } from "../../mac/property-lists.ts";
import { directAddress, groupIdentifier } from "../address.ts";
import { OrderRefusedError } from "../say-order.ts";
import { seeChat, seeMessage } from "../see.ts";
import { type ActPorts, demand, seenMessage, type TouchedMessages } from "./act.ts";
import { namedChat } from "./people.ts";
import { withFormerGuid } from "./summary-info.ts";

/** A chat's guid is rewritten; identifier and members stay, so its next message finds it again. */
export function rewriteChatGuid(
  order: { chatGuid: string; newChatGuid: string },
  { writer }: ActPorts,
): TouchedMessages {
  const { tables } = writer.database;
  const { newChatGuid } = order;
  const isGroup = groupIdentifier(newChatGuid) !== undefined;
  if (!isGroup && directAddress(newChatGuid) === undefined) {
    throw new OrderRefusedError("new_chat_guid", "must be the guid of a chat with a contact or a group");
  }
  const chat = namedChat(tables, order.chatGuid);
  demand(chat.isGroup === isGroup, "a group stays a group and a direct chat one");
  demand(tables.chats.findChat(newChatGuid) === undefined, "a chat has that guid already");
  writer.database.save((all) => {
    all.chatChanges.setGuid(chat.rowid, newChatGuid);
    seeChat(all, chat.rowid, "guid");
  });
  return [];
}

/** A message's guid is rewritten; `orgid` of its summary info keeps the first one (docs/chat-db.md §4). */
export function rewriteMessageGuid(
  { rowid }: { rowid: bigint },
  { writer, random }: ActPorts,
): TouchedMessages {
  const message = seenMessage(writer.database.tables, rowid);
  const info = withFormerGuid(readEntries(message.summaryInfo), message.guid);
  const guid = random.uuid().toUpperCase();
  writer.database.save((tables) => {
    tables.changes.setGuid(rowid, guid, writeEntries(info));
    seeMessage(tables, rowid, "guid");
  });
  return [rowid];
}
