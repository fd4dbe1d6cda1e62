import { type BtreePage, columnCount, PageFormatError, parsePage, parseRecord } from "@imesh/wal";

/** A pair of ROWIDs and the ROWID of their join. */
const KEY_COLUMNS = 3;

/**
 * True when one of `indexPages` may be of an index that keeps joins unique: its keys are two integers and a ROWID. Every join
 * that begins or ends writes such a page; Apple's upkeep of a join's other columns writes none.
 */
export function isJoinIndexTouched(indexPages: readonly Uint8Array[], usableBytes: number): boolean {
  return indexPages.some((page) => {
    try {
      return isJoinIndex(parsePage(page, { pageNumber: ANY_PAGE, usableBytes }));
    } catch (error) {
      if (!(error instanceof PageFormatError)) throw error;
      // Whatever it is, it does not clear anybody.
      return true;
    }
  });
}

/** Not the first page; which one does not matter. */
const ANY_PAGE = 2;

function isJoinIndex(page: BtreePage): boolean {
  if (page.kind !== "index-leaf" && page.kind !== "index-interior") return false;
  const cell = page.cells[0];
  // Without a key it may have been any index's last.
  if (cell === undefined) return true;
  if (columnCount(cell.local) !== KEY_COLUMNS) return false;
  const record = parseRecord(cell.local);
  for (let index = 0; index < KEY_COLUMNS; index += 1) {
    const kind = record.valueAt(index)?.kind;
    if (kind !== "integer" && kind !== "null") return false;
  }
  return true;
}
