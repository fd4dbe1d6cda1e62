import type { Tables } from "../../mac/tables.ts";
import { seeAttachment, seeChat, seeMessage } from "../see.ts";
import { type ActPorts, appleNow, demand, NotThereError, seenMessage, type TouchedMessages } from "./act.ts";
import { namedChat } from "./people.ts";

/** To Recently Deleted, in one save (docs/chat-db.md §12). */
export function recentlyDelete({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  seenMessage(ports.writer.database.tables, rowid);
  const date = appleNow(ports);
  ports.writer.database.save((tables) => {
    tables.changes.moveToRecentlyDeleted(rowid, date);
    seeMessage(tables, rowid, "recently-deleted");
  });
  return [rowid];
}

/** Back from Recently Deleted, in one save. */
export function recover({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  const { changes } = ports.writer.database.tables;
  if (changes.facts(rowid) === undefined) throw new NotThereError("message");
  const isRecoverable = changes.chatsOf(rowid).some((chat) => chat.isRecoverable);
  demand(isRecoverable, "the message is not in Recently Deleted");
  const date = appleNow(ports);
  ports.writer.database.save((tables) => {
    tables.changes.recover(rowid, date);
    seeMessage(tables, rowid, "recovered");
  });
  return [rowid];
}

/** For good, from its chat or from Recently Deleted; its attachments go with it, rows in the same save, files after it. */
export function hardDelete({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  const { database } = ports.writer;
  if (database.tables.changes.facts(rowid) === undefined) throw new NotThereError("message");
  demand(database.tables.changes.chatsOf(rowid).length > 0, "the message is in no chat yet");
  deleteRows([rowid], ports, (tables) => tables.changes.delete(rowid));
  return [rowid];
}

/** A chat goes for good with every message that no other chat has, in one save: triggers do the rest. */
export function deleteChat({ chatGuid }: { chatGuid: string }, ports: ActPorts): TouchedMessages {
  const { database } = ports.writer;
  const chat = namedChat(database.tables, chatGuid);
  const messages = database.tables.chatChanges.messagesOf(chat.rowid);
  const gone = messages.filter(({ isElsewhere }) => !isElsewhere).map(({ rowid }) => rowid);
  const kept = messages.filter(({ isElsewhere, isRecoverable }) => isElsewhere && !isRecoverable);
  deleteRows(gone, ports, (tables) => {
    tables.chatChanges.delete(chat.rowid);
    for (const { rowid } of kept) seeMessage(tables, rowid, "chats");
    seeChat(tables, chat.rowid, "deleted");
  });
  return [...gone, ...kept.map(({ rowid }) => rowid)];
}

/** One save in which `work` makes the messages disappear, with the attachments that only they have. */
export function deleteRows(
  messages: readonly bigint[],
  { writer, files }: ActPorts,
  work: (tables: Tables) => void,
): void {
  const { attachments } = writer.database.tables;
  const goners = new Set(messages);
  const gone = messages
    .flatMap((rowid) => attachments.ofMessage(rowid))
    .filter(({ rowid }) => attachments.messagesOf(rowid).every((message) => goners.has(message)));
  writer.database.save((tables) => {
    work(tables);
    for (const rowid of messages) seeMessage(tables, rowid, "deleted");
    for (const { rowid } of gone) seeAttachment(tables, rowid, "deleted");
  });
  // What Apple's delete_attachment_path() does within the transaction.
  for (const { filename } of gone) if (filename !== null) files.remove(filename);
}
