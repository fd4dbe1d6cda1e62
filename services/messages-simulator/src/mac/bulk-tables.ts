import type { Database, Statement } from "better-sqlite3";

/** A message of a long history; everything else is the same for all of them. Dates are Apple's nanoseconds, 0n for none. */
export interface BulkMessage {
  readonly guid: string;
  readonly text: string | null;
  readonly attributedBody: Uint8Array;
  readonly chatRowid: bigint;
  /** Guid of the chat. */
  readonly chatHint: string;
  /** `chat<digits>` of a group, null in a direct chat. */
  readonly roomName: string | null;
  /** 0n: an own message. */
  readonly handleRowid: bigint;
  readonly date: bigint;
  readonly dateRead: bigint;
  readonly dateDelivered: bigint;
  readonly previousGuid: string | null;
  readonly service: string;
  /** `P:<number>` or `E:<mail>`. */
  readonly accountLogin: string;
  readonly accountGuid: string;
  readonly accountAddress: string;
  /** What makes it more than a text; undefined for one. */
  readonly special: BulkSpecial | undefined;
}

/** Columns that a text leaves at their defaults. */
export interface BulkSpecial {
  readonly summaryInfo?: Uint8Array;
  /** Apple's nanoseconds. */
  readonly dateEdited?: bigint;
  readonly associatedGuid?: string;
  readonly associatedType?: number;
  readonly associatedLength?: number;
  readonly balloonBundleId?: string;
  readonly payload?: Uint8Array;
  readonly effectId?: string;
  readonly threadGuid?: string;
  readonly threadPart?: string;
  /** Joined to it. */
  readonly attachment?: BulkAttachment;
}

/** An attachment without a file. */
export interface BulkAttachment {
  readonly guid: string;
  /** Since 2001. */
  readonly createdSeconds: bigint;
  readonly transferState: number;
  readonly transferName: string;
  readonly totalBytes: bigint;
  readonly isOutgoing: boolean;
  readonly mimeType: string;
  readonly uti: string;
}

const COLUMNS = `guid, text, attributedBody, handle_id, version, service, account, account_guid, date, date_read,
  date_delivered, is_finished, is_from_me, is_sent, is_delivered, is_read, was_data_detected,
  date_played, reply_to_guid, date_retracted, part_count, destination_caller_id, sort_id,
  ck_chat_id, cache_roomnames, index_state, date_edited`;

/** Version of the row layout that current systems write. */
const ROW_VERSION = 10;

const VALUES = `?, ?, ?, ?, ${ROW_VERSION}, ?, ?, ?, ?, ?,
  ?, 1, ?, ?, 1, ?, 1,
  0, ?, 0, 1, ?, 0,
  ?, ?, 1`;

/**
 * Inserts finished, read, indexed messages into a database that has its tables but no index and no trigger yet: what
 * the triggers would do is in the rows already. Half a minute for a million. Only while a database is made.
 */
export class BulkTables {
  readonly #insert: Statement;
  readonly #insertSpecial: Statement;
  readonly #insertAttachment: Statement;
  readonly #joinAttachment: Statement;
  readonly #join: Statement;
  readonly #noteService: Statement;
  readonly #countIndexed: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(`INSERT INTO message (${COLUMNS}) VALUES (${VALUES}, 0)`);
    // A statement of its own: each column that is bound costs the messages that have nothing in it.
    this.#insertSpecial = database.prepare(`
      INSERT INTO message (${COLUMNS}, message_summary_info, associated_message_guid, associated_message_type,
                           associated_message_range_length, balloon_bundle_id, payload_data, expressive_send_style_id,
                           thread_originator_guid, thread_originator_part, cache_has_attachments)
      VALUES (${VALUES}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertAttachment = database.prepare(`
      INSERT INTO attachment (guid, original_guid, created_date, start_date, mime_type, uti, transfer_state, is_outgoing,
                              transfer_name, total_bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#joinAttachment = database.prepare(
      "INSERT INTO message_attachment_join (message_id, attachment_id) VALUES (?, ?)",
    );
    this.#join = database.prepare(
      "INSERT INTO chat_message_join (chat_id, message_id, message_date, index_state) VALUES (?, ?, ?, 1)",
    );
    this.#noteService = database.prepare("INSERT INTO chat_service (service, chat) VALUES (?, ?)");
    this.#countIndexed = database.prepare(
      "UPDATE index_state_metrics SET donated_count = donated_count + ? WHERE id = 1",
    );
  }

  /** Inserts the message with its join, and its attachment with its own. */
  insert(message: BulkMessage): void {
    const isOwn = message.handleRowid === 0n ? 1 : 0;
    const { special } = message;
    const columns = [
      message.guid,
      message.text,
      message.attributedBody,
      message.handleRowid,
      message.service,
      message.accountLogin,
      message.accountGuid,
      message.date,
      message.dateRead,
      message.dateDelivered,
      isOwn,
      isOwn,
      message.dateRead === 0n ? 0 : 1,
      message.previousGuid,
      message.accountAddress,
      message.chatHint,
      message.roomName,
    ];
    const { lastInsertRowid } =
      special === undefined
        ? this.#insert.run(...columns)
        : this.#insertSpecial.run(...columns, ...specialColumns(special));
    this.#join.run(message.chatRowid, lastInsertRowid, message.date);
    if (special?.attachment !== undefined) this.#attach(lastInsertRowid, special.attachment);
  }

  #attach(messageRowid: number | bigint, attachment: BulkAttachment): void {
    const { guid, createdSeconds, mimeType, uti, transferState, transferName, totalBytes } = attachment;
    const { lastInsertRowid } = this.#insertAttachment.run(
      guid,
      guid,
      createdSeconds,
      createdSeconds,
      mimeType,
      uti,
      transferState,
      attachment.isOutgoing ? 1 : 0,
      transferName,
      totalBytes,
    );
    this.#joinAttachment.run(messageRowid, lastInsertRowid);
  }

  /** The chat has had messages of this service; once for each. */
  noteService(service: string, chatRowid: bigint): void {
    this.#noteService.run(service, chatRowid);
  }

  /** What Spotlight counts; once, at the end. */
  countIndexed(messages: number): void {
    this.#countIndexed.run(messages);
  }
}

function specialColumns(special: BulkSpecial) {
  return [
    special.dateEdited ?? 0n,
    special.summaryInfo ?? null,
    special.associatedGuid ?? null,
    special.associatedType ?? 0,
    special.associatedLength ?? 0,
    special.balloonBundleId ?? null,
    special.payload ?? null,
    special.effectId ?? null,
    special.threadGuid ?? null,
    special.threadPart ?? null,
    special.attachment === undefined ? 0 : 1,
  ];
}
