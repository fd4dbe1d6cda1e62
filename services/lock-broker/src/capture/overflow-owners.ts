import { overflowNext } from "@imesh/wal";
import type { PageClass } from "./page-shapes.ts";

/** The cell whose payload goes on in an overflow page. */
export interface OverflowOwner {
  readonly pageClass: PageClass;
  readonly rowid: bigint;
}

/** Owners that are remembered, one for each overflow page, some 80 bytes each; the oldest go first. */
const OWNERS_MAX = 32_768;

/**
 * Whose overflow pages are whose. SQLite rewrites a large row in place by its overflow pages alone when its size stays, so
 * that the commit has no leaf to tell which row it was: this remembers it from the last time a leaf came by.
 */
export class OverflowOwners {
  readonly #owners = new Map<number, OverflowOwner>();

  /** A leaf says that `owner`'s payload goes on at `head`. */
  learn(head: number, owner: OverflowOwner): void {
    // Anew, so that it counts as recent.
    this.#owners.delete(head);
    this.#owners.set(head, owner);
    if (this.#owners.size <= OWNERS_MAX) return;
    for (const oldest of this.#owners.keys()) {
      this.#owners.delete(oldest);
      break;
    }
  }

  /** The page was freed, or holds something else. */
  forgetPage(pageNumber: number): void {
    this.#owners.delete(pageNumber);
  }

  /** The database ends at `databasePages` now. */
  cutOff(databasePages: number): void {
    for (const pageNumber of this.#owners.keys())
      if (pageNumber > databasePages) this.#owners.delete(pageNumber);
  }

  forget(): void {
    this.#owners.clear();
  }

  /**
   * Calls `visit` with the owner of each of a commit's overflow pages, and takes those pages out of `loose`; what is left in it has
   * no owner that is known. `heads` are the first pages of chains that the commit's leaves tell of: they are the truth,
   * what is remembered comes second, since a page may have changed hands.
   */
  resolve(
    loose: Map<number, Uint8Array>,
    heads: ReadonlyMap<number, OverflowOwner>,
    visit: (owner: OverflowOwner) => void,
  ): void {
    for (const [head, owner] of heads) this.#follow(loose, head, owner, visit);
    for (const pageNumber of [...loose.keys()]) {
      const owner = this.#owners.get(pageNumber);
      if (owner !== undefined) this.#follow(loose, pageNumber, owner, visit);
    }
  }

  /** Follows a chain as far as the commit has its pages. Each page is taken out of `loose`, so that even a ring ends. */
  #follow(
    loose: Map<number, Uint8Array>,
    head: number,
    owner: OverflowOwner,
    visit: (owner: OverflowOwner) => void,
  ): void {
    let pageNumber = head;
    for (let page = loose.get(head); page !== undefined; page = loose.get(pageNumber)) {
      loose.delete(pageNumber);
      this.learn(pageNumber, owner);
      visit(owner);
      pageNumber = overflowNext(page);
    }
    // The rest of the chain was not written; where it begins is worth knowing all the same.
    if (pageNumber !== head && pageNumber !== 0) this.learn(pageNumber, owner);
  }
}
