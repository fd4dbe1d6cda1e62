import type {
  AttachmentRow,
  ChatRow,
  Handle,
  RowReason,
  ChatSummary as WireChatSummary,
} from "@imesh/contracts/broker/v1";
import { MessageRow } from "@imesh/contracts/broker/v1";
import type { ChatSummary, StoredAttachment, StoredChat, StoredHandle, StoredMessage } from "../rows/rows.ts";

/** What a tail says of a row besides the row; a read says nothing. */
export interface RowNews {
  readonly reason: RowReason;
  readonly sequence: bigint;
}

const NO_NEWS: RowNews = { reason: 0, sequence: 0n };

/** The stored rows have the wire's names and types on purpose; only what is nested needs a hand. */
export function toMessageRow(message: StoredMessage, { reason, sequence }: RowNews = NO_NEWS): MessageRow {
  return {
    ...message,
    sender: toOptionalHandle(message.sender),
    otherHandle: toOptionalHandle(message.otherHandle),
    chats: message.chats.map(toChatRow),
    attachments: message.attachments.map(toAttachmentRow),
    reason,
    sequence,
  };
}

/** A row of which only this is known: it is gone. */
export function toBareMessageRow(
  { rowid, guid }: { readonly rowid: bigint; readonly guid: string },
  { reason, sequence }: RowNews,
): MessageRow {
  return { ...MessageRow.create(), rowid, guid, reason, sequence };
}

/** A chat; `properties` are in it where they were read. */
export function toChatRow(chat: StoredChat): ChatRow {
  return { ...chat };
}

/** An attachment. */
export function toAttachmentRow(attachment: StoredAttachment): AttachmentRow {
  return { ...attachment };
}

/** An address on a service. */
export function toHandle(handle: StoredHandle): Handle {
  return { ...handle };
}

/** A chat with its participants. */
export function toWireChatSummary(summary: ChatSummary): WireChatSummary {
  return {
    chat: toChatRow(summary.chat),
    participants: summary.participants.map(toHandle),
    lastMessageDate: summary.lastMessageDate,
  };
}

function toOptionalHandle(handle: StoredHandle | undefined): Handle | undefined {
  return handle === undefined ? undefined : toHandle(handle);
}
