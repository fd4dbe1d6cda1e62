import type { Database } from "better-sqlite3";
import type { Truth } from "../truth/truth.ts";
import { AttachmentTables } from "./attachment-tables.ts";
import { CastTables } from "./cast-tables.ts";
import { ChatChangeTables } from "./chat-change-tables.ts";
import { ChatTables } from "./chat-tables.ts";
import { LookTables } from "./look-tables.ts";
import { MessageChangeTables } from "./message-change-tables.ts";
import { MessageTables } from "./message-tables.ts";
import { UpkeepTables } from "./upkeep-tables.ts";

/** All tables, to read and to write, and the log of what a person sees change. */
export interface Tables {
  readonly chats: ChatTables;
  /** What happens to chats that are there. */
  readonly chatChanges: ChatChangeTables;
  readonly messages: MessageTables;
  /** What happens to messages that are there. */
  readonly changes: MessageChangeTables;
  readonly attachments: AttachmentTables;
  /** What Apple writes for itself. */
  readonly upkeep: UpkeepTables;
  /** Who and what is there to act on. */
  readonly cast: CastTables;
  /** What can be seen of a row. */
  readonly looks: LookTables;
  /** Recorded into only within `ChatDatabase.save`: kept when its transaction commits, and only then. */
  readonly truth: Truth;
}

/** The tables of one connection; their statements end with it. */
export function makeTables(database: Database, truth: Truth): Tables {
  return {
    chats: new ChatTables(database),
    chatChanges: new ChatChangeTables(database),
    messages: new MessageTables(database),
    changes: new MessageChangeTables(database),
    attachments: new AttachmentTables(database),
    upkeep: new UpkeepTables(database),
    cast: new CastTables(database),
    looks: new LookTables(database),
    truth,
  };
}
