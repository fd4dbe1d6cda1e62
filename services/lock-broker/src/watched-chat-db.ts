import type { WatchedDatabase } from "./capture/log-probe.ts";
import type { PageShapes } from "./capture/page-shapes.ts";
import type { ChangeReader } from "./changes/change-reader.ts";
import type { ChatDb } from "./rows/chat-db.ts";
import { ChatDbError } from "./rows/chat-db-error.ts";
import { MessageRecords } from "./rows/message-record.ts";
import { watchFaultOf } from "./rows/watch-fault.ts";

/** chat.db as the watch asks it. */
export function watchedChatDb(db: ChatDb): WatchedDatabase {
  return {
    isReplaced: () => db.isReplaced(),
    reopen: () => db.reopen(),
    visibleFrames: () => db.visibleFrames(),
    faultOf: watchFaultOf,
  };
}

/** chat.db as changes are looked up in it. */
export function changeReader(db: ChatDb): ChangeReader {
  return {
    read: (work) => db.read(work),
    isUnreadable: (error): error is Error => error instanceof ChatDbError,
  };
}

/** How the pages of the open database are told apart, by its schema as a read transaction sees it now. Throws ChatDbError. */
export function pageShapes(db: ChatDb): PageShapes {
  return db.read(({ reader }) => {
    const { columnCounts, pageSize, usableSize, isAutoVacuum, schemaVersion, roots } = reader.schema;
    const { message, chat, attachment, chat_message_join } = columnCounts;
    return {
      columns: { message, chat, attachment, chat_message_join },
      usableBytes: usableSize ?? pageSize,
      hasPointerMap: isAutoVacuum,
      schemaVersion,
      roots,
      messageRecords: MessageRecords.of(reader.schema),
      messageKeyWidths: reader.schema.messageKeyWidths,
    };
  });
}
