import type { Database, Statement } from "better-sqlite3";

/** What can be seen of a message, as JSON of columns for each kind of change, and bytes where there are some. */
export interface MessageLook {
  readonly guid: string;
  readonly status: string;
  readonly delivered: string;
  readonly read: string;
  readonly played: string;
  readonly schedule: string;
  readonly chats: string;
  readonly attachments: string;
  readonly words: string;
  readonly attributedBody: Uint8Array | null;
  readonly summaryInfo: Uint8Array | null;
  readonly payload: Uint8Array | null;
}

/** What can be seen of a chat. */
export interface ChatLook {
  readonly guid: string;
  readonly name: string;
  readonly members: string;
  readonly state: string;
  readonly properties: Uint8Array | null;
}

/** What can be seen of an attachment. */
export interface AttachmentLook {
  readonly guid: string;
  readonly transfer: string;
  readonly userInfo: Uint8Array | null;
}

/** Reads rows for what a person sees of them; for the ground truth only. */
export class LookTables {
  readonly #message: Statement;
  readonly #chat: Statement;
  readonly #attachment: Statement;

  constructor(database: Database) {
    this.#message = database.prepare(`
      SELECT m.guid,
        json_array(m.is_sent, m.is_finished, m.error, m.was_downgraded, m.service, m.is_from_me,
                   (SELECT h.id FROM handle h WHERE h.ROWID = m.handle_id), iif(m.schedule_type = 0, m.date, 0)) AS status,
        json_array(m.is_delivered, m.date_delivered) AS delivered,
        json_array(m.is_read, m.date_read) AS read,
        json_array(m.is_played, m.date_played) AS played,
        json_array(m.schedule_type, m.schedule_state, iif(m.schedule_type = 0, 0, m.date)) AS schedule,
        (SELECT json_group_array(chat_id) FROM
          (SELECT chat_id FROM chat_message_join WHERE message_id = m.ROWID ORDER BY chat_id)) AS chats,
        (SELECT json_group_array(attachment_id) FROM
          (SELECT attachment_id FROM message_attachment_join WHERE message_id = m.ROWID ORDER BY attachment_id)) AS attachments,
        json_array(m.text, m.subject, m.date_edited, m.part_count, m.is_empty, m.balloon_bundle_id, m.item_type,
                   m.group_action_type, m.group_title, (SELECT h.id FROM handle h WHERE h.ROWID = m.other_handle),
                   m.associated_message_guid, m.associated_message_type, m.associated_message_emoji,
                   m.associated_message_range_location, m.associated_message_range_length, m.is_audio_message,
                   m.is_auto_reply, m.expressive_send_style_id, m.thread_originator_guid, m.thread_originator_part,
                   m.share_status, m.share_direction, m.message_action_type) AS words,
        m.attributedBody, m.message_summary_info AS summaryInfo, m.payload_data AS payload
      FROM message m WHERE m.ROWID = ?`);
    this.#chat = database.prepare(`
      SELECT c.guid, coalesce(c.display_name, '') AS name,
        (SELECT json_group_array(member) FROM
          (SELECT h.id || ' ' || h.service AS member FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id
           WHERE j.chat_id = c.ROWID ORDER BY 1)) AS members,
        json_array(c.state, c.is_archived, c.is_filtered, c.is_blackholed) AS state, c.properties
      FROM chat c WHERE c.ROWID = ?`);
    this.#attachment = database.prepare(`
      SELECT guid, json_array(transfer_state, filename, transfer_name, mime_type, uti, total_bytes, hide_attachment,
                              is_sticker) AS transfer, user_info AS userInfo
      FROM attachment WHERE ROWID = ?`);
  }

  /** Undefined when it is gone. */
  message(rowid: bigint): MessageLook | undefined {
    return this.#message.get(rowid) as MessageLook | undefined;
  }

  /** Undefined when it is gone. */
  chat(rowid: bigint): ChatLook | undefined {
    return this.#chat.get(rowid) as ChatLook | undefined;
  }

  /** Undefined when it is gone. */
  attachment(rowid: bigint): AttachmentLook | undefined {
    return this.#attachment.get(rowid) as AttachmentLook | undefined;
  }
}
