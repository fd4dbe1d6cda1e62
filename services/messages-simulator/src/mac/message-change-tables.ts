import type { Database, Statement } from "better-sqlite3";

/** What an action has to know of a message. Flags are 0n or 1n, dates Apple's nanoseconds. */
export interface MessageFacts {
  readonly rowid: bigint;
  readonly guid: string;
  readonly isFromMe: bigint;
  readonly isSent: bigint;
  readonly isDelivered: bigint;
  readonly isRead: bigint;
  readonly isPlayed: bigint;
  readonly isAudioMessage: bigint;
  readonly error: bigint;
  readonly date: bigint;
  readonly itemType: bigint;
  readonly associatedType: bigint;
  readonly handleRowid: bigint;
  readonly text: string | null;
  readonly attributedBody: Uint8Array | null;
  readonly summaryInfo: Uint8Array | null;
  readonly balloonBundleId: string | null;
  readonly scheduleType: bigint;
  readonly scheduleState: bigint;
  /** `payload_data`. */
  readonly payload: Uint8Array | null;
  /** The root of the thread that it is in, and the part of it; null outside of one. */
  readonly threadGuid: string | null;
  readonly threadPart: string | null;
}

/** A chat that has a message. */
export interface ChatOfMessage {
  readonly rowid: bigint;
  readonly guid: string;
  /** In Recently Deleted. */
  readonly isRecoverable: boolean;
}

/** What an edit or an unsend leaves; `text` becomes NULL with either. */
export interface ChangedContent {
  readonly rowid: bigint;
  readonly attributedBody: Uint8Array | null;
  readonly summaryInfo: Uint8Array;
  readonly dateEdited: bigint;
  readonly partCount: number;
  readonly isEmpty: boolean;
}

/** A tapback by the same person on the same part. */
export interface StoredTapback {
  readonly rowid: bigint;
  readonly type: bigint;
  readonly emoji: string | null;
}

