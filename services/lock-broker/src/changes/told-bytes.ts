import type { StoredAttachment, StoredChat, StoredHandle, StoredMessage } from "../rows/rows.ts";
import type { ToldChange } from "./changes.ts";

/** Numbers, tags and lengths of a row on the wire, generously. */
const ROW_BYTES = 512;
const ATTACHMENT_BYTES = 160;
const CHAT_BYTES = 96;
const HANDLE_BYTES = 24;
/** UTF-8 of one UTF-16 unit at most. */
const BYTES_PER_UNIT = 3;

/** About how many bytes a change takes in a batch and in memory: never less than on the wire. */
export function toldBytes(told: ToldChange): number {
  if ("message" in told) return ROW_BYTES + (told.message === undefined ? 0 : messageBytes(told.message));
  if ("chat" in told) {
    const chat = told.chat === undefined ? 0 : chatBytes(told.chat);
    return ROW_BYTES + chat + sum(told.participants, handleBytes);
  }
  const attachment = told.attachment === undefined ? 0 : attachmentBytes(told.attachment);
  return ROW_BYTES + attachment + told.messages.length * ATTACHMENT_BYTES;
}

function messageBytes(message: StoredMessage): number {
  const { sender, otherHandle } = message;
  return (
    textBytes(message.guid) +
    textBytes(message.text) +
    textBytes(message.subject) +
    blobBytes(message.attributedBody) +
    blobBytes(message.messageSummaryInfo) +
    blobBytes(message.payloadData) +
    textBytes(message.service) +
    textBytes(message.account) +
    textBytes(message.destinationCallerId) +
    textBytes(message.groupTitle) +
    textBytes(message.associatedMessageGuid) +
    textBytes(message.associatedMessageEmoji) +
    textBytes(message.balloonBundleId) +
    textBytes(message.expressiveSendStyleId) +
    textBytes(message.threadOriginatorGuid) +
    textBytes(message.threadOriginatorPart) +
    textBytes(message.replyToGuid) +
    textBytes(message.ckChatId) +
    textBytes(message.cacheRoomnames) +
    (sender === undefined ? 0 : handleBytes(sender)) +
    (otherHandle === undefined ? 0 : handleBytes(otherHandle)) +
    sum(message.chats, chatBytes) +
    sum(message.attachments, attachmentBytes)
  );
}

function chatBytes(chat: StoredChat): number {
  return (
    CHAT_BYTES +
    textBytes(chat.guid) +
    textBytes(chat.identifier) +
    textBytes(chat.serviceName) +
    textBytes(chat.displayName) +
    textBytes(chat.groupId) +
    textBytes(chat.roomName) +
    textBytes(chat.accountLogin) +
    textBytes(chat.lastAddressedHandle) +
    blobBytes(chat.properties)
  );
}

function attachmentBytes(attachment: StoredAttachment): number {
  return (
    ATTACHMENT_BYTES +
    textBytes(attachment.guid) +
    textBytes(attachment.originalGuid) +
    textBytes(attachment.filename) +
    textBytes(attachment.transferName) +
    textBytes(attachment.mimeType) +
    textBytes(attachment.uti) +
    textBytes(attachment.emojiImageShortDescription) +
    blobBytes(attachment.userInfo) +
    blobBytes(attachment.stickerUserInfo) +
    blobBytes(attachment.attributionInfo)
  );
}

function handleBytes(handle: StoredHandle): number {
  const { address, service, country, personCentricId } = handle;
  return (
    HANDLE_BYTES + textBytes(address) + textBytes(service) + textBytes(country) + textBytes(personCentricId)
  );
}

function textBytes(text: string | undefined): number {
  return text === undefined ? 0 : text.length * BYTES_PER_UNIT;
}

function blobBytes(blob: Uint8Array | undefined): number {
  return blob === undefined ? 0 : blob.length;
}

function sum<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  let bytes = 0;
  for (const item of items) bytes += bytesOf(item);
  return bytes;
}
