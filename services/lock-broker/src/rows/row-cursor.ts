import { crc32 } from "node:zlib";
import { assert } from "@imesh/flow";
import { ByteFault, ByteReader, ByteWriter } from "./cursor-bytes.ts";

/** The device and inode of chat.db: together with the uid, which database a position belongs to. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/**
 * Why a row is kept beside the position.
 * - unjoined: not emitted yet; waits for its chat (or, incoming, for is_finished) until the settling deadline
 * - overdue: emitted without its chat when the deadline passed; its chat may still come
 * - status: emitted; an own message whose progress is followed (or an incoming one that was not finished by the deadline)
 * - direction: emitted as incoming moments ago; Messages may yet correct whose it is
 */
export type PendingKind = "unjoined" | "overdue" | "status" | "direction";

/** A row kept beside the position. */
export interface PendingRow {
  readonly rowid: bigint;
  readonly kind: PendingKind;
  /** When it was first seen in this kind, Unix milliseconds, whole. */
  readonly sinceUnixMs: number;
  /** Fingerprint at its last emission; of its first reading while unjoined. */
  readonly fingerprint: number;
}

/**
 * The whole state of a tail. The broker stores nothing on disk: the consumer keeps this, as bytes, with what it made
 * of the rows, so that both move together (I3).
 */
export interface TailState {
  /** At most {@link DATABASE_UID_BYTES_MAX}. */
  readonly databaseUid: string;
  readonly file: FileIdentity;
  /** Every row up to here has been looked at. */
  readonly afterRowid: bigint;
  /** textHash of the guid at `afterRowid`; 0 when there was no row. */
  readonly afterGuidHash: number;
  /** By rising ROWID, all at most `afterRowid`, at most {@link PENDING_ROWS_MAX}. */
  readonly pending: readonly PendingRow[];
}

/**
 * Most rows beside a position. Each costs about 10 bytes in every cursor and a few microseconds when it is read again;
 * 1,024 covers a backfill page without chats, or a day of own messages to groups, which never count as delivered.
 */
export const PENDING_ROWS_MAX = 1_024;

/** Apple's is a UUID of 36 bytes. */
export const DATABASE_UID_BYTES_MAX = 256;

/** Bytes that are no cursor of ours: another program's, damaged, or of a version we do not read. */
export class CursorInvalidError extends Error {
  override readonly name = "CursorInvalidError";
  readonly detail: string;

  constructor(detail: string) {
    super(`Cannot resume from cursor: (${detail})`);
    this.detail = detail;
  }
}

const MAGIC = Buffer.from("imc");
/** 1: the first. A change of meaning gets a new number, and old ones stay readable: a consumer's cursor outlives us. */
const VERSION = 1;
const CRC_BYTES = 4;
/** Their places are part of the encoding. */
const KINDS: readonly PendingKind[] = ["unjoined", "overdue", "status", "direction"];

/** Magic, version, the fields as varints with ROWIDs and times as differences, CRC-32 of all before. */
export function encodeCursor(state: TailState): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(MAGIC);
  writer.byte(VERSION);
  const uid = Buffer.from(state.databaseUid, "utf8");
  assert(uid.length <= DATABASE_UID_BYTES_MAX, "a database uid is short");
  writer.varint(BigInt(uid.length));
  writer.bytes(uid);
  writer.varint(state.file.device);
  writer.varint(state.file.inode);
  writer.varint(state.afterRowid);
  writer.uint32(state.afterGuidHash);
  writer.varint(BigInt(state.pending.length));
  let rowid = 0n;
  let sinceUnixMs = 0;
  for (const row of state.pending) {
    writer.varint(row.rowid - rowid);
    writer.byte(KINDS.indexOf(row.kind));
    writer.signed(row.sinceUnixMs - sinceUnixMs);
    writer.uint32(row.fingerprint);
    rowid = row.rowid;
    sinceUnixMs = row.sinceUnixMs;
  }
  writer.uint32(crc32(writer.written()));
  return writer.written();
}

/** The state that {@link encodeCursor} wrote. Throws {@link CursorInvalidError} for anything else. */
export function decodeCursor(cursor: Uint8Array): TailState {
  const bytes = Buffer.from(cursor.buffer, cursor.byteOffset, cursor.byteLength);
  const bodyEnd = bytes.length - CRC_BYTES;
  if (bodyEnd < MAGIC.length + 1 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new CursorInvalidError("not made by lock-broker");
  }
  if (crc32(bytes.subarray(0, bodyEnd)) !== bytes.readUInt32BE(bodyEnd)) {
    throw new CursorInvalidError("checksum differs");
  }
  const version = bytes[MAGIC.length];
  if (version !== VERSION) throw new CursorInvalidError(`version ${version}, want ${VERSION}`);
  try {
    return readState(new ByteReader(bytes.subarray(MAGIC.length + 1, bodyEnd)));
  } catch (error) {
    if (error instanceof ByteFault) throw new CursorInvalidError(error.message);
    throw error;
  }
}

function readState(reader: ByteReader): TailState {
  const databaseUid = Buffer.from(reader.bytes(Number(reader.varint()))).toString("utf8");
  const file = { device: reader.varint(), inode: reader.varint() };
  const afterRowid = reader.varint();
  const afterGuidHash = reader.uint32();
  const pending = readPending(reader);
  if ((pending.at(-1)?.rowid ?? 0n) > afterRowid)
    throw new CursorInvalidError("pending row beyond the position");
  if (reader.remaining > 0) throw new CursorInvalidError("too long");
  return { databaseUid, file, afterRowid, afterGuidHash, pending };
}

function readPending(reader: ByteReader): PendingRow[] {
  const count = Number(reader.varint());
  if (count > PENDING_ROWS_MAX)
    throw new CursorInvalidError(`${count} pending rows, at most ${PENDING_ROWS_MAX}`);
  const pending: PendingRow[] = [];
  let rowid = 0n;
  let sinceUnixMs = 0;
  for (let index = 0; index < count; index += 1) {
    const step = reader.varint();
    if (step <= 0n) throw new CursorInvalidError("pending rows out of order");
    rowid += step;
    const kind = KINDS[reader.byte()];
    if (kind === undefined) throw new CursorInvalidError("unknown kind of pending row");
    sinceUnixMs += reader.signed();
    pending.push({ rowid, kind, sinceUnixMs, fingerprint: reader.uint32() });
  }
  return pending;
}