/** What happens to messages that are there. Statements only: the transaction around a call is the caller's. */
export class MessageChangeTables {
  readonly #facts: Statement;
  readonly #chatsOf: Statement;
  readonly #unreadUpTo: Statement;
  readonly #tapbacks: Statement;
  readonly #latestAssociated: Statement;
  readonly #setContent: Statement;
  readonly #setBody: Statement;
  readonly #setPreview: Statement;
  readonly #setGuid: Statement;
  readonly #markRead: Statement;
  readonly #markPlayed: Statement;
  readonly #setSchedule: Statement;
  readonly #noteScheduleDelete: Statement;
  readonly #insertRecoverable: Statement;
  readonly #deleteJoins: Statement;
  readonly #rejoin: Statement;
  readonly #deleteRecoverable: Statement;
  readonly #markRecovered: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#facts = database.prepare(`
      SELECT ROWID AS rowid, guid, is_from_me AS isFromMe, is_sent AS isSent, is_delivered AS isDelivered,
             is_read AS isRead, is_played AS isPlayed, is_audio_message AS isAudioMessage, error, date,
             item_type AS itemType, associated_message_type AS associatedType, handle_id AS handleRowid, text,
             attributedBody, message_summary_info AS summaryInfo, balloon_bundle_id AS balloonBundleId,
             schedule_type AS scheduleType, schedule_state AS scheduleState, payload_data AS payload,
             thread_originator_guid AS threadGuid, thread_originator_part AS threadPart
      FROM message WHERE ROWID = ?`);
    this.#chatsOf = database.prepare(`
      SELECT c.ROWID AS rowid, c.guid, 0 AS isRecoverable FROM chat_message_join j JOIN chat c ON c.ROWID = j.chat_id
      WHERE j.message_id = @rowid
      UNION ALL
      SELECT c.ROWID, c.guid, 1 FROM chat_recoverable_message_join r JOIN chat c ON c.ROWID = r.chat_id
      WHERE r.message_id = @rowid
      ORDER BY 3, 1`);
    this.#unreadUpTo = database
      .prepare(
        `SELECT m.ROWID FROM chat_message_join j JOIN message m ON m.ROWID = j.message_id
         WHERE j.chat_id = @chat AND (j.message_date, j.message_id) <= (@date, @rowid)
           AND m.is_read = 0 AND m.is_from_me = 0 AND m.is_finished = 1
         ORDER BY j.message_date DESC, j.message_id DESC LIMIT @limit`,
      )
      .pluck();
    this.#tapbacks = database.prepare(`
      SELECT ROWID AS rowid, associated_message_type AS type, associated_message_emoji AS emoji FROM message
      WHERE associated_message_guid = @target AND is_from_me = @isFromMe AND handle_id = @handle
        AND associated_message_type BETWEEN 2000 AND 3999 AND ROWID < @before
      ORDER BY ROWID`);
    this.#latestAssociated = database
      .prepare(
        `SELECT payload_data FROM message WHERE associated_message_guid = ? AND associated_message_type = ?
         ORDER BY ROWID DESC LIMIT 1`,
      )
      .pluck();
    this.#setContent = database.prepare(`
      UPDATE message SET text = NULL, attributedBody = @attributedBody, message_summary_info = @summaryInfo,
                         date_edited = @dateEdited, part_count = @partCount, is_empty = @isEmpty, sort_id = 0
      WHERE ROWID = @rowid`);
    this.#setBody = database.prepare("UPDATE message SET attributedBody = ? WHERE ROWID = ?");
    this.#setPreview = database.prepare(
      "UPDATE message SET balloon_bundle_id = ?, payload_data = ? WHERE ROWID = ?",
    );
    this.#setGuid = database.prepare("UPDATE message SET guid = ?, message_summary_info = ? WHERE ROWID = ?");
    this.#markRead = database.prepare("UPDATE message SET is_read = 1, date_read = ? WHERE ROWID = ?");
    this.#markPlayed = database.prepare("UPDATE message SET is_played = 1, date_played = ? WHERE ROWID = ?");
    this.#setSchedule = database.prepare("UPDATE message SET schedule_state = ?, date = ? WHERE ROWID = ?");
    this.#noteScheduleDelete = database.prepare(
      "INSERT INTO scheduled_messages_pending_cloudkit_delete (guid, recordID) SELECT guid, ck_record_id FROM message WHERE ROWID = ?",
    );
    this.#insertRecoverable = database.prepare(`
      INSERT INTO chat_recoverable_message_join (chat_id, message_id, delete_date)
      SELECT chat_id, message_id, @date FROM chat_message_join WHERE message_id = @rowid`);
    this.#deleteJoins = database.prepare("DELETE FROM chat_message_join WHERE message_id = ?");
    this.#rejoin = database.prepare(`
      INSERT INTO chat_message_join (chat_id, message_id, message_date, index_state)
      SELECT r.chat_id, m.ROWID, m.date, m.index_state
      FROM chat_recoverable_message_join r JOIN message m ON m.ROWID = r.message_id WHERE m.ROWID = ?`);
    this.#deleteRecoverable = database.prepare(
      "DELETE FROM chat_recoverable_message_join WHERE message_id = ?",
    );
    this.#markRecovered = database.prepare("UPDATE message SET date_recovered = ? WHERE ROWID = ?");
    this.#delete = database.prepare("DELETE FROM message WHERE ROWID = ?");
  }

  /** The message, whatever its state. */
  facts(rowid: bigint): MessageFacts | undefined {
    return this.#facts.get(rowid) as MessageFacts | undefined;
  }

  /** Its chats, then those it is in Recently Deleted of. */
  chatsOf(rowid: bigint): readonly ChatOfMessage[] {
    const rows = this.#chatsOf.all({ rowid }) as { rowid: bigint; guid: string; isRecoverable: bigint }[];
    return rows.map((row) => ({ ...row, isRecoverable: row.isRecoverable === 1n }));
  }

  /** Unread incoming messages of a chat up to one, that one first, at most `limit`. */
  unreadUpTo(chatRowid: bigint, message: { rowid: bigint; date: bigint }, limit: number): readonly bigint[] {
    return this.#unreadUpTo.all({ chat: chatRowid, ...message, limit }) as bigint[];
  }

  /** Tapbacks of a person on what `target` (associated_message_guid) names, older than the row `before`, oldest first. */
  tapbacks(
    target: string,
    by: { isFromMe: boolean; handleRowid: bigint },
    before: bigint,
  ): readonly StoredTapback[] {
    const isFromMe = by.isFromMe ? 1 : 0;
    return this.#tapbacks.all({ target, isFromMe, handle: by.handleRowid, before }) as StoredTapback[];
  }

  /** `payload_data` of the newest row that is about a message (by associated_message_guid) in this way. */
  latestPayload(target: string, associatedType: number): Uint8Array | undefined {
    return (this.#latestAssociated.get(target, associatedType) as Uint8Array | null | undefined) ?? undefined;
  }

  /** An edit or an unsend (docs/chat-db.md §11). */
  setContent(content: ChangedContent): void {
    this.#setContent.run({ ...content, isEmpty: content.isEmpty ? 1 : 0 });
  }

  /** Another attributedBody, and nothing else. */
  setBody(rowid: bigint, attributedBody: Uint8Array): void {
    this.#setBody.run(attributedBody, rowid);
  }

  /** A preview of a link; `payload` is a keyed archive. */
  setPreview(rowid: bigint, balloonBundleId: string, payload: Uint8Array): void {
    this.#setPreview.run(balloonBundleId, payload, rowid);
  }

  /** Another guid; the summary info keeps the former one. */
  setGuid(rowid: bigint, guid: string, summaryInfo: Uint8Array): void {
    this.#setGuid.run(guid, summaryInfo, rowid);
  }

  /** Read since `date`: by the peer, or for an incoming message on an own device. */
  markRead(rowid: bigint, date: bigint): void {
    this.#markRead.run(date, rowid);
  }

  /** A voice message was heard. */
  markPlayed(rowid: bigint, date: bigint): void {
    this.#markPlayed.run(date, rowid);
  }

  /** A scheduled message takes a step; a trigger moves the date of its join. */
  setSchedule(rowid: bigint, state: number, date: bigint): void {
    this.#setSchedule.run(state, date, rowid);
  }

  /** iCloud is to forget a scheduled message. */
  noteScheduleDelete(rowid: bigint): void {
    this.#noteScheduleDelete.run(rowid);
  }

  /** To Recently Deleted: the insert comes first, or a trigger would remove the message for good. */
  moveToRecentlyDeleted(rowid: bigint, date: bigint): void {
    this.#insertRecoverable.run({ rowid, date });
    this.#deleteJoins.run(rowid);
  }

  /** Back from Recently Deleted. */
  recover(rowid: bigint, date: bigint): void {
    this.#rejoin.run(rowid);
    this.#deleteRecoverable.run(rowid);
    this.#markRecovered.run(date, rowid);
  }

  /** For good; triggers and foreign keys remove joins and attachments and log the guids. */
  delete(rowid: bigint): void {
    this.#delete.run(rowid);
  }
}
