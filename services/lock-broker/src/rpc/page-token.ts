import { crc32 } from "node:zlib";
import type { ChatListPosition } from "../rows/rows.ts";

const VERSION = 1;
const BYTES = 1 + 8 + 8 + 4;

/** An opaque token for the page after `position`. */
export function encodePageToken(position: ChatListPosition): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeBigInt64BE(position.lastMessageDate, 1);
  bytes.writeBigInt64BE(position.chatRowid, 9);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 17)), 17);
  return bytes.toString("base64url");
}

/** The position in a token of {@link encodePageToken}; undefined for anything else. */
export function decodePageToken(token: string): ChatListPosition | undefined {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== BYTES || bytes.toString("base64url") !== token) return undefined;
  if (bytes.readUInt8(0) !== VERSION || bytes.readUInt32BE(17) !== crc32(bytes.subarray(0, 17)))
    return undefined;
  return { lastMessageDate: bytes.readBigInt64BE(1), chatRowid: bytes.readBigInt64BE(9) };
}
