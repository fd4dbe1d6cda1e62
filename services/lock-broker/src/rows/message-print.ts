import { bodyDigest, summaryDigest } from "@imesh/imessage-codec";
import { AT, CONTENT_FLAGS, FLAG } from "./message-print-query.ts";
import { finishHash, HASH_START, mixBytes, mixValue, mixWord, type PrintValue } from "./print-hash.ts";
import type { KnownContent, MessagePrint, RecordPrint } from "./prints.ts";
import { ROW_BODY_BYTES_MAX } from "./query-text.ts";
import { type RecordShape, recordBytesMax } from "./record-size.ts";

/** A line of the print queries. */
export type PrintLine = readonly PrintValue[];

/** What the print of a record is made of. */
export interface RecordSource {
  readonly line: PrintLine;
  /** Holds the row's blobs, one behind the other. */
  readonly blobs: Buffer;
  /** Where they begin. */
  readonly blobsAt: number;
}

/** What a message's print is made of. */
export interface PrintSource extends RecordSource {
  readonly chats: number;
  readonly isJoined: boolean;
  readonly attachments: number;
  readonly isRecoverable: boolean;
}

/** Whether `content` is worked out: always, never, or only when the bytes are not the known ones. */
export type ContentMode =
  | { readonly kind: "always" }
  | { readonly kind: "never" }
  | { readonly kind: "changed"; readonly known: KnownContent };

/** The print of a message. Pure. */
export function messagePrint(source: PrintSource, mode: ContentMode, shape: RecordShape): MessagePrint {
  const { line } = source;
  const flags = numberAt(line, AT.flags);
  const isScheduled = numberAt(line, AT.scheduleType) !== 0;
  const hashes = contentHashes(source, flags, mode);
  const isSenderUnknown = line[AT.sender] === null && numberAt(line, AT.handle) !== 0;
  return {
    ...recordPart(line, flags, isSenderUnknown, shape),
    isJoined: source.isJoined,
    isRecoverable: source.isRecoverable,
    status: finishHash(mixSent(mixValue(mixStatus(line, flags), line[AT.sender]), line, isScheduled)),
    chats: source.chats,
    attachments: source.attachments,
    contentBytes: hashes.bytes,
    content: hashes.content,
  };
}

/**
 * What the print of a message is as far as its record alone tells. `line` is one of the print queries', made from the record: sender,
 * chat and attachment in it are not looked at. Pure, and by the same code as {@link messagePrint}.
 */
export function recordPrint(source: RecordSource, shape: RecordShape): RecordPrint {
  const { line } = source;
  const flags = numberAt(line, AT.flags);
  return {
    ...recordPart(line, flags, false, shape),
    contentBytes: contentHashes(source, flags, NO_CONTENT).bytes,
  };
}

const NO_CONTENT: ContentMode = { kind: "never" };

function recordPart(
  line: PrintLine,
  flags: number,
  isSenderUnknown: boolean,
  shape: RecordShape,
): Omit<RecordPrint, "contentBytes"> {
  const isScheduled = numberAt(line, AT.scheduleType) !== 0;
  const handled = mixWord(mixValue(mixStatus(line, flags), line[AT.handle]), isSenderUnknown ? 1 : 0);
  return {
    rowid: rowidOf(line),
    guid: textAt(line, AT.guid),
    isFinished: (flags & FLAG.finished) !== 0,
    isFromMe: (flags & FLAG.fromMe) !== 0,
    isOverflowing: isOverflowing(line, shape),
    recordStatus: finishHash(mixSent(handled, line, isScheduled)),
    delivered: pairHash(flags & FLAG.delivered, line[AT.dateDelivered]),
    read: pairHash(flags & FLAG.read, line[AT.dateRead]),
    played: pairHash(flags & FLAG.played, line[AT.datePlayed]),
    schedule: scheduleHash(line, isScheduled),
  };
}

/** Bytes of blobs that a line brings: those beyond the bound are left out. */
export function blobBytes(line: PrintLine): number {
  let bytes = 0;
  for (let at: number = AT.bodyBytes; at <= AT.payloadBytes; at += 1) {
    const size = numberAt(line, at);
    if (size <= ROW_BODY_BYTES_MAX) bytes += size;
  }
  return bytes;
}

/** The primary key; as text in the line where no number holds it. */
export function rowidOf(line: PrintLine): bigint {
  const value = line[AT.rowid];
  return BigInt(typeof value === "number" || typeof value === "string" ? value : 0);
}

function mixStatus(line: PrintLine, flags: number): number {
  const hash = mixWord(HASH_START, flags & (FLAG.fromMe | FLAG.finished | FLAG.sent | FLAG.downgraded));
  return mixValue(mixValue(hash, line[AT.error]), line[AT.service]);
}

/** The time at which a message is to be sent belongs to its schedule. */
function mixSent(hash: number, line: PrintLine, isScheduled: boolean): number {
  return mixValue(hash, isScheduled ? 0 : line[AT.date]);
}

