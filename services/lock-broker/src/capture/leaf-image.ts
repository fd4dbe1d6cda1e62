import type { TableLeafCell } from "@imesh/wal";
import type { PageClass } from "./page-shapes.ts";

/** A leaf of a watched table as a commit left it. */
export interface LeafImage {
  readonly pageClass: PageClass;
  /** Begins at a multiple of four in its buffer. */
  readonly page: Uint8Array;
  /** Of `page`; ROWIDs rise. */
  readonly cells: readonly TableLeafCell[];
}

/** Bytes of a page that differ: first and last offset, or an empty range. */
interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Calls `visit` for each cell that is not the same on both images, in no particular order: changed ones with both, those that
 * came or went with one. Cells are the same when their stored bytes are; what lies in overflow pages is not looked at.
 */
export function diffLeaves(
  before: LeafImage,
  after: LeafImage,
  visit: (before: TableLeafCell | undefined, after: TableLeafCell | undefined) => void,
): void {
  const changed = changedBytes(before.page, after.page);
  let old = 0;
  let now = 0;
  for (;;) {
    const oldCell = before.cells[old];
    const nowCell = after.cells[now];
    if (oldCell === undefined && nowCell === undefined) return;
    if (nowCell === undefined || (oldCell !== undefined && oldCell.rowid < nowCell.rowid)) {
      visit(oldCell, undefined);
      old += 1;
    } else if (oldCell === undefined || nowCell.rowid < oldCell.rowid) {
      visit(undefined, nowCell);
      now += 1;
    } else {
      if (
        !isUntouched(oldCell, nowCell, changed) &&
        !areSameCells(before.page, oldCell, after.page, nowCell)
      ) {
        visit(oldCell, nowCell);
      }
      old += 1;
      now += 1;
    }
  }
}

/** Whether two cells are stored as the same bytes. */
export function areSameCells(
  leftPage: Uint8Array,
  left: TableLeafCell,
  rightPage: Uint8Array,
  right: TableLeafCell,
): boolean {
  const bytes = left.storedBytes;
  if (bytes !== right.storedBytes) return false;
  const leftStart = left.storedOffset;
  const rightStart = right.storedOffset;
  for (let index = 0; index < bytes; index += 1) {
    if (leftPage[leftStart + index] !== rightPage[rightStart + index]) return false;
  }
  return true;
}

/** Most cells of a changed page lie where they lay, outside the bytes that changed: two comparisons instead of twenty. */
function isUntouched(before: TableLeafCell, after: TableLeafCell, changed: ByteRange): boolean {
  const offset = after.storedOffset;
  const bytes = after.storedBytes;
  if (before.storedOffset !== offset || before.storedBytes !== bytes) return false;
  return offset > changed.last || offset + bytes <= changed.first;
}

/** In words of four bytes, for speed: the range may be a few bytes too large. The header and the cells' offsets are left out. */
function changedBytes(before: Uint8Array, after: Uint8Array): ByteRange {
  const bytes = Math.min(before.length, after.length);
  const left = new Int32Array(before.buffer, before.byteOffset, bytes >>> 2);
  const right = new Int32Array(after.buffer, after.byteOffset, bytes >>> 2);
  // The content area begins at the header's bytes 5 and 6; 0 stands for 65,536. Above it are no cells on either page.
  const contentStart = Math.min(contentOffset(before), contentOffset(after));
  let first = contentStart >>> 2;
  while (first < left.length && left[first] === right[first]) first += 1;
  let last = left.length - 1;
  while (last > first && left[last] === right[last]) last -= 1;
  return { first: first * 4, last: last * 4 + 3 };
}

function contentOffset(page: Uint8Array): number {
  const stored = ((page[5] ?? 0) << 8) | (page[6] ?? 0);
  return stored === 0 ? 0x1_0000 : stored;
}
