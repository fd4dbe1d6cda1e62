/** What is really in chat.db, read by the test itself once everything is quiet. */
import Database from "better-sqlite3";

/** A message as a person sees it. */
export interface TrueMessage {
  readonly rowid: bigint;
  readonly guid: string;
  readonly chatGuid: string;
}

/** Incoming or own messages that are joined to a chat, by ROWID, above `afterRowid`. */
export function messagesIn(chatDbPath: string, isFromMe: boolean, afterRowid = 0n): TrueMessage[] {
  const database = new Database(chatDbPath, { readonly: true, fileMustExist: true });
  try {
    return database
      .prepare<[number, bigint], TrueMessage>(
        `SELECT message.ROWID AS rowid, message.guid AS guid, chat.guid AS chatGuid
         FROM message JOIN chat_message_join ON chat_message_join.message_id = message.ROWID
         JOIN chat ON chat.ROWID = chat_message_join.chat_id
         WHERE message.is_from_me = ? AND message.ROWID > ? ORDER BY message.ROWID`,
      )
      .safeIntegers(true)
      .all(isFromMe ? 1 : 0, afterRowid);
  } finally {
    database.close();
  }
}

/** Largest message ROWID. */
export function headRowidOf(chatDbPath: string): bigint {
  const database = new Database(chatDbPath, { readonly: true, fileMustExist: true });
  try {
    const head = database
      .prepare<[], bigint | null>("SELECT max(ROWID) FROM message")
      .pluck()
      .safeIntegers(true);
    return head.get() ?? 0n;
  } finally {
    database.close();
  }
}
