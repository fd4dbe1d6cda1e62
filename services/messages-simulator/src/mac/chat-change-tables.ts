import type { Database, Statement } from "better-sqlite3";

/** A message of a chat, joined or in Recently Deleted. */
export interface MessageOfChat {
  readonly rowid: bigint;
  readonly isRecoverable: boolean;
  /** Whether another chat has it as well. */
  readonly isElsewhere: boolean;
}

/** What happens to chats that are there. Statements only: the transaction around a call is the caller's. */
export class ChatChangeTables {
  readonly #messagesOf: Statement;
  readonly #setName: Statement;
  readonly #setProperties: Statement;
  readonly #setGuid: Statement;
  readonly #setState: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#messagesOf = database.prepare(`
      SELECT message_id AS rowid, 0 AS isRecoverable,
        EXISTS (SELECT 1 FROM chat_message_join o WHERE o.message_id = j.message_id AND o.chat_id <> @chat) AS isElsewhere
      FROM chat_message_join j WHERE chat_id = @chat
      UNION ALL
      SELECT message_id, 1,
        EXISTS (SELECT 1 FROM chat_message_join o WHERE o.message_id = r.message_id AND o.chat_id <> @chat)
      FROM chat_recoverable_message_join r WHERE chat_id = @chat
      ORDER BY 1`);
    this.#setName = database.prepare("UPDATE chat SET display_name = ? WHERE ROWID = ?");
    this.#setProperties = database.prepare("UPDATE chat SET properties = ? WHERE ROWID = ?");
    this.#setGuid = database.prepare("UPDATE chat SET guid = ? WHERE ROWID = ?");
    this.#setState = database.prepare("UPDATE chat SET state = ? WHERE ROWID = ?");
    this.#delete = database.prepare("DELETE FROM chat WHERE ROWID = ?");
  }

  /** Its messages, joined or in Recently Deleted, by ROWID. */
  messagesOf(chatRowid: bigint): readonly MessageOfChat[] {
    const rows = this.#messagesOf.all({ chat: chatRowid }) as {
      rowid: bigint;
      isRecoverable: bigint;
      isElsewhere: bigint;
    }[];
    return rows.map(({ rowid, isRecoverable, isElsewhere }) => ({
      rowid,
      isRecoverable: isRecoverable === 1n,
      isElsewhere: isElsewhere === 1n,
    }));
  }

  /** `display_name`, empty for none. */
  setName(chatRowid: bigint, displayName: string): void {
    this.#setName.run(displayName, chatRowid);
  }

  /** `properties`: a property list. */
  setProperties(chatRowid: bigint, properties: Uint8Array): void {
    this.#setProperties.run(properties, chatRowid);
  }

  /** Another guid; identifier and members stay. */
  setGuid(chatRowid: bigint, guid: string): void {
    this.#setGuid.run(guid, chatRowid);
  }

  /** For good; triggers and foreign keys remove joins, messages that no other chat has, and handles. */
  delete(chatRowid: bigint): void {
    this.#delete.run(chatRowid);
  }

  /** `state`: one of CHAT_STATE. */
  setState(chatRowid: bigint, state: number): void {
    this.#setState.run(state, chatRowid);
  }
}
