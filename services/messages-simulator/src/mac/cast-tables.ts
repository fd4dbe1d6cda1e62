import type { Database, Statement } from "better-sqlite3";

/** A chat, for those who act in it. */
export interface CastChat {
  readonly rowid: bigint;
  readonly guid: string;
}

/** Who and what is there to act on, for programs drawn by chance. Reads only. */
export class CastTables {
  readonly #finders: ReadonlyMap<CastKind, Statement>;
  readonly #chatFrom: Statement;
  readonly #groupFrom: Statement;
  readonly #chatOfMessage: Statement;
  readonly #members: Statement;
  readonly #attachmentHead: Statement;

  constructor(database: Database) {
    this.#finders = new Map(CAST.map(([kind, sql]) => [kind, database.prepare(sql).pluck()] as const));
    const chat = "SELECT ROWID AS rowid, guid FROM chat";
    this.#chatFrom = database.prepare(`${chat} WHERE ROWID >= ? ORDER BY ROWID LIMIT 1`);
    this.#groupFrom = database.prepare(`${chat} WHERE ROWID >= ? AND style = 43 ORDER BY ROWID LIMIT 1`);
    this.#chatOfMessage = database
      .prepare("SELECT chat_id FROM chat_message_join WHERE message_id = ? ORDER BY chat_id LIMIT 1")
      .pluck();
    this.#members = database
      .prepare(
        `SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id
         WHERE j.chat_id = ? AND h.service = 'iMessage' ORDER BY h.id`,
      )
      .pluck();
    this.#attachmentHead = database.prepare("SELECT coalesce(max(ROWID), 0) FROM attachment").pluck();
  }

  /** The row of this kind at the ROWID or the next one above it. */
  from(kind: CastKind, rowid: bigint): bigint | undefined {
    return this.#finders.get(kind)?.get(rowid) as bigint | undefined;
  }

  /** The chat, or only the group, at the ROWID or the next one above it. */
  chatFrom(rowid: bigint, isGroup: boolean): CastChat | undefined {
    return (isGroup ? this.#groupFrom : this.#chatFrom).get(rowid) as CastChat | undefined;
  }

  /** Addresses of those in the chat of a message; none for a message that is in no chat. */
  membersWithMessage(rowid: bigint): readonly string[] {
    const chatRowid = this.#chatOfMessage.get(rowid) as bigint | undefined;
    return chatRowid === undefined ? [] : this.members(chatRowid);
  }

  /** Addresses of those in a chat. */
  members(chatRowid: bigint): readonly string[] {
    return this.#members.all(chatRowid) as string[];
  }

  /** Largest ROWID of an attachment. */
  attachmentHead(): bigint {
    return this.#attachmentHead.get() as bigint;
  }
}

/** What there may be: messages but for "transfer", which are attachments on their way. */
export type CastKind = "message" | "own" | "voice" | "waiting" | "recoverable" | "transfer";

const CAST: readonly (readonly [CastKind, string])[] = [
  ["message", "SELECT ROWID FROM message WHERE ROWID >= ? ORDER BY ROWID LIMIT 1"],
  [
    "own",
    "SELECT ROWID FROM message WHERE ROWID >= ? AND is_from_me = 1 AND item_type = 0 ORDER BY ROWID LIMIT 1",
  ],
  [
    "voice",
    "SELECT ROWID FROM message WHERE cache_has_attachments = 1 AND is_audio_message = 1 AND ROWID >= ? ORDER BY ROWID LIMIT 1",
  ],
  [
    "waiting",
    "SELECT ROWID FROM message WHERE schedule_type = 2 AND schedule_state = 2 AND ROWID >= ? ORDER BY ROWID LIMIT 1",
  ],
  [
    "recoverable",
    "SELECT message_id FROM chat_recoverable_message_join WHERE message_id >= ? ORDER BY message_id LIMIT 1",
  ],
  [
    "transfer",
    "SELECT ROWID FROM attachment WHERE ROWID >= ? AND transfer_state <> 5 ORDER BY ROWID LIMIT 1",
  ],
];
