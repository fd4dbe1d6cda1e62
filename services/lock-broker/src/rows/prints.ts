/**
 * Grows when the same row gives other hashes than before. Prints that were kept under another version tell nothing: their rows
 * are taken in anew, silently, as a baseline.
 */
export const PRINTS_VERSION = 3;

/** The content of a message whose hashes are kept: while the bytes are the same, nothing need be decoded. */
export interface KnownContent {
  readonly contentBytes: number;
  readonly content: number | undefined;
}

/**
 * What is remembered of a row, to tell a change that a person sees from Apple's upkeep (docs/chat-db.md §17): hashes of the
 * visible columns, one for each reason a change is told. 32 bits each, unsigned; equal columns give equal hashes, different
 * ones differ but for one chance in 2³². Columns that a Mac lacks count as NULL, NULL counts as 0 or empty.
 */
export interface MessagePrint extends RecordPrint {
  /** In a chat that exists. */
  readonly isJoined: boolean;
  /** In Recently Deleted. */
  readonly isRecoverable: boolean;
  /** is_sent, is_finished, error, was_downgraded, service, is_from_me, the sender's address; date, unless scheduled. */
  readonly status: number;
  /** ROWIDs of its chats. */
  readonly chats: number;
  /** ROWIDs of its attachments. */
  readonly attachments: number;
  /**
   * As contentBytes, but of attributedBody only what can be seen (bodyDigest of @imesh/imessage-codec): Messages rewrites
   * bodies when it detects data in them. Undefined when it was not worked out: only when contentBytes is a known one.
   */
  readonly content: number | undefined;
}

/** The part of a {@link MessagePrint} that follows from the row's own record, whatever it is joined to. */
export interface RecordPrint {
  readonly rowid: bigint;
  readonly guid: string;
  /** is_finished, or NULL; an incoming row is told once it is finished. */
  readonly isFinished: boolean;
  readonly isFromMe: boolean;
  /** The record is larger than fits on a leaf page, so that an update in place may touch an overflow page alone. */
  readonly isOverflowing: boolean;
  /**
   * As status, with handle_id in the place of the sender's address: tells nothing by itself. When there is no such handle it is a value
   * that no record has, because the handle may yet come.
   */
  readonly recordStatus: number;
  /** is_delivered, date_delivered. */
  readonly delivered: number;
  /** is_read, date_read. */
  readonly read: number;
  /** is_played, date_played. */
  readonly played: number;
  /** schedule_type, schedule_state; date while schedule_type is not 0. */
  readonly schedule: number;
  /**
   * All columns that say something, bytes as stored: text, subject, attributedBody, message_summary_info, payload_data, group_title,
   * date_edited, date_retracted, part_count, is_empty, balloon_bundle_id, associated_*, item_type, group_action_type, share_*,
   * other_handle, message_action_type, expressive_send_style_id, thread_originator_*, expire_state, …
   */
  readonly contentBytes: number;
}

/** As {@link MessagePrint}, of a row of `chat` with its memberships. */
export interface ChatPrint {
  readonly rowid: bigint;
  readonly guid: string;
  readonly isOverflowing: boolean;
  /** display_name. */
  readonly name: number;
  /** Addresses and services in chat_handle_join, in whatever order. */
  readonly members: number;
  /** properties, but for the keys that Apple counts in (none known yet: the bytes). */
  readonly properties: number;
  /** state, is_archived, is_filtered, is_blackholed. */
  readonly state: number;
}

/** As {@link MessagePrint}, of a row of `attachment`. */
export interface AttachmentPrint {
  readonly rowid: bigint;
  readonly guid: string;
  readonly isOverflowing: boolean;
  /** transfer_state as it is. */
  readonly transferState: number;
  /** filename, transfer_name, mime_type, uti, total_bytes, hide_attachment, is_sticker. */
  readonly progress: number;
  /** user_info, sticker_user_info, attribution_info, emoji_image_short_description. */
  readonly info: number;
}
