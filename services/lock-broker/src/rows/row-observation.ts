import { appleTimeToUnixNs } from "@imesh/imessage-model";
import { type ColumnValue, type ColumnValues, toFlag, toInt32, toInt64, toText } from "./column-values.ts";

/** What the tail must know of a row to decide about it: small, and read without its bodies. */
export interface RowObservation {
  readonly rowid: bigint;
  /** {@link textHash} of `guid`, to recognise the row in a database that was replaced. */
  readonly guidHash: number;
  readonly isFromMe: boolean;
  /** False only where the database says so; NULL and a missing column count as finished. */
  readonly isFinished: boolean;
  /** It has a join to a chat that is there. */
  readonly isJoined: boolean;
  /** The user deleted it: it is in the recoverable join and in no chat (reference §2.9). */
  readonly isDeleted: boolean;
  /** An own message that will not go further: read by the peer, or failed. */
  readonly isFinal: boolean;
  /** An own message that arrived. */
  readonly isDelivered: boolean;
  /** `date` in Unix milliseconds; undefined where the row says none. The sender's clock; the future for scheduled ones. */
  readonly dateUnixMs: number | undefined;
  /** `date_delivered` likewise. */
  readonly deliveredUnixMs: number | undefined;
  /** Equal for two readings of a row when no followed column changed; different otherwise, but for one chance in 2³². */
  readonly fingerprint: number;
  /** Bytes of its bodies. */
  readonly bytes: number;
}

/** Makes sense of one line of the observing queries. */
export function toObservation(values: ColumnValues): RowObservation {
  const error = toInt32(values.error);
  const isDelivered = toFlag(values.is_delivered) || toInt64(values.date_delivered) > 0n;
  const hasReadDate = unixMs(values.date_read) !== undefined;
  const isFromMe = toFlag(values.is_from_me);
  const isJoined = toFlag(values.is_joined);
  return {
    rowid: toInt64(values.rowid),
    guidHash: textHash(toText(values.guid) ?? ""),
    isFromMe,
    isFinished: values.is_finished === null || toFlag(values.is_finished),
    isJoined,
    isDeleted: !isJoined && toFlag(values.is_recoverable),
    isFinal: isFromMe && (error !== 0 || hasReadDate),
    isDelivered,
    dateUnixMs: unixMs(values.date),
    deliveredUnixMs: unixMs(values.date_delivered),
    fingerprint: fingerprintOf(values, isFromMe, error),
    bytes: Number(toInt64(values.bytes)),
  };
}

const PROGRESS_FLAGS = ["is_sent", "is_delivered", "is_read"] as const;
const PROGRESS_DATES = ["date_read", "date_delivered", "date_edited"] as const;

/**
 * A hash of the followed columns. Of an own message: how far it has come. Of an incoming one only whose it is and whether it
 * is finished; that somebody reads it here is no news of it. NULL counts as 0, as on the wire.
 */
function fingerprintOf(values: ColumnValues, isFromMe: boolean, error: number): number {
  const isFinished = toFlag(values.is_finished);
  let flags = (isFromMe ? 2 : 0) + (isFinished ? 1 : 0);
  if (!isFromMe) return mix(FNV_OFFSET, flags) >>> 0;
  for (const name of PROGRESS_FLAGS) flags = flags * 2 + (toFlag(values[name]) ? 1 : 0);
  let hash = mix(mix(FNV_OFFSET, flags), error);
  for (const name of PROGRESS_DATES) {
    const value = toInt64(values[name]);
    hash = mix(hash, Number(BigInt.asIntN(32, value)));
    hash = mix(hash, Number(BigInt.asIntN(32, value >> 32n)));
  }
  return hash >>> 0;
}

/** FNV-1a over the UTF-16 units, 32 bits. For telling apart, not against an adversary. */
export function textHash(text: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash >>> 0;
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** One round of FNV-1a for each byte of a 32-bit word. */
function mix(hash: number, word: number): number {
  let mixed = hash;
  for (let shift = 0; shift < 32; shift += 8) {
    mixed = Math.imul(mixed ^ ((word >>> shift) & 0xff), FNV_PRIME);
  }
  return mixed;
}

const NS_PER_MS = 1_000_000n;

function unixMs(value: ColumnValue | undefined): number | undefined {
  const unixNs = appleTimeToUnixNs(toInt64(value));
  return unixNs === null ? undefined : Number(unixNs / NS_PER_MS);
}
