/** How lines of chat.db, read raw and with 64-bit integers, become a MessageRow and its attachments. */
import type { AttachmentRef, ChatRef, HandleRef, MessageRow } from "@imesh/imessage-model";

export type Text = string | null;
export type Integer = bigint | null;
type Blob = Uint8Array | null;

/** Of `message`, in the order of MessageColumns. */
export const MESSAGE_COLUMNS = `ROWID, guid, text, subject, attributedBody, message_summary_info, payload_data, service, account,
  destination_caller_id, date, date_read, date_delivered, date_edited, date_played, date_retracted, date_recovered,
  is_from_me, is_finished, is_sent, is_delivered, is_read, is_played, is_empty, is_audio_message, was_downgraded,
  is_system_message, is_auto_reply, is_spam, error, item_type, group_action_type, group_title, other_handle, share_status,
  share_direction, message_action_type, associated_message_guid, associated_message_type, associated_message_emoji,
  associated_message_range_location, associated_message_range_length, balloon_bundle_id, expressive_send_style_id,
  thread_originator_guid, thread_originator_part, reply_to_guid, part_count, cache_has_attachments, schedule_type,
  schedule_state, expire_state, handle_id, ck_chat_id, cache_roomnames`;

/** A line of `message`. */
export type MessageColumns = readonly [
  ...[rowid: bigint, guid: string, text: Text, subject: Text, body: Blob, summary: Blob, payload: Blob],
  ...[service: Text, account: Text, ownAddress: Text],
  ...[date: Integer, read: Integer, delivered: Integer, edited: Integer, played: Integer],
  ...[retracted: Integer, recovered: Integer],
  ...[isFromMe: Integer, isFinished: Integer, isSent: Integer, isDelivered: Integer, isRead: Integer],
  ...[isPlayed: Integer, isEmpty: Integer, isAudio: Integer, wasDowngraded: Integer, isSystem: Integer],
  ...[isAutoReply: Integer, isSpam: Integer, error: Integer, itemType: Integer, groupAction: Integer],
  ...[groupTitle: Text, otherHandle: Integer, shareStatus: Integer, shareDirection: Integer],
  ...[messageAction: Integer, associatedGuid: Text, associatedType: Integer, associatedEmoji: Text],
  ...[rangeLocation: Integer, rangeLength: Integer, balloonBundleId: Text, effectId: Text],
  ...[threadGuid: Text, threadPart: Text, replyToGuid: Text, partCount: Integer, hasAttachments: Integer],
  ...[scheduleType: Integer, scheduleState: Integer, expireState: Integer, handleId: Integer],
  ...[ckChatId: Text, roomNames: Text],
];

/** Joined to the messages of one page, by message ROWID. */
export interface Joins {
  readonly chats: ReadonlyMap<bigint, readonly ChatRef[]>;
  readonly attachments: ReadonlyMap<bigint, readonly AttachmentRef[]>;
  /** Those in Recently Deleted. */
  readonly recoverable: ReadonlySet<bigint>;
}

const NONE: readonly never[] = [];

