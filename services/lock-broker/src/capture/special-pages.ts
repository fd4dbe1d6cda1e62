import { type DatabaseHeader, databaseHeader, parseFreelistTrunk } from "@imesh/wal";

/** What the first page of a commit tells about others. */
export interface SpecialPages {
  /** Undefined when the first page was not changed. */
  readonly header: DatabaseHeader | undefined;
  /** Pages known to be free after the commit: those it freed, and more. */
  readonly free: ReadonlySet<number>;
}

const NO_PAGES: ReadonlySet<number> = new Set();

/**
 * Reads the header and the freelist as far as the commit wrote it. Whatever is freed is entered in the trunk that is first by then, so
 * a commit that frees pages has changed the first page and writes an unbroken run of trunks from the first one on. A page that is
 * freed keeps its bytes, and the log may even carry them once more: what it looks like means nothing.
 * Throws PageFormatError.
 */
export function specialPages(pages: ReadonlyMap<number, Uint8Array>): SpecialPages {
  const first = pages.get(1);
  if (first === undefined) return { header: undefined, free: NO_PAGES };
  const header = databaseHeader(first);
  if (header.firstFreelistTrunk === 0) return { header, free: NO_PAGES };
  const free = new Set<number>();
  let trunkNumber = header.firstFreelistTrunk;
  for (let page = pages.get(trunkNumber); page !== undefined; page = pages.get(trunkNumber)) {
    if (free.has(trunkNumber)) break;
    const trunk = parseFreelistTrunk(page, header.usableBytes);
    free.add(trunkNumber);
    for (const leaf of trunk.leaves) free.add(leaf);
    trunkNumber = trunk.next;
  }
  return { header, free };
}
