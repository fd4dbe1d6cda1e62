import type { BtreePage, TableLeafPage } from "./page.ts";
import { PageFormatError } from "./page-format-error.ts";

/** As deep as SQLite's own cursors go; a larger tree would not fit a database. */
const DEPTH_MAX = 20;

/** A leaf of the walk. */
export interface WalkedLeaf {
  readonly pageNumber: number;
  readonly page: TableLeafPage;
}

/**
 * The leaves of the table whose b-tree begins at page `root`, in the order of their ROWIDs. `getPage` is called once for each
 * page, when the walk comes to it; it parses the page (see parsePage()) and may throw to end the walk. Throws {@link
 * PageFormatError} (bad-tree, unordered) for a tree that is none: it visits no interior page twice, goes no deeper than SQLite
 * does, and lets ROWIDs only rise.
 */
export function* walkTableLeaves(
  root: number,
  getPage: (pageNumber: number) => BtreePage,
): Generator<WalkedLeaf, void, undefined> {
  const visited = new Set<number>();
  // Next page last. The depth goes with each: an explicit stack knows no other way to tell how deep it is.
  const pending = [{ pageNumber: root, depth: 1 }];
  let before: bigint | undefined;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { pageNumber, depth } = next;
    if (depth > DEPTH_MAX) throw new PageFormatError("bad-tree", `page ${pageNumber} at depth ${depth}`);
    const page = getPage(pageNumber);
    if (page.kind === "table-leaf") {
      before = requireAfter(page, before);
      yield { pageNumber, page };
      continue;
    }
    if (page.kind !== "table-interior")
      throw new PageFormatError("bad-tree", `page ${pageNumber} is ${page.kind}`);
    if (visited.has(pageNumber)) throw new PageFormatError("bad-tree", `page ${pageNumber} a second time`);
    visited.add(pageNumber);
    pending.push({ pageNumber: page.right, depth: depth + 1 });
    for (const child of page.children.toReversed())
      pending.push({ pageNumber: child.page, depth: depth + 1 });
  }
}

/** The last ROWID so far. */
function requireAfter({ cells }: TableLeafPage, before: bigint | undefined): bigint | undefined {
  const first = cells[0];
  if (first !== undefined && before !== undefined && first.rowid <= before) {
    throw new PageFormatError("unordered", `${first.rowid} after ${before}`);
  }
  return cells.at(-1)?.rowid ?? before;
}
