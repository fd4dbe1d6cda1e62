const ENTRY_BYTES = 5;

/** SQLite locks bytes here, so the page that holds this byte is never used. */
const PENDING_BYTE = 0x4000_0000;

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

function entriesEach(usableBytes: number): number {
  return Math.floor(usableBytes / ENTRY_BYTES);
}