/** The message of a line, with what is joined to it. */
export function rowOf(
  columns: MessageColumns,
  handles: ReadonlyMap<bigint, HandleRef>,
  joins: Joins,
): MessageRow {
  const [
    rowid,
    guid,
    text,
    subject,
    body,
    summary,
    payload,
    service,
    account,
    ownAddress,
    date,
    read,
    delivered,
    edited,
    played,
    retracted,
    recovered,
    isFromMe,
    isFinished,
    isSent,
    isDelivered,
    isRead,
    isPlayed,
    isEmpty,
    isAudio,
    wasDowngraded,
    isSystem,
    isAutoReply,
    isSpam,
    error,
    itemType,
    groupAction,
    groupTitle,
    otherHandle,
    shareStatus,
    shareDirection,
    messageAction,
    associatedGuid,
    associatedType,
    associatedEmoji,
    rangeLocation,
    rangeLength,
    balloonBundleId,
    effectId,
    threadGuid,
    threadPart,
    replyToGuid,
    partCount,
    hasAttachments,
    scheduleType,
    scheduleState,
    expireState,
    handleId,
    ckChatId,
    roomNames,
  ] = columns;
  return {
    rowid,
    guid,
    text,
    subject,
    attributedBody: body,
    messageSummaryInfo: summary,
    payloadData: payload,
    isOversized: false,
    service,
    account,
    destinationCallerId: ownAddress,
    date,
    dateRead: read,
    dateDelivered: delivered,
    dateEdited: edited,
    datePlayed: played,
    dateRetracted: retracted,
    dateRecovered: recovered,
    isFromMe: isSet(isFromMe),
    isFinished: isSet(isFinished),
    isSent: isSet(isSent),
    isDelivered: isSet(isDelivered),
    isRead: isSet(isRead),
    isPlayed: isSet(isPlayed),
    isEmpty: isSet(isEmpty),
    isAudioMessage: isSet(isAudio),
    wasDowngraded: isSet(wasDowngraded),
    isSystemMessage: isSet(isSystem),
    isAutoReply: isSet(isAutoReply),
    isSpam: isSet(isSpam),
    isRecoverable: joins.recoverable.has(rowid),
    error: Number(error),
    itemType: Number(itemType),
    groupActionType: Number(groupAction),
    groupTitle,
    otherHandle: handles.get(otherHandle ?? 0n) ?? null,
    shareStatus: Number(shareStatus),
    shareDirection: Number(shareDirection),
    messageActionType: Number(messageAction),
    associatedMessageGuid: associatedGuid,
    associatedMessageType: associatedType === null ? null : Number(associatedType),
    associatedMessageEmoji: associatedEmoji,
    associatedMessageRangeLocation: rangeLocation ?? 0n,
    associatedMessageRangeLength: rangeLength ?? 0n,
    balloonBundleId,
    expressiveSendStyleId: effectId,
    threadOriginatorGuid: threadGuid,
    threadOriginatorPart: threadPart,
    replyToGuid,
    partCount: partCount === null ? null : Number(partCount),
    cacheHasAttachments: isSet(hasAttachments),
    scheduleType: scheduleType === null ? null : Number(scheduleType),
    scheduleState: scheduleState === null ? null : Number(scheduleState),
    expireState: Number(expireState),
    sender: handles.get(handleId ?? 0n) ?? null,
    chats: joins.chats.get(rowid) ?? NONE,
    ckChatId,
    cacheRoomnames: roomNames,
    attachments: joins.attachments.get(rowid) ?? NONE,
  };
}

/** Of `attachment`, in the order of AttachmentColumns. */
export const ATTACHMENT_COLUMNS = `ROWID, guid, original_guid, filename, transfer_name, mime_type, uti, total_bytes, transfer_state,
  created_date, is_outgoing, is_sticker, hide_attachment, user_info, sticker_user_info, attribution_info,
  emoji_image_short_description`;

/** A line of `attachment`. */
export type AttachmentColumns = readonly [
  ...[rowid: bigint, guid: string, original: Text, file: Text, name: Text, mimeType: Text, uti: Text],
  ...[bytes: Integer, state: Integer, created: Integer, isOutgoing: Integer, isSticker: Integer],
  ...[isHidden: Integer, userInfo: Blob, stickerInfo: Blob, attribution: Blob, description: Text],
];

/** The attachment of a line. */
export function attachmentOf(columns: AttachmentColumns): AttachmentRef {
  const [rowid, guid, originalGuid, filename, transferName, mimeType, uti, totalBytes, ...rest] = columns;
  const [state, created, isOutgoing, isSticker, isHidden, userInfo, stickerUserInfo, attributionInfo] = rest;
  return {
    ...{ rowid, guid, originalGuid, filename, transferName, mimeType, uti },
    ...{ userInfo, stickerUserInfo, attributionInfo, emojiImageShortDescription: columns[16] },
    totalBytes: totalBytes ?? 0n,
    transferState: Number(state),
    createdDate: created ?? 0n,
    isOutgoing: isSet(isOutgoing),
    isSticker: isSet(isSticker),
    hideAttachment: isSet(isHidden),
  };
}

function isSet(value: Integer): boolean {
  return value !== null && value !== 0n;
}
