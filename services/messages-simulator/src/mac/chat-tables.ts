import type { Database, Statement } from "better-sqlite3";

/** A chat as far as the simulator needs it. */
export interface StoredChat {
  readonly rowid: bigint;
  readonly guid: string;
  readonly isGroup: boolean;
}

/** A chat to insert. */
export interface NewChat {
  readonly guid: string;
  readonly isGroup: boolean;
  /** The peer's address, or `chat<digits>` of a group. */
  readonly identifier: string;
  /** Upper-case UUID. */
  readonly groupId: string;
  readonly displayName: string;
  readonly accountGuid: string;
  /** `P:<number>` or `E:<mail>`. */
  readonly accountLogin: string;
  /** Own address. */
  readonly accountAddress: string;
  readonly participants: readonly bigint[];
}

/** A chat as an action has to know it. */
export interface ChatFacts extends StoredChat {
  /** `chat<digits>` of a group, the peer's address otherwise. */
  readonly identifier: string;
  /** Empty without one. */
  readonly displayName: string;
  readonly properties: Uint8Array | null;
}

/** A message of a chat, joined or in Recently Deleted. */
export interface MessageOfChat {
  readonly rowid: bigint;
  readonly isRecoverable: boolean;
  /** Whether another chat has it as well. */
  readonly isElsewhere: boolean;
}

/** ASCII codes of the signs in a chat's guid. */
const STYLE_GROUP = 43;
const STYLE_DIRECT = 45;

/** Not archived, not left: the state of every chat one can write in. */
const STATE_JOINED = 3;

const SERVICE = "iMessage";

/** Handles, chats and who is in them. Statements only: the transaction around a call is the caller's. */
export class ChatTables {
  readonly #findHandle: Statement;
  readonly #insertHandle: Statement;
  readonly #findChat: Statement;
  readonly #insertChat: Statement;
  readonly #hasParticipant: Statement;
  readonly #insertParticipant: Statement;
  readonly #insertLookup: Statement;
  readonly #touch: Statement;
  readonly #guids: Statement;
  readonly #likeChat: Statement;
  readonly #facts: Statement;
  readonly #messagesOf: Statement;
  readonly #removeParticipant: Statement;
  readonly #setName: Statement;
  readonly #setProperties: Statement;
  readonly #setGuid: Statement;
  readonly #delete: Statement;
  readonly #count: Statement;

