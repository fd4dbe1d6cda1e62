import {
  AttachmentChangeReason,
  ChatChangeReason,
  RowReason,
  DetectionSource as WireDetectionSource,
} from "@imesh/contracts/broker/v1";
import type { AttachmentReason, ChatReason, MessageReason } from "../changes/changes.ts";
import type { DetectionSource } from "../commits/commits.ts";

/** The wire's word for each of ours; a missing one does not compile. */
export const ROW_REASONS: Readonly<Record<MessageReason, RowReason>> = {
  new: RowReason.NEW,
  unjoined: RowReason.UNJOINED,
  joined: RowReason.JOINED,
  status: RowReason.STATUS,
  delivered: RowReason.DELIVERED,
  read: RowReason.READ,
  played: RowReason.PLAYED,
  content: RowReason.CONTENT,
  chats: RowReason.CHATS,
  attachments: RowReason.ATTACHMENTS,
  schedule: RowReason.SCHEDULE,
  guid: RowReason.GUID,
  "recently-deleted": RowReason.RECENTLY_DELETED,
  recovered: RowReason.RECOVERED,
  deleted: RowReason.DELETED,
};

/** As {@link ROW_REASONS}, of chats. */
export const CHAT_REASONS: Readonly<Record<ChatReason, ChatChangeReason>> = {
  new: ChatChangeReason.NEW,
  name: ChatChangeReason.NAME,
  members: ChatChangeReason.MEMBERS,
  guid: ChatChangeReason.GUID,
  properties: ChatChangeReason.PROPERTIES,
  state: ChatChangeReason.STATE,
  deleted: ChatChangeReason.DELETED,
};

/** As {@link ROW_REASONS}, of attachments. */
export const ATTACHMENT_REASONS: Readonly<Record<AttachmentReason, AttachmentChangeReason>> = {
  progress: AttachmentChangeReason.PROGRESS,
  ready: AttachmentChangeReason.READY,
  failed: AttachmentChangeReason.FAILED,
  guid: AttachmentChangeReason.GUID,
  info: AttachmentChangeReason.INFO,
  deleted: AttachmentChangeReason.DELETED,
};

/** As {@link ROW_REASONS}, of what made us look. */
export const DETECTION_SOURCES: Readonly<Record<DetectionSource, WireDetectionSource>> = {
  hint: WireDetectionSource.HINT,
  poll: WireDetectionSource.POLL,
  open: WireDetectionSource.OPEN,
};
