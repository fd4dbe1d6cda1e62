import type { WalHeader, WalPosition } from "@imesh/wal";
import type { LogPlace } from "./candidates.ts";

/** A log that is started anew counts its first salt up by one; anything else is another beginning. */
export function isSuccessor(header: WalHeader, position: WalPosition): boolean {
  return header.salt1 === successorOf(position.salt1) && header.pageSize === position.pageSize;
}

/** First salt of the generation after one with this; undefined when that one is not known. */
export function successorOf(salt1: number | undefined): number | undefined {
  return salt1 === undefined ? undefined : (salt1 + 1) >>> 0;
}

/** A position as a place in the log with this inode; undefined where there is none. */
export function placeOf(position: WalPosition | undefined, inode: bigint | undefined): LogPlace | undefined {
  if (position === undefined || inode === undefined) return undefined;
  const { salt1, salt2, frames, checksum1, checksum2 } = position;
  return { inode, salt1, salt2, frames, checksum1, checksum2 };
}

/** A place as a position in the log that `header` is of. */
export function positionOf({ inode: _, ...place }: LogPlace, header: WalHeader): WalPosition {
  return { ...place, pageSize: header.pageSize, isBigEndianChecksum: header.isBigEndianChecksum };
}
