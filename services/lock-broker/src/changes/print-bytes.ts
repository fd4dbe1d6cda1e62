import { assert } from "@imesh/flow";
import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import type { KnownAttachment, KnownChat, KnownMessage, MessageStage } from "./known-rows.ts";

/** Their places are part of the encoding: two bits. */
const STAGES: readonly MessageStage[] = ["waiting", "hidden", "unjoined", "told"];

const JOINED = 1;
const RECOVERABLE = 2;
const FINISHED = 4;
const FROM_ME = 8;
const OVERFLOWING = 16;
const HAS_CONTENT = 32;
const STAGE_SHIFT = 6;
const TOLD = 32;

const MESSAGE_BYTES = 41;
const CHAT_BYTES = 17;
const ATTACHMENT_BYTES = 13;

/** Flags and stage in one byte, then the ten hashes: 41 bytes. */
export function packMessage({ print, stage }: KnownMessage): Buffer {
  const bytes = Buffer.allocUnsafe(MESSAGE_BYTES);
  bytes[0] =
    (print.isJoined ? JOINED : 0) |
    (print.isRecoverable ? RECOVERABLE : 0) |
    (print.isFinished ? FINISHED : 0) |
    (print.isFromMe ? FROM_ME : 0) |
    (print.isOverflowing ? OVERFLOWING : 0) |
    (print.content === undefined ? 0 : HAS_CONTENT) |
    (STAGES.indexOf(stage) << STAGE_SHIFT);
  bytes.writeUInt32LE(print.status, 1);
  bytes.writeUInt32LE(print.delivered, 5);
  bytes.writeUInt32LE(print.read, 9);
  bytes.writeUInt32LE(print.played, 13);
  bytes.writeUInt32LE(print.schedule, 17);
  bytes.writeUInt32LE(print.chats, 21);
  bytes.writeUInt32LE(print.attachments, 25);
  bytes.writeUInt32LE(print.contentBytes, 29);
  bytes.writeUInt32LE(print.content ?? 0, 33);
  bytes.writeUInt32LE(print.recordStatus, 37);
  return bytes;
}

/** The print and the stage that {@link packMessage} packed. */
export function unpackMessage(
  rowid: bigint,
  guid: string,
  bytes: Buffer,
): { readonly print: MessagePrint; readonly stage: MessageStage } {
  assert(bytes.length === MESSAGE_BYTES, "a message's print has its length");
  const flags = bytes.readUInt8(0);
  const stage = STAGES[flags >> STAGE_SHIFT];
  assert(stage !== undefined, "two bits name a stage");
  const print: MessagePrint = {
    rowid,
    guid,
    isJoined: (flags & JOINED) !== 0,
    isRecoverable: (flags & RECOVERABLE) !== 0,
    isFinished: (flags & FINISHED) !== 0,
    isFromMe: (flags & FROM_ME) !== 0,
    isOverflowing: (flags & OVERFLOWING) !== 0,
    status: bytes.readUInt32LE(1),
    delivered: bytes.readUInt32LE(5),
    read: bytes.readUInt32LE(9),
    played: bytes.readUInt32LE(13),
    schedule: bytes.readUInt32LE(17),
    chats: bytes.readUInt32LE(21),
    attachments: bytes.readUInt32LE(25),
    contentBytes: bytes.readUInt32LE(29),
    content: (flags & HAS_CONTENT) === 0 ? undefined : bytes.readUInt32LE(33),
    recordStatus: bytes.readUInt32LE(37),
  };
  return { print, stage };
}

/** The stage alone, of what {@link packMessage} packed. */
export function stageOf(bytes: Buffer): MessageStage {
  const stage = STAGES[bytes.readUInt8(0) >> STAGE_SHIFT];
  assert(stage !== undefined, "two bits name a stage");
  return stage;
}

/** One byte of flags, then the four hashes. */
export function packChat({ print }: KnownChat): Buffer {
  const bytes = Buffer.allocUnsafe(CHAT_BYTES);
  bytes[0] = print.isOverflowing ? OVERFLOWING : 0;
  bytes.writeUInt32LE(print.name, 1);
  bytes.writeUInt32LE(print.members, 5);
  bytes.writeUInt32LE(print.properties, 9);
  bytes.writeUInt32LE(print.state, 13);
  return bytes;
}

/** What {@link packChat} packed. */
export function unpackChat(rowid: bigint, guid: string, bytes: Buffer): KnownChat {
  assert(bytes.length === CHAT_BYTES, "a chat's print has its length");
  const print: ChatPrint = {
    rowid,
    guid,
    isOverflowing: (bytes.readUInt8(0) & OVERFLOWING) !== 0,
    name: bytes.readUInt32LE(1),
    members: bytes.readUInt32LE(5),
    properties: bytes.readUInt32LE(9),
    state: bytes.readUInt32LE(13),
  };
  return { print };
}

/** One byte of flags, transfer_state, two hashes. */
export function packAttachment({ print, isTold }: KnownAttachment): Buffer {
  const bytes = Buffer.allocUnsafe(ATTACHMENT_BYTES);
  bytes[0] = (print.isOverflowing ? OVERFLOWING : 0) | (isTold ? TOLD : 0);
  bytes.writeInt32LE(print.transferState, 1);
  bytes.writeUInt32LE(print.progress, 5);
  bytes.writeUInt32LE(print.info, 9);
  return bytes;
}

/** What {@link packAttachment} packed. */
export function unpackAttachment(rowid: bigint, guid: string, bytes: Buffer): KnownAttachment {
  assert(bytes.length === ATTACHMENT_BYTES, "an attachment's print has its length");
  const flags = bytes.readUInt8(0);
  const print: AttachmentPrint = {
    rowid,
    guid,
    isOverflowing: (flags & OVERFLOWING) !== 0,
    transferState: bytes.readInt32LE(1),
    progress: bytes.readUInt32LE(5),
    info: bytes.readUInt32LE(9),
  };
  return { print, isTold: (flags & TOLD) !== 0 };
}
