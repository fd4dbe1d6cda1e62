import { crc32 } from "node:zlib";
import { assert } from "@imesh/flow";
import { FieldFault, FieldReader, FieldWriter } from "./cursor-fields.ts";
import { type FormerCursor, readFormerCursor } from "./former-cursor.ts";

/** A consumer's place: in the change log of one ledger, and, should that be lost, in the table of messages. */
export interface ChangeCursor {
  /** Whose log: 32 hex digits, upper-case. */
  readonly storeId: string;
  /** The start of the broker that made the cursor. */
  readonly epoch: bigint;
  /** Every change up to here was told. */
  readonly sequence: bigint;
  /** `_UniqueIdentifier` of the database then; at most {@link UID_BYTES_MAX} bytes. */
  readonly databaseUid: string;
  /** Every message up to here was told, but for `untold`. */
  readonly headRowid: bigint;
  /** Messages up to `headRowid` that were not told yet, by rising ROWID; at most {@link UNTOLD_MAX}. */
  readonly untold: readonly bigint[];
  /**
   * Set while the consumer goes on by ROWID, because its former cursor was of another ledger: messages up to here are told one by
   * one, and the log goes on after them. Undefined: it goes along the log.
   */
  readonly throughRowid: bigint | undefined;
}

/** What a cursor's bytes say. */
export type DecodedCursor =
  | { readonly kind: "change"; readonly cursor: ChangeCursor }
  | { readonly kind: "former"; readonly cursor: FormerCursor };

/** Bytes that are no cursor of ours: another program's, damaged, or of a version to come. */
export class CursorInvalidError extends Error {
  override readonly name = "CursorInvalidError";
  /** A fragment that says what is wrong. */
  readonly detail: string;

  constructor(detail: string) {
    super(`Cannot resume from cursor: (${detail})`);
    this.detail = detail;
  }
}

/** A cursor whose following changes are no longer kept. */
export class CursorExpiredError extends Error {
  override readonly name = "CursorExpiredError";
  /** Of the oldest change that is kept, as everyone else knows it. */
  readonly oldestSequence: bigint;

  constructor(oldestSequence: bigint) {
    super(`Cannot resume from cursor: expired (oldest change kept: ${oldestSequence})`);
    this.oldestSequence = oldestSequence;
  }
}

/** Rows that wait are few; beyond this many a cursor says "told" only up to the first of the rest. */
export const UNTOLD_MAX = 64;

/** Apple's is a UUID of 36 bytes; a longer one is hashed before it comes here. */
export const UID_BYTES_MAX = 256;

/** A former cursor could carry more; it is taken over as it is and worked off at once. */
const UNTOLD_DECODED_MAX = 1_024;

const MAGIC = Buffer.from("imc");
const VERSION = 2;
const VERSION_FORMER = 1;
const CRC_BYTES = 4;
const STORE_ID_BYTES = 16;

/** Magic, version, the fields, CRC-32 of all before. */
export function encodeCursor(cursor: ChangeCursor): Uint8Array {
  const { storeId, epoch, sequence, databaseUid, headRowid, untold, throughRowid } = cursor;
  const store = Buffer.from(storeId, "hex");
  assert(store.length === STORE_ID_BYTES, "a store's id has 16 bytes");
  assert(untold.length <= UNTOLD_DECODED_MAX, "few rows are untold");
  const writer = new FieldWriter();
  writer.bytes(MAGIC).bytes(Uint8Array.of(VERSION)).bytes(store);
  writer.number(epoch).number(sequence).text(databaseUid).number(headRowid);
  writer.number(BigInt(untold.length));
  let before = 0n;
  for (const rowid of untold) {
    assert(rowid > before && rowid <= headRowid, "untold rows rise up to the head");
    writer.number(rowid - before);
    before = rowid;
  }
  // One more than the ROWID, so that 0 says "none".
  writer.number(throughRowid === undefined ? 0n : throughRowid + 1n);
  return writer.uint32(crc32(writer.written())).written();
}

/** What {@link encodeCursor} wrote, or the former format's fields. Throws {@link CursorInvalidError} for anything else. */
export function decodeCursor(cursor: Uint8Array): DecodedCursor {
  const bytes = Buffer.from(cursor.buffer, cursor.byteOffset, cursor.byteLength);
  const end = bytes.length - CRC_BYTES;
  if (end <= MAGIC.length || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new CursorInvalidError("not made by lock-broker");
  }
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) {
    throw new CursorInvalidError("checksum differs");
  }
  const reader = new FieldReader(bytes.subarray(MAGIC.length, end));
  try {
    const decoded = readFields(reader);
    if (reader.left > 0) throw new FieldFault("too long");
    return decoded;
  } catch (error) {
    if (error instanceof FieldFault) throw new CursorInvalidError(error.message);
    throw error;
  }
}

function readFields(reader: FieldReader): DecodedCursor {
  const version = reader.byte();
  if (version === VERSION_FORMER) return { kind: "former", cursor: readFormerCursor(reader) };
  if (version !== VERSION) throw new CursorInvalidError(`version ${version}, want ${VERSION}`);
  const storeId = reader.bytes(STORE_ID_BYTES).toString("hex").toUpperCase();
  const epoch = reader.int();
  const sequence = reader.int();
  const databaseUid = reader.text(UID_BYTES_MAX);
  const headRowid = reader.int();
  const untold: bigint[] = [];
  for (let left = reader.count(UNTOLD_DECODED_MAX); left > 0; left -= 1) {
    const step = reader.int();
    if (step === 0n) throw new FieldFault("untold rows out of order");
    untold.push((untold.at(-1) ?? 0n) + step);
  }
  if ((untold.at(-1) ?? 0n) > headRowid) throw new FieldFault("untold row beyond the head");
  const through = reader.int();
  const throughRowid = through === 0n ? undefined : through - 1n;
  return {
    kind: "change",
    cursor: { storeId, epoch, sequence, databaseUid, headRowid, untold, throughRowid },
  };
}