  constructor(database: Database) {
    this.#findHandle = database.prepare("SELECT ROWID FROM handle WHERE id = ? AND service = ?").pluck();
    this.#insertHandle = database.prepare(
      "INSERT INTO handle (id, country, service, uncanonicalized_id) VALUES (?, ?, ?, ?)",
    );
    this.#findChat = database.prepare("SELECT ROWID AS rowid, guid, style FROM chat WHERE guid = ?");
    this.#insertChat = database.prepare(`
      INSERT INTO chat (guid, style, state, account_id, chat_identifier, service_name, room_name, account_login,
                        last_addressed_handle, display_name, group_id, original_group_id, is_filtered, successful_query)
      VALUES (@guid, @style, ${STATE_JOINED}, @accountGuid, @identifier, '${SERVICE}', @roomName, @accountLogin,
              @accountAddress, @displayName, @groupId, @groupId, 0, 1)`);
    this.#hasParticipant = database.prepare(
      "SELECT 1 FROM chat_handle_join WHERE chat_id = ? AND handle_id = ?",
    );
    this.#insertParticipant = database.prepare(
      "INSERT INTO chat_handle_join (chat_id, handle_id) VALUES (?, ?)",
    );
    this.#insertLookup = database.prepare(
      "INSERT INTO chat_lookup (identifier, domain, chat, priority) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING",
    );
    this.#touch = database.prepare(`
      UPDATE chat SET last_addressed_handle = ?, successful_query = 1,
                      last_read_message_timestamp = max(last_read_message_timestamp, ?)
      WHERE ROWID = ?`);
    this.#likeChat = database
      .prepare("SELECT guid FROM chat WHERE chat_identifier = ? AND style = ? ORDER BY ROWID LIMIT 1")
      .pluck();
    this.#facts = database.prepare(`
      SELECT ROWID AS rowid, guid, style, chat_identifier AS identifier, coalesce(display_name, '') AS displayName, properties
      FROM chat WHERE guid = ?`);
    this.#messagesOf = database.prepare(`
      SELECT message_id AS rowid, 0 AS isRecoverable,
        EXISTS (SELECT 1 FROM chat_message_join o WHERE o.message_id = j.message_id AND o.chat_id <> @chat) AS isElsewhere
      FROM chat_message_join j WHERE chat_id = @chat
      UNION ALL
      SELECT message_id, 1,
        EXISTS (SELECT 1 FROM chat_message_join o WHERE o.message_id = r.message_id AND o.chat_id <> @chat)
      FROM chat_recoverable_message_join r WHERE chat_id = @chat
      ORDER BY 1`);
    this.#removeParticipant = database.prepare(
      "DELETE FROM chat_handle_join WHERE chat_id = ? AND handle_id = ?",
    );
    this.#setName = database.prepare("UPDATE chat SET display_name = ? WHERE ROWID = ?");
    this.#setProperties = database.prepare("UPDATE chat SET properties = ? WHERE ROWID = ?");
    this.#setGuid = database.prepare("UPDATE chat SET guid = ? WHERE ROWID = ?");
    this.#delete = database.prepare("DELETE FROM chat WHERE ROWID = ?");
    this.#guids = database.prepare("SELECT guid FROM chat ORDER BY ROWID").pluck();
    this.#count = database.prepare("SELECT count(*) FROM chat").pluck();
  }

  /** ROWID of the handle of an address on a service. */
  findHandle(address: string, service: string): bigint | undefined {
    return this.#findHandle.get(address, service) as bigint | undefined;
  }

  /** Inserts a handle; the address is canonical and the service has no handle of it yet. */
  insertHandle(address: string, service: string): bigint {
    const country = address.startsWith("+1") ? "us" : null;
    return BigInt(this.#insertHandle.run(address, country, service, address).lastInsertRowid);
  }

  /** The chat of exactly this guid. */
  findChat(guid: string): StoredChat | undefined {
    const row = this.#findChat.get(guid) as { rowid: bigint; guid: string; style: bigint } | undefined;
    return row && { rowid: row.rowid, guid: row.guid, isGroup: row.style === BigInt(STYLE_GROUP) };
  }

  /** The oldest chat of this identifier and style, whatever service its guid names. */
  findChatLike(identifier: string, isGroup: boolean): StoredChat | undefined {
    const guid = this.#likeChat.get(identifier, isGroup ? STYLE_GROUP : STYLE_DIRECT) as string | undefined;
    return guid === undefined ? undefined : this.findChat(guid);
  }

  /** The chat of exactly this guid, with what actions need. */
  facts(guid: string): ChatFacts | undefined {
    const row = this.#facts.get(guid) as (Omit<ChatFacts, "isGroup"> & { style: bigint }) | undefined;
    if (row === undefined) return undefined;
    const { style, ...facts } = row;
    return { ...facts, isGroup: style === BigInt(STYLE_GROUP) };
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

  /** A member goes; a trigger removes the handle when nothing refers to it any more. */
  removeParticipant(chatRowid: bigint, handleRowid: bigint): void {
    this.#removeParticipant.run(chatRowid, handleRowid);
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

  /**
   * Inserts a chat with its members and its chat_lookup row. What Apple writes into the latter's `domain` is not known
   * (reference §2.4: internals of macOS 26); readers must not need it.
   */
  insertChat(chat: NewChat): StoredChat {
    const { lastInsertRowid } = this.#insertChat.run({
      guid: chat.guid,
      style: chat.isGroup ? STYLE_GROUP : STYLE_DIRECT,
      accountGuid: chat.accountGuid,
      identifier: chat.identifier,
      roomName: chat.isGroup ? chat.identifier : null,
      accountLogin: chat.accountLogin,
      accountAddress: chat.accountAddress,
      displayName: chat.displayName,
      groupId: chat.groupId,
    });
    const rowid = BigInt(lastInsertRowid);
    for (const participant of chat.participants) this.insertParticipant(rowid, participant);
    this.#insertLookup.run(chat.identifier, SERVICE, rowid);
    return { rowid, guid: chat.guid, isGroup: chat.isGroup };
  }

  /** Whether the handle is a member of the chat. */
  hasParticipant(chatRowid: bigint, handleRowid: bigint): boolean {
    return this.#hasParticipant.get(chatRowid, handleRowid) !== undefined;
  }

  /** Makes a handle, which is none yet, a member of a chat. */
  insertParticipant(chatRowid: bigint, handleRowid: bigint): void {
    this.#insertParticipant.run(chatRowid, handleRowid);
  }

  /** The bookkeeping that follows each message. `readApple` is 0n for a message nobody has read here. */
  touchChat(chatRowid: bigint, accountAddress: string, readApple: bigint): void {
    this.#touch.run(accountAddress, readApple, chatRowid);
  }

  /** Guids of all chats, oldest first. */
  guids(): readonly string[] {
    return this.#guids.all() as string[];
  }

  /** Number of chats. */
  count(): bigint {
    return this.#count.get() as bigint;
  }
}
