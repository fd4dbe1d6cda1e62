import type { ChatSummary, StoredAttachment, StoredChat, StoredHandle, StoredMessage } from "../rows/rows.ts";

/** Bytes of an answer at most, as {@link messageBytes} counts them: a gRPC message may have 4 MiB. */
export const ANSWER_BYTES_MAX = 3 * 1_024 * 1_024;

/** What a row takes on the wire besides texts and blobs: tags, lengths, some 40 numbers. Measured: below 400. */
const MESSAGE_FIXED_BYTES = 512;
const CHAT_FIXED_BYTES = 96;
const ATTACHMENT_FIXED_BYTES = 96;
const HANDLE_FIXED_BYTES = 16;

/** How much a message takes on the wire, at most. */
export function messageBytes(message: StoredMessage): number {
  const handles = [message.sender, message.otherHandle].filter((handle) => handle !== undefined);
  return (
    MESSAGE_FIXED_BYTES +
    textBytes(message) +
    sum(handles, handleBytes) +
    sum(message.chats, chatBytes) +
    sum(message.attachments, attachmentBytes)
  );
}

/** How much a chat with its participants takes on the wire, at most. */
export function summaryBytes(summary: ChatSummary): number {
  return chatBytes(summary.chat) + sum(summary.participants, handleBytes);
}

/**
 * The message as it fits into `bytesMax`, which one row nearly always does. Else what is left out: first what attachments say
 * about themselves, then the bodies (isOversized says so), then attachments from the end.
 */
export function fitMessage(message: StoredMessage, bytesMax: number): StoredMessage {
  if (messageBytes(message) <= bytesMax) return message;
  const attachments = message.attachments.map((attachment) => ({
    ...attachment,
    userInfo: undefined,
    stickerUserInfo: undefined,
    attributionInfo: undefined,
  }));
  const terse = { ...message, attachments };
  if (messageBytes(terse) <= bytesMax) return terse;
  const bare = {
    ...terse,
    text: undefined,
    subject: undefined,
    attributedBody: undefined,
    messageSummaryInfo: undefined,
    payloadData: undefined,
    groupTitle: undefined,
    isOversized: true,
  };
  let bytes = messageBytes(bare);
  while (bytes > bytesMax) {
    const last = attachments.pop();
    if (last === undefined) break;
    bytes -= attachmentBytes(last);
  }
  return bare;
}

function chatBytes(chat: StoredChat): number {
  return CHAT_FIXED_BYTES + textBytes(chat);
}

function attachmentBytes(attachment: StoredAttachment): number {
  return ATTACHMENT_FIXED_BYTES + textBytes(attachment);
}

function handleBytes(handle: StoredHandle): number {
  return HANDLE_FIXED_BYTES + textBytes(handle);
}

/** Of all texts and blobs right in the row, with 8 bytes each for tag and length. */
function textBytes(row: object): number {
  let bytes = 0;
  for (const value of Object.values(row)) {
    if (typeof value === "string") bytes += Buffer.byteLength(value) + 8;
    else if (value instanceof Uint8Array) bytes += value.byteLength + 8;
  }
  return bytes;
}

function sum<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  return items.reduce((bytes, item) => bytes + bytesOf(item), 0);
}
