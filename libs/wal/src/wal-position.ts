import { WAL_HEADER_BYTES, type WalHeader } from "./wal-header.ts";

/** Bytes of the header before each frame's page. */
export const FRAME_HEADER_BYTES = 24;

/**
 * A place between two frames of one generation of a log: all that is needed to read on from there, also after a restart, and
 * also when the log was started anew meanwhile and the header tells of another generation.
 */
export interface WalPosition {
  readonly pageSize: number;
  readonly isBigEndianChecksum: boolean;
  readonly salt1: number;
  readonly salt2: number;
  /** Frames before it. */
  readonly frames: number;
  /** The running checksum up to it. */
  readonly checksum1: number;
  readonly checksum2: number;
}

/** The place before the first frame of the generation that `header` tells of. */
export function walStart(header: WalHeader): WalPosition {
  const { pageSize, isBigEndianChecksum, salt1, salt2, checksum1, checksum2 } = header;
  return { pageSize, isBigEndianChecksum, salt1, salt2, frames: 0, checksum1, checksum2 };
}

/** Bytes of a frame, header and page. */
export function frameBytes(pageSize: number): number {
  return FRAME_HEADER_BYTES + pageSize;
}

/** Offset in the log, in bytes, of the frame that comes next. */
export function frameOffset(position: Pick<WalPosition, "pageSize" | "frames">): number {
  return WAL_HEADER_BYTES + position.frames * frameBytes(position.pageSize);
}
