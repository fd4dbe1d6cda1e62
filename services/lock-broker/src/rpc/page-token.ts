import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { invalidArgument, type RpcError } from "@imesh/rpc";
import type { PagePosition } from "../reads/reads.ts";

const VERSION = 2;

/** Version, mark of the request, database, date, ROWID, checksum. */
const MARK_BYTES = 8;
const BYTES = 1 + MARK_BYTES + 4 + 8 + 8 + 4;
const CHECKED_BYTES = BYTES - 4;

/** What identifies a listing: its method and those fields of its request that say what is in it. */
export type ListingFields = readonly (string | number | bigint | undefined)[];

/** An opaque token for the page after `position` of the listing. */
export function encodePageToken(position: PagePosition, listing: ListingFields): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeUInt8(VERSION, 0);
  listingMark(listing).copy(bytes, 1);
  bytes.writeUInt32BE(position.database, 9);
  bytes.writeBigInt64BE(position.date, 13);
  bytes.writeBigInt64BE(position.rowid, 21);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes.toString("base64url");
}

/** The position in a token of the same listing; undefined for any other text. */
export function decodePageToken(token: string, listing: ListingFields): PagePosition | undefined {
  // Every four characters are three bytes; a longer text is not even looked at.
  if (token.length > BYTES * 2) return undefined;
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== BYTES || bytes.toString("base64url") !== token) return undefined;
  if (bytes.readUInt8(0) !== VERSION) return undefined;
  if (bytes.readUInt32BE(CHECKED_BYTES) !== crc32(bytes.subarray(0, CHECKED_BYTES))) return undefined;
  if (!listingMark(listing).equals(bytes.subarray(1, 1 + MARK_BYTES))) return undefined;
  return {
    database: bytes.readUInt32BE(9),
    date: bytes.readBigInt64BE(13),
    rowid: bytes.readBigInt64BE(21),
  };
}

/** The position that a request's page_token means; undefined for the first page. Throws INVALID_ARGUMENT, PAGE_TOKEN_INVALID. */
export function positionOf(pageToken: string, listing: ListingFields): PagePosition | undefined {
  if (pageToken === "") return undefined;
  const position = decodePageToken(pageToken, listing);
  if (position === undefined) throw pageTokenInvalid();
  return position;
}

/** The error for a token that is none, of another listing, or of a database that is gone. */
export function pageTokenInvalid(cause?: unknown): RpcError {
  return invalidArgument(
    [
      {
        field: "page_token",
        description: "must come from the page before, with the other fields as they were",
      },
    ],
    { reason: "PAGE_TOKEN_INVALID", ...(cause === undefined ? {} : { cause }) },
  );
}

function listingMark(listing: ListingFields): Buffer {
  // JSON tells texts from numbers and absence, and where one ends.
  const text = JSON.stringify(
    listing.map((field) => (typeof field === "bigint" ? [String(field)] : (field ?? null))),
  );
  return createHash("sha256").update(text).digest().subarray(0, MARK_BYTES);
}