function scheduleHash(line: PrintLine, isScheduled: boolean): number {
  let hash = mixValue(HASH_START, line[AT.scheduleType]);
  hash = mixValue(hash, line[AT.scheduleState]);
  return finishHash(mixValue(hash, isScheduled ? line[AT.date] : 0));
}

function pairHash(flag: number, date: PrintValue | undefined): number {
  return finishHash(mixValue(mixWord(HASH_START, flag), date));
}

/**
 * Both hashes of what is said. They have all but the body in common, which therefore comes last. Of a blob beyond the bound its
 * size counts alone; an edit moves date_edited too.
 */
function contentHashes(
  source: RecordSource,
  flags: number,
  mode: ContentMode,
): { readonly bytes: number; readonly content: number | undefined } {
  const { line, blobs, blobsAt } = source;
  const bodySize = numberAt(line, AT.bodyBytes);
  const bodyEnd = bodySize <= ROW_BODY_BYTES_MAX ? blobsAt + bodySize : blobsAt;
  const summarySize = numberAt(line, AT.summaryBytes);
  const summaryEnd = summarySize <= ROW_BODY_BYTES_MAX ? bodyEnd + summarySize : bodyEnd;
  const payloadSize = numberAt(line, AT.payloadBytes);
  const payloadEnd = payloadSize <= ROW_BODY_BYTES_MAX ? summaryEnd + payloadSize : summaryEnd;
  let hash = mixWord(HASH_START, flags & CONTENT_FLAGS);
  for (let at: number = AT.content; at < AT.contentEnd; at += 1) hash = mixValue(hash, line[at]);
  hash = mixBlob(hash, blobs, summaryEnd, payloadEnd, payloadSize);
  const summaryHash = mixBlob(hash, blobs, bodyEnd, summaryEnd, summarySize);
  const contentBytes = finishHash(mixBlob(summaryHash, blobs, blobsAt, bodyEnd, bodySize));
  if (mode.kind === "never") return { bytes: contentBytes, content: undefined };
  if (mode.kind === "changed" && mode.known.contentBytes === contentBytes) {
    return { bytes: contentBytes, content: mode.known.content };
  }
  // What cannot be read is compared by its bytes.
  const isSummaryLeftOut = summaryEnd === bodyEnd && summarySize > 0;
  const summary = isSummaryLeftOut ? undefined : summaryDigest(blobs.subarray(bodyEnd, summaryEnd));
  const said = summary === undefined ? summaryHash : mixWord(hash, summary);
  const body = bodyEnd === blobsAt ? undefined : bodyDigest(blobs.subarray(blobsAt, bodyEnd));
  const content = body === undefined ? mixBlob(said, blobs, blobsAt, bodyEnd, bodySize) : mixWord(said, body);
  return { bytes: contentBytes, content: finishHash(content) };
}

/** Of a blob that was left out for its size, the size. */
function mixBlob(hash: number, blobs: Buffer, start: number, end: number, size: number): number {
  return start === end ? mixWord(hash, size) : mixBytes(hash, blobs, start, end);
}

/** Whether the record may be larger than a leaf page holds. Sizes of texts are estimated first, and counted where that leaves doubt. */
function isOverflowing(line: PrintLine, shape: RecordShape): boolean {
  let known = numberAt(line, AT.otherBytes);
  for (let at: number = AT.bodyBytes; at <= AT.payloadBytes; at += 1) known += numberAt(line, at);
  const most = known + textBytes(line, utf8BytesMax);
  if (recordBytesMax(shape, most) <= shape.localBytesMax) return false;
  return recordBytesMax(shape, known + textBytes(line, Buffer.byteLength)) > shape.localBytesMax;
}

function textBytes(line: PrintLine, bytesOf: (text: string) => number): number {
  let bytes = 0;
  for (const at of [AT.guid, AT.service]) bytes += valueBytes(line[at], bytesOf);
  for (let at: number = AT.content; at < AT.contentEnd; at += 1) bytes += valueBytes(line[at], bytesOf);
  return bytes;
}

function valueBytes(value: PrintValue | undefined, bytesOf: (text: string) => number): number {
  if (typeof value === "string") return bytesOf(value);
  if (typeof value === "number" || value === null || value === undefined) {
    // In a text's place it is the size of one that is too large to be read; any other is below and counted with the shape.
    return value !== null && value !== undefined && value > ROW_BODY_BYTES_MAX ? value : 0;
  }
  return value.length;
}

/** A UTF-16 unit takes at most three bytes. */
function utf8BytesMax(text: string): number {
  return text.length * 3;
}

function numberAt(line: PrintLine, at: number): number {
  const value = line[at];
  return typeof value === "number" ? value : 0;
}

function textAt(line: PrintLine, at: number): string {
  const value = line[at];
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : value.toString();
}
