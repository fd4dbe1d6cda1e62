import type { Database, Statement } from "better-sqlite3";

/** A chat, for those who act in it. */
export interface CastChat {
  readonly rowid: bigint;
  readonly guid: string;
}

/** A tapback that stands, for whoever takes it back. */
export interface CastTapback {
  /** ROWID of what it is on. */
  readonly targetRowid: bigint;
  readonly part: number;
  /** Address of who gave it; empty for this account. */
  readonly from: string;
  readonly type: number;
  /** Empty without one. */
  readonly emoji: string;
}

/** Who and what is there to act on, for programs drawn by chance. Reads only. */
export class CastTables {
  readonly #finders: ReadonlyMap<CastKind, Statement>;
  readonly #chatFrom: Statement;
  readonly #groupFrom: Statement;
  readonly #chatOfMessage: Statement;
  readonly #members: Statement;
  readonly #attachmentHead: Statement;
  readonly #tapback: Statement;

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
        `SELECT DISTINCT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id
         WHERE j.chat_id = ? AND (h.id LIKE '+%' OR h.id LIKE '%@%') ORDER BY h.id`,
      )
      .pluck();
    this.#tapback = database.prepare(`
      SELECT t.ROWID AS targetRowid, m.associated_message_guid AS target, m.associated_message_type AS type,
        coalesce(m.associated_message_emoji, '') AS emoji,
        iif(m.is_from_me, '', coalesce((SELECT id FROM handle WHERE ROWID = m.handle_id), '')) AS "from"
      FROM message m JOIN message t
        ON t.guid = substr(m.associated_message_guid, max(4, instr(m.associated_message_guid, '/') + 1))
      WHERE m.ROWID >= ? AND m.associated_message_type BETWEEN 2000 AND 2007 ORDER BY m.ROWID LIMIT 1`);
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

  /** Addresses of those in a chat; none of a short code, which does nothing but write. */
  members(chatRowid: bigint): readonly string[] {
    return this.#members.all(chatRowid) as string[];
  }

  /** The tapback in the row or the next one above it that has one, whether or not it was taken back since. */
  tapbackFrom(rowid: bigint): CastTapback | undefined {
    const row = this.#tapback.get(rowid) as
      | (Omit<CastTapback, "part" | "type"> & { target: string; type: bigint })
      | undefined;
    if (row === undefined) return undefined;
    const { target, ...tapback } = row;
    const [, part = "0"] = /^p:(\d+)\//.exec(target) ?? [];
    return { ...tapback, part: Number(part), type: Number(row.type) };
  }

  /** Largest ROWID of an attachment. */
  attachmentHead(): bigint {
    return this.#attachmentHead.get() as bigint;
  }
}

/** What there may be: messages but for "transfer", which are attachments on their way. */
export type CastKind = "message" | "own" | "voice" | "waiting" | "recoverable" | "transfer" | "poll" | "game";

/** Balloons have no index: no more rows than this are looked at for one. */
const LOOKED_ROWS_MAX = 5_000;

function balloons(extension: string): string {
  return `SELECT m.ROWID FROM (SELECT ? AS start) JOIN message m ON m.ROWID >= start AND m.ROWID < start + ${LOOKED_ROWS_MAX}
    WHERE m.balloon_bundle_id LIKE '%${extension}' AND m.associated_message_type = 0 ORDER BY m.ROWID LIMIT 1`;
}

const CAST: readonly (readonly [CastKind, string])[] = [
  ["poll", balloons(":com.apple.messages.Polls")],
  ["game", balloons(":com.gamerdelights.gamepigeon.ext")],
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
