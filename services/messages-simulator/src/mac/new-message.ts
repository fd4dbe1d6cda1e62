import type { Database, Statement } from "better-sqlite3";

/** A message row to insert; columns not named here get their defaults. Dates are Apple's nanoseconds, 0n for none. */
export interface NewMessage {
  readonly guid: string;
  readonly text: string | null;
  readonly attributedBody: Uint8Array | null;
  /** 0n for own messages. */
  readonly handleRowid: bigint;
  readonly service: string;
  /** `P:<number>` or `E:<mail>`. */
  readonly accountLogin: string;
  readonly accountGuid: string;
  readonly accountAddress: string;
  readonly isFromMe: boolean;
  readonly isSent: boolean;
  readonly isDelivered: boolean;
  readonly isRead: boolean;
  readonly isEmpty: boolean;
  readonly error: number;
  readonly date: bigint;
  readonly dateRead: bigint;
  readonly dateDelivered: bigint;
  /** `ck_chat_id`: the hint by which Apple's repair finds the chat of a row that lost its join; null: it never will. */
  readonly chatHint: string | null;
  /** Guid of the message before it in the chat; set on nearly every message, no reply. */
  readonly previousGuid: string | null;
  /** What makes it more than a text; absent for one. */
  readonly special?: SpecialColumns;
}

/** Columns that an ordinary text leaves at their defaults. */
export interface SpecialColumns {
  /** `part_count`. Default: 1 with a body, 0 without. */
  readonly partCount?: number;
  /** `cache_has_attachments`, which a trigger sets anyway once there is a join. */
  readonly hasAttachments?: boolean;
  readonly isAudioMessage?: boolean;
  readonly isAutoReply?: boolean;
  readonly subject?: string | null;
  /** `expressive_send_style_id`: a bubble or screen effect. */
  readonly effectId?: string | null;
  /** `thread_originator_guid`: the message that this one replies to. */
  readonly threadGuid?: string | null;
  /** `thread_originator_part`: `<part>:<start>:<length>` of the words replied to. */
  readonly threadPart?: string | null;
  readonly balloonBundleId?: string;
  /** `payload_data`. */
  readonly payload?: Uint8Array;
  /** 0 started, 1 stopped. */
  readonly shareStatus?: number;
  /** 0 a contact's location, 1 the own one. */
  readonly shareDirection?: number;
  readonly messageActionType?: number;
  readonly itemType?: number;
  readonly groupActionType?: number;
  readonly groupTitle?: string | null;
  readonly otherHandleRowid?: bigint;
  readonly associatedGuid?: string;
  readonly associatedType?: number;
  readonly associatedEmoji?: string | null;
  /** Range in the message it is associated with, in UTF-16 units. */
  readonly associatedStart?: number;
  readonly associatedLength?: number;
  /** `message_summary_info`. */
  readonly summaryInfo?: Uint8Array;
  readonly scheduleType?: number;
  readonly scheduleState?: number;
}

/** Version of the row layout that current systems write. */
const ROW_VERSION = 10;

/** The one statement that inserts messages. */
export class MessageInsert {
  readonly #insert: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(`
      INSERT INTO message (guid, text, attributedBody, handle_id, version, service, account, account_guid, error,
                           date, date_read, date_delivered, is_finished, is_from_me, is_sent, is_delivered, is_read,
                           is_empty, date_played, reply_to_guid, date_edited, date_retracted, part_count,
                           destination_caller_id, sort_id, ck_chat_id, cache_has_attachments, is_audio_message, item_type,
                           group_action_type, group_title, other_handle, associated_message_guid, associated_message_type,
                           associated_message_emoji, associated_message_range_location, associated_message_range_length,
                           message_summary_info, schedule_type, schedule_state, is_auto_reply, subject,
                           expressive_send_style_id, thread_originator_guid, thread_originator_part, balloon_bundle_id,
                           payload_data, share_status, share_direction, message_action_type)
      VALUES (@guid, @text, @attributedBody, @handleRowid, ${ROW_VERSION}, @service, @accountLogin, @accountGuid, @error,
              @date, @dateRead, @dateDelivered, 1, @isFromMe, @isSent, @isDelivered, @isRead,
              @isEmpty, 0, @previousGuid, 0, 0, @partCount,
              @accountAddress, 0, @chatHint, @hasAttachments, @isAudioMessage, @itemType,
              @groupActionType, @groupTitle, @otherHandleRowid, @associatedGuid, @associatedType,
              @associatedEmoji, @associatedStart, @associatedLength,
              @summaryInfo, @scheduleType, @scheduleState, @isAutoReply, @subject,
              @effectId, @threadGuid, @threadPart, @balloonBundleId,
              @payload, @shareStatus, @shareDirection, @messageActionType)`);
  }

  /** Inserts the row alone and gives its ROWID; no chat has it yet. */
  run(message: NewMessage): bigint {
    const { special = {}, ...plain } = message;
    const { lastInsertRowid } = this.#insert.run({
      ...columnsOf(special),
      ...plain,
      isFromMe: flag(plain.isFromMe),
      isSent: flag(plain.isSent),
      isDelivered: flag(plain.isDelivered),
      isRead: flag(plain.isRead),
      isEmpty: flag(plain.isEmpty),
      partCount: special.partCount ?? flag(plain.attributedBody !== null),
    });
    return BigInt(lastInsertRowid);
  }
}

/** The special columns with their defaults, but for the number of parts. */
function columnsOf(special: SpecialColumns) {
  return {
    hasAttachments: flag(special.hasAttachments ?? false),
    isAudioMessage: flag(special.isAudioMessage ?? false),
    isAutoReply: flag(special.isAutoReply ?? false),
    subject: special.subject ?? null,
    effectId: special.effectId ?? null,
    threadGuid: special.threadGuid ?? null,
    threadPart: special.threadPart ?? null,
    balloonBundleId: special.balloonBundleId ?? null,
    payload: special.payload ?? null,
    shareStatus: special.shareStatus ?? 0,
    shareDirection: special.shareDirection ?? 0,
    messageActionType: special.messageActionType ?? 0,
    itemType: special.itemType ?? 0,
    groupActionType: special.groupActionType ?? 0,
    groupTitle: special.groupTitle ?? null,
    otherHandleRowid: special.otherHandleRowid ?? 0n,
    associatedGuid: special.associatedGuid ?? null,
    associatedType: special.associatedType ?? 0,
    associatedEmoji: special.associatedEmoji ?? null,
    associatedStart: special.associatedStart ?? 0,
    associatedLength: special.associatedLength ?? 0,
    summaryInfo: special.summaryInfo ?? null,
    scheduleType: special.scheduleType ?? 0,
    scheduleState: special.scheduleState ?? 0,
  };
}

function flag(is: boolean): number {
  return is ? 1 : 0;
}
