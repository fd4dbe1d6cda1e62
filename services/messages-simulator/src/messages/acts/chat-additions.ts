import { seeMessage } from "../see.ts";
import { type ActPorts, demand, seenMessage, type TouchedMessages } from "./act.ts";
import { namedChat } from "./people.ts";
import type { AddToChatAct } from "./shapes.ts";

/** A message is in one chat more, as after two chats of a contact were told apart. */
export function addToChat(order: AddToChatAct, { writer }: ActPorts): TouchedMessages {
  const { database } = writer;
  const message = seenMessage(database.tables, order.rowid);
  const chat = namedChat(database.tables, order.chatGuid);
  const chats = database.tables.changes.chatsOf(order.rowid);
  demand(!chats.some(({ rowid }) => rowid === chat.rowid), "the message is in that chat already");
  const isAlike = database.tables.chats.findChat(message.chat.guid)?.isGroup === chat.isGroup;
  demand(isAlike, "what was said in a group is not in a direct chat");
  database.save((tables) => {
    tables.messages.join(chat.rowid, message.rowid, message.date);
    seeMessage(tables, message.rowid, "chats");
  });
  return [message.rowid];
}
