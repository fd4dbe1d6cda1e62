import { columnCount, PageFormatError, parsePage } from "@imesh/wal";

/**
 * True when a commit shows by its index pages that no row of `message` came or went: such a row is written to each of the table's
 * indexes over all rows, hence to a page of each, and fewer pages were written than that. Apple's upkeep writes one index or
 * two. `keyWidths`: values in the keys of each of them (ChatDbSchema.messageKeyWidths).
 */
export function areRowsKept(
  indexPages: readonly Uint8Array[],
  keyWidths: readonly number[],
  usableBytes: number,
): boolean {
  if (indexPages.length < keyWidths.length) return true;
  if (keyWidths.length === 0) return false;
  const widths = indexPages.map((page) => keyWidth(page, usableBytes));
  return [...new Set(keyWidths)].some((width) => {
    const written = widths.filter((found) => found === width || found === undefined).length;
    return written < keyWidths.filter((wanted) => wanted === width).length;
  });
}

/** Not the first page; which one does not matter. */
const ANY_PAGE = 2;

/** Undefined: it can be of any index. */
function keyWidth(page: Uint8Array, usableBytes: number): number | undefined {
  try {
    const parsed = parsePage(page, { pageNumber: ANY_PAGE, usableBytes });
    if (parsed.kind !== "index-leaf" && parsed.kind !== "index-interior") return undefined;
    const [cell] = parsed.cells;
    return cell === undefined ? undefined : columnCount(cell.local);
  } catch (error) {
    if (!(error instanceof PageFormatError)) throw error;
    return undefined;
  }
}
