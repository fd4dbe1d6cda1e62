import { ByteReader } from "./byte-reader.ts";
import { PageFormatError } from "./page-format-error.ts";

/** A trunk of the freelist: the pages that are free, and the next trunk (0: none). */
export interface FreelistTrunk {
  readonly next: number;
  readonly leaves: readonly number[];
}

/**
 * The page on which a payload goes on after this overflow page; 0 when it ends here. Any page of four bytes or more has one:
 * whether it is an overflow page is for the caller to know. Throws {@link PageFormatError} for a shorter one.
 */
export function overflowNext(page: Uint8Array): number {
  return new ByteReader(page, page.length, "bad-size").uint32();
}

/** A trunk of the freelist (sqlite.org/fileformat2.html §1.5). Throws {@link PageFormatError} when it cannot be one. */
export function parseFreelistTrunk(page: Uint8Array, usableBytes: number): FreelistTrunk {
  if (page.length < usableBytes) {
    throw new PageFormatError("bad-size", `${page.length} bytes, ${usableBytes} usable`);
  }
  const reader = new ByteReader(page, usableBytes, "bad-freelist");
  const next = reader.uint32();
  const count = reader.uint32();
  if (count > usableBytes / 4 - 2) throw new PageFormatError("bad-freelist", `${count} leaves`);
  return { next, leaves: Array.from({ length: count }, () => reader.uint32()) };
}
