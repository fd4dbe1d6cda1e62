import { ByteReader } from "./byte-reader.ts";
import type { PagePlace } from "./page.ts";
import { PageFormatError } from "./page-format-error.ts";

const ENTRY_BYTES = 5;

/** SQLite locks bytes here, so the page that holds this byte is never used. */
const PENDING_BYTE = 0x4000_0000;

/**
 * What a page is used for, as the map has it, and the page that points to it (0 for none).
 * - root: of a b-tree
 * - free
 * - overflow-first: parent is the b-tree page of the cell
 * - overflow-next: parent is the overflow page before
 * - btree: parent is the interior page above
 */
export interface PointerMapEntry {
  readonly pageNumber: number;
  readonly kind: "root" | "free" | "overflow-first" | "overflow-next" | "btree";
  readonly parent: number;
}

const KINDS = [undefined, "root", "free", "overflow-first", "overflow-next", "btree"] as const;

/**
 * True for the pages of the map in a database that has one (auto-vacuum is on): page 2, and each one after as many pages as a
 * map's page has entries (sqlite.org/fileformat2.html §1.8). `pageSize` matters where it differs from the usable bytes.
 */
export function isPointerMapPage(
  pageNumber: number,
  usableBytes: number,
  pageSize: number = usableBytes,
): boolean {
  if (pageNumber < 2) return false;
  const pagesEach = entriesEach(usableBytes) + 1;
  const regular = Math.floor((pageNumber - 2) / pagesEach) * pagesEach + 2;
  const pendingPage = PENDING_BYTE / pageSize + 1;
  return pageNumber === (regular === pendingPage ? regular + 1 : regular);
}

/**
 * The entries of a page of the map, without empty ones. Those of pages beyond the database's end mean nothing. Throws {@link
 * PageFormatError} for a page that holds no map.
 */
export function parsePointerMap(page: Uint8Array, { pageNumber, usableBytes }: PagePlace): PointerMapEntry[] {
  if (page.length < usableBytes) {
    throw new PageFormatError("bad-size", `${page.length} bytes, ${usableBytes} usable`);
  }
  const reader = new ByteReader(page, usableBytes, "bad-pointer-map");
  const entries: PointerMapEntry[] = [];
  for (let index = 1; index <= entriesEach(usableBytes); index += 1) {
    const type = reader.uint8();
    const parent = reader.uint32();
    if (type >= KINDS.length) throw new PageFormatError("bad-pointer-map", `type ${type}`);
    const kind = KINDS[type];
    if (kind !== undefined) entries.push({ pageNumber: pageNumber + index, kind, parent });
  }
  return entries;
}

function entriesEach(usableBytes: number): number {
  return Math.floor(usableBytes / ENTRY_BYTES);
}
