import { RunningChecksum } from "./wal-checksum.ts";
import { WalFormatError } from "./wal-format-error.ts";

/** Bytes of the header at the start of a log. */
export const WAL_HEADER_BYTES = 32;

/** The header's first word; its lowest bit says that checksums are over big-endian words (sqlite.org/walformat.html). */
const MAGIC = 0x377f0682;
const VERSION = 3_007_000;
const CHECKSUMMED_BYTES = 24;
const PAGE_SIZE_MIN = 512;
const PAGE_SIZE_MAX = 65_536;

/** A log's header. Numbers are unsigned 32 bits as stored. */
export interface WalHeader {
  /** 512 to 65,536, a power of two. */
  readonly pageSize: number;
  /** With salt2 the name of this generation of the log: both change when it is started anew, salt1 by one. */
  readonly salt1: number;
  readonly salt2: number;
  readonly checkpointSequence: number;
  readonly isBigEndianChecksum: boolean;
  /** Where the running checksum of the frames starts. */
  readonly checksum1: number;
  readonly checksum2: number;
}

/**
 * The header in the first 32 of `bytes`. Throws {@link WalFormatError}, and nothing else. A header is written with one
 * write before the first frame of its generation, so a bad checksum at the start of a live log is gone at the next look.
 */
export function parseWalHeader(bytes: Uint8Array): WalHeader {
  if (bytes.length < WAL_HEADER_BYTES) throw new WalFormatError("too-short", `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, WAL_HEADER_BYTES);
  const magic = view.getUint32(0);
  if ((magic & ~1) >>> 0 !== MAGIC) throw new WalFormatError("bad-magic", `0x${magic.toString(16)}`);
  const version = view.getUint32(4);
  if (version !== VERSION) throw new WalFormatError("bad-version", `${version}`);
  const pageSize = view.getUint32(8);
  if (!isPageSize(pageSize)) throw new WalFormatError("bad-page-size", `${pageSize}`);
  const isBigEndianChecksum = (magic & 1) === 1;
  const sum = new RunningChecksum({ checksum1: 0, checksum2: 0 }, isBigEndianChecksum);
  sum.add(view, 0, CHECKSUMMED_BYTES);
  const checksum1 = view.getUint32(24);
  const checksum2 = view.getUint32(28);
  if (sum.checksum1 !== checksum1 || sum.checksum2 !== checksum2) {
    throw new WalFormatError("bad-checksum", `0x${checksum1.toString(16)} 0x${checksum2.toString(16)}`);
  }
  return {
    pageSize,
    salt1: view.getUint32(16),
    salt2: view.getUint32(20),
    checkpointSequence: view.getUint32(12),
    isBigEndianChecksum,
    checksum1,
    checksum2,
  };
}

/** True for what SQLite can have as a page size. */
export function isPageSize(pageSize: number): boolean {
  return pageSize >= PAGE_SIZE_MIN && pageSize <= PAGE_SIZE_MAX && (pageSize & (pageSize - 1)) === 0;
}
