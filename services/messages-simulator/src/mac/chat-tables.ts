import { createHash } from "node:crypto";
import type { Database, Statement } from "better-sqlite3";

/** A chat as far as the simulator needs it. */
export interface StoredChat {
  readonly rowid: bigint;
  readonly guid: string;
  readonly isGroup: boolean;
  /** `service_name`. */
  readonly service: string;
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
  /** Default: iMessage. */
  readonly service?: string;
}

/** A chat as an action has to know it. */
export interface ChatFacts extends StoredChat {
  /** `chat<digits>` of a group, the peer's address otherwise. */
  readonly identifier: string;
  /** Empty without one. */
  readonly displayName: string;
  readonly properties: Uint8Array | null;
  /** 3 joined, 0 left. */
  readonly state: bigint;
}

/** ASCII codes of the signs in a chat's guid. */
const STYLE_GROUP = 43;
const STYLE_DIRECT = 45;

/** `chat.state`: in it, or having left it. */
export const CHAT_STATE = { joined: 3, left: 0 } as const;

const SERVICE = "iMessage";

/** Handles, chats and who is in them. Statements only: the transaction around a call is the caller's. */
export class ChatTables {
  readonly #findHandle: Statement;
  readonly #insertHandle: Statement;
  readonly #findChat: Statement;
  readonly #insertChat: Statement;
  readonly #hasParticipant: Statement;
  readonly #insertParticipant: Statement;
  readonly #participant: Statement;
  readonly #insertLookup: Statement;
  readonly #touch: Statement;
  readonly #guids: Statement;
  readonly #likeChat: Statement;
  readonly #facts: Statement;
  readonly #removeParticipant: Statement;
  readonly #count: Statement;

  constructor(database: Database) {
    this.#findHandle = database.prepare("SELECT ROWID FROM handle WHERE id = ? AND service = ?").pluck();
    this.#insertHandle = database.prepare(
      "INSERT INTO handle (id, country, service, uncanonicalized_id, person_centric_id) VALUES (?, ?, ?, ?, ?)",
    );
    this.#findChat = database.prepare(
      "SELECT ROWID AS rowid, guid, style, service_name AS service FROM chat WHERE guid = ?",
    );
    this.#insertChat = database.prepare(`
      INSERT INTO chat (guid, style, state, account_id, chat_identifier, service_name, room_name, account_login,
                        last_addressed_handle, display_name, group_id, original_group_id, is_filtered, successful_query)
      VALUES (@guid, @style, ${CHAT_STATE.joined}, @accountGuid, @identifier, @service, @roomName, @accountLogin,
              @accountAddress, @displayName, @groupId, @groupId, 0, 1)`);
    this.#hasParticipant = database.prepare(
      "SELECT 1 FROM chat_handle_join WHERE chat_id = ? AND handle_id = ?",
    );
    this.#insertParticipant = database.prepare(
      "INSERT INTO chat_handle_join (chat_id, handle_id) VALUES (?, ?)",
    );
    this.#participant = database
      .prepare(
        `SELECT h.ROWID FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id
         WHERE j.chat_id = ? AND h.id = ? ORDER BY h.service <> '${SERVICE}', h.ROWID LIMIT 1`,
      )
      .pluck();
    this.#insertLookup = database.prepare(
      "INSERT INTO chat_lookup (identifier, domain, chat, priority) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING",
    );
    this.#touch = database.prepare(`
      UPDATE chat SET last_addressed_handle = ?, successful_query = 1,
                      last_read_message_timestamp = max(last_read_message_timestamp, ?)
      WHERE ROWID = ?`);
    this.#likeChat = database
      .prepare(
        "SELECT guid FROM chat WHERE chat_identifier = ? AND style = ? ORDER BY service_name <> ?, ROWID LIMIT 1",
      )
      .pluck();
    this.#facts = database.prepare(`
      SELECT ROWID AS rowid, guid, style, chat_identifier AS identifier, coalesce(display_name, '') AS displayName, properties,
             service_name AS service, state
      FROM chat WHERE guid = ?`);
    this.#removeParticipant = database.prepare(
      "DELETE FROM chat_handle_join WHERE chat_id = ? AND handle_id = ?",
    );
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
    const person = personCentricId(address);
    return BigInt(this.#insertHandle.run(address, country, service, address, person).lastInsertRowid);
  }

  /** The chat of exactly this guid. */
  findChat(guid: string): StoredChat | undefined {
    const row = this.#findChat.get(guid) as (Omit<StoredChat, "isGroup"> & { style: bigint }) | undefined;
    if (row === undefined) return undefined;
    const { style, ...facts } = row;
    return { ...facts, isGroup: style === BigInt(STYLE_GROUP) };
  }

  /** The oldest chat of this identifier and style, whatever service its guid names; one of this service before others. */
  findChatLike(identifier: string, isGroup: boolean, service: string): StoredChat | undefined {
    const style = isGroup ? STYLE_GROUP : STYLE_DIRECT;
    const guid = this.#likeChat.get(identifier, style, service) as string | undefined;
    return guid === undefined ? undefined : this.findChat(guid);
  }

  /** The chat of exactly this guid, with what actions need. */
  facts(guid: string): ChatFacts | undefined {
    const row = this.#facts.get(guid) as (Omit<ChatFacts, "isGroup"> & { style: bigint }) | undefined;
    if (row === undefined) return undefined;
    const { style, ...facts } = row;
    return { ...facts, isGroup: style === BigInt(STYLE_GROUP) };
  }

  /** A member goes; a trigger removes the handle when nothing refers to it any more. */
  removeParticipant(chatRowid: bigint, handleRowid: bigint): void {
    this.#removeParticipant.run(chatRowid, handleRowid);
  }

  /**
   * Inserts a chat with its members and its chat_lookup row. What Apple writes into the latter's `domain` is not known
   * (docs/chat-db.md §7); readers must not need it.
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
      service: chat.service ?? SERVICE,
    });
    const rowid = BigInt(lastInsertRowid);
    const service = chat.service ?? SERVICE;
    for (const participant of chat.participants) this.insertParticipant(rowid, participant);
    this.#insertLookup.run(chat.identifier, service, rowid);
    return { rowid, guid: chat.guid, isGroup: chat.isGroup, service };
  }

  /** Whether the handle is a member of the chat. */
  hasParticipant(chatRowid: bigint, handleRowid: bigint): boolean {
    return this.#hasParticipant.get(chatRowid, handleRowid) !== undefined;
  }

  /** Handle by which an address is a member of the chat; that of iMessage before others. */
  participant(chatRowid: bigint, address: string): bigint | undefined {
    return this.#participant.get(chatRowid, address) as bigint | undefined;
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

/**
 * `person_centric_id`: the same for an address on every service, and none for a sender who is no contact (a short code). Apple's
 * is an opaque name too.
 */
function personCentricId(address: string): string | null {
  if (!address.startsWith("+") && !address.includes("@")) return null;
  const hex = createHash("sha256").update(address).digest("hex").toUpperCase();
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join("-");
}
