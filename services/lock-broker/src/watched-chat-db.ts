import type { WatchedDatabase } from "./capture/log-probe.ts";
import type { PageShapes } from "./capture/page-shapes.ts";
import type { ChangeReader } from "./changes/change-reader.ts";
import type { WatchFaultCode } from "./commits/commits.ts";
import type { ChatDb } from "./rows/chat-db.ts";
import { ChatDbError, type ChatDbFault } from "./rows/chat-db-error.ts";
import { MessageRecords } from "./rows/message-record.ts";

const WATCH_FAULTS: Readonly<Record<ChatDbFault, WatchFaultCode>> = {
  "not-found": "not-found",
  "no-permission": "no-permission",
  "cannot-open": "cannot-open",
  "not-a-database": "not-a-database",
  corrupt: "not-a-database",
  "io-error": "io",
  "wrong-schema": "wrong-schema",
  busy: "busy",
  "busy-recovery": "busy",
  locked: "busy",
  moved: "busy",
  failed: "failed",
};

/** chat.db as the watch asks it. */
export function watchedChatDb(db: ChatDb): WatchedDatabase {
  return {
    isReplaced: () => db.isReplaced(),
    reopen: () => db.reopen(),
    visibleFrames: () => db.visibleFrames(),
    faultOf: (error) =>
      error instanceof ChatDbError
        ? { code: WATCH_FAULTS[error.code], source: "database", error }
        : undefined,
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
