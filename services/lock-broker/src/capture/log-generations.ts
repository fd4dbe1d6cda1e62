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

/** A place as a position in the log that `header` is of. */
export function positionOf({ inode: _, ...place }: LogPlace, header: WalHeader): WalPosition {
  return { ...place, pageSize: header.pageSize, isBigEndianChecksum: header.isBigEndianChecksum };
}
