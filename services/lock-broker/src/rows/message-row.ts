import { type ColumnValues, toBlob, toFlag, toInt32, toInt64, toText } from "./column-values.ts";
import { ROW_BODY_BYTES_MAX } from "./query-text.ts";
import type { StoredHandle, StoredMessage } from "./rows.ts";

/** What is read of a message beside its own line. */
export type MessageJoins = Pick<StoredMessage, "chats" | "attachments" | "isRecoverable">;

/** Makes sense of a line of MessageRows. */
export function toMessage(rowid: bigint, values: ColumnValues, joins: MessageJoins): StoredMessage {
  const isOversized = toInt64(values.body_bytes) > ROW_BODY_BYTES_MAX;
  const bodies: ColumnValues = isOversized ? {} : values;
  return {
    rowid,
    guid: toText(values.guid) ?? "",
    text: toText(bodies.text),
    subject: toText(bodies.subject),
    attributedBody: toBlob(bodies.attributedBody),
    messageSummaryInfo: toBlob(bodies.message_summary_info),
    payloadData: toBlob(bodies.payload_data),
    groupTitle: toText(bodies.group_title),
    service: toText(values.service),
    account: toText(values.account),
    destinationCallerId: toText(values.destination_caller_id),
    date: toInt64(values.date),
    dateRead: toInt64(values.date_read),
    dateDelivered: toInt64(values.date_delivered),
    dateEdited: toInt64(values.date_edited),
    datePlayed: toInt64(values.date_played),
    dateRetracted: toInt64(values.date_retracted),
    dateRecovered: toInt64(values.date_recovered),
    isFromMe: toFlag(values.is_from_me),
    isFinished: toFlag(values.is_finished),
    isSent: toFlag(values.is_sent),
    isDelivered: toFlag(values.is_delivered),
    isRead: toFlag(values.is_read),
    isPlayed: toFlag(values.is_played),
    isEmpty: toFlag(values.is_empty),
    isAudioMessage: toFlag(values.is_audio_message),
    isSystemMessage: toFlag(values.is_system_message),
    isAutoReply: toFlag(values.is_auto_reply),
    isSpam: toFlag(values.is_spam),
    wasDowngraded: toFlag(values.was_downgraded),
    cacheHasAttachments: toFlag(values.cache_has_attachments),
    error: toInt32(values.error),
    itemType: toInt32(values.item_type),
    groupActionType: toInt32(values.group_action_type),
    shareStatus: toInt32(values.share_status),
    shareDirection: toInt32(values.share_direction),
    messageActionType: toInt32(values.message_action_type),
    partCount: toInt32(values.part_count),
    scheduleType: toInt32(values.schedule_type),
    scheduleState: toInt32(values.schedule_state),
    expireState: toInt32(values.expire_state),
    associatedMessageGuid: toText(values.associated_message_guid),
    associatedMessageType: toInt32(values.associated_message_type),
    associatedMessageEmoji: toText(values.associated_message_emoji),
    associatedMessageRangeLocation: toInt64(values.associated_message_range_location),
    associatedMessageRangeLength: toInt64(values.associated_message_range_length),
    balloonBundleId: toText(values.balloon_bundle_id),
    expressiveSendStyleId: toText(values.expressive_send_style_id),
    threadOriginatorGuid: toText(values.thread_originator_guid),
    threadOriginatorPart: toText(values.thread_originator_part),
    replyToGuid: toText(values.reply_to_guid),
    ckChatId: toText(values.ck_chat_id),
    cacheRoomnames: toText(values.cache_roomnames),
    sender: toHandle(values, "sender_"),
    otherHandle: toHandle(values, "other_"),
    isOversized,
    isRecoverable: joins.isRecoverable,
    chats: joins.chats,
    attachments: joins.attachments,
  };
}

/** A handle by its columns, whose names begin with `prefix`; undefined when there is no such row. */
export function toHandle(values: ColumnValues, prefix: "" | "sender_" | "other_"): StoredHandle | undefined {
  const address = toText(values[`${prefix}address`]);
  if (address === undefined) return undefined;
  return {
    address,
    service: toText(values[`${prefix}service`]) ?? "",
    country: toText(values[`${prefix}country`]),
    personCentricId: toText(values[`${prefix}person_centric_id`]),
  };
}
