/**
 * What is wrong with a page that SQLite cannot have written.
 * - bad-size: the page is shorter than its usable bytes, or these are out of range
 * - bad-header: a b-tree header that reaches outside the page, or an interior page without its right child
 * - bad-cell: a cell reaches outside the page, or says what cannot be
 * - cells-overlap: the cells together are larger than the page
 * - unordered: ROWIDs do not rise
 * - bad-record: the header of a record is malformed
 * - bad-freelist, bad-database-header: the same for these
 * - bad-tree: a walk came to a page of another kind, to one a second time, or too deep
 */
export type PageFormatErrorCode =
  | "bad-size"
  | "bad-header"
  | "bad-cell"
  | "cells-overlap"
  | "unordered"
  | "bad-record"
  | "bad-freelist"
  | "bad-database-header"
  | "bad-tree";

/** Thrown for a page that cannot be read: the file is damaged, or the bytes are not the page they were taken for. */
export class PageFormatError extends Error {
  override readonly name = "PageFormatError";
  readonly code: PageFormatErrorCode;

  /** `found` names numbers only, never content. */
  constructor(code: PageFormatErrorCode, found: string) {
    super(`Cannot parse page: ${code} (${found})`);
    this.code = code;
  }
}
