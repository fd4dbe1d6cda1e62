import { FieldFault, type FieldReader } from "./cursor-fields.ts";

/** What is taken over from a cursor of the former format, whose broker kept no ledger and read by ROWID alone. */
export interface FormerCursor {
  readonly databaseUid: string;
  /** Every row up to here was looked at. */
  readonly headRowid: bigint;
  /** {@link formerGuidHash} of the guid at `headRowid`; 0 when there was no row. */
  readonly guidHash: number;
  /** Rows up to `headRowid` that were not told, by rising ROWID. */
  readonly untold: readonly bigint[];
}

const UID_BYTES_MAX = 256;
const PENDING_MAX = 1_024;
/** Of the four kinds of pending rows, the one that was not sent. The others were; what became of them since, prints tell. */
const KIND_UNSENT = 0;
const KINDS = 4;

/**
 * The fields of the former format, version 1, after magic and version: uid, device, inode, ROWID, guid's hash, then the pending rows
 * as steps of ROWID, kind, step of time, fingerprint. Throws FieldFault.
 */
export function readFormerCursor(reader: FieldReader): FormerCursor {
  const databaseUid = reader.text(UID_BYTES_MAX);
  reader.number();
  reader.number();
  const headRowid = reader.int();
  const guidHash = reader.uint32();
  const untold: bigint[] = [];
  let rowid = 0n;
  for (let left = reader.count(PENDING_MAX); left > 0; left -= 1) {
    const step = reader.int();
    if (step === 0n) throw new FieldFault("pending rows out of order");
    rowid += step;
    const kind = reader.byte();
    if (kind >= KINDS) throw new FieldFault("unknown kind of pending row");
    reader.number();
    reader.uint32();
    if (kind === KIND_UNSENT) untold.push(rowid);
  }
  if (rowid > headRowid) throw new FieldFault("pending row beyond the position");
  return { databaseUid, headRowid, guidHash, untold };
}

/** FNV-1a of 32 bits over UTF-16 units, as the former format hashed guids. */
export function formerGuidHash(guid: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < guid.length; index += 1) {
    hash = Math.imul(hash ^ guid.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
