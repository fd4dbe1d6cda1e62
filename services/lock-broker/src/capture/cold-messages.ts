import type { MessageCell } from "../rows/message-record.ts";

/** Cells of one leaf of `message` of which nothing is known but that their page was written. */
export interface ColdLeaf {
  readonly page: Uint8Array;
  /** ROWIDs rise. */
  readonly cells: MessageCell[];
}

/** More rows than this in one commit are candidates like any others. */
const ROWS_MAX = 4_096;

/**
 * Rows of `message` in a commit that are touched for no other reason than that their page was not remembered: Apple's upkeep of old
 * messages, nearly always. Valid until the next commit, because cells are views of their pages.
 */
export class ColdMessages {
  readonly #leaves: ColdLeaf[] = [];
  #rows = 0;

  get leaves(): readonly ColdLeaf[] {
    return this.#leaves;
  }

  /** Adds a cell; false when there is no more room. */
  add(page: Uint8Array, cell: MessageCell): boolean {
    if (this.#rows === ROWS_MAX) return false;
    this.#rows += 1;
    const leaf = this.#leaves.at(-1);
    const before = leaf?.cells.at(-1);
    if (leaf?.page === page && before !== undefined && before.rowid < cell.rowid) leaf.cells.push(cell);
    else this.#leaves.push({ page, cells: [cell] });
    return true;
  }
}
