/** Bytes of pages that are held for one transaction: some 2,000 pages of the usual size, a burst of as many messages. */
const BYTES_MAX = 8 * 1024 * 1024;

/**
 * The pages of a transaction until it commits, each as written last. Bounded: beyond the bound none are held, and the
 * transaction is known as too large to be looked at page by page.
 */
export class TransactionPages {
  readonly #pages = new Map<number, Uint8Array>();
  #borrowed: number[] = [];
  #bytes = 0;
  #isTooLarge = false;

  /** Of the transaction so far; empty when it is too large. Valid until the next call of anything else. */
  get pages(): ReadonlyMap<number, Uint8Array> {
    return this.#pages;
  }

  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /** Takes a page that belongs to the caller: it stays as it is until {@link own} or {@link clear}. */
  add(pageNumber: number, page: Uint8Array): void {
    if (this.#isTooLarge) return;
    if (!this.#pages.has(pageNumber)) this.#bytes += page.length;
    this.#pages.set(pageNumber, page);
    this.#borrowed.push(pageNumber);
    if (this.#bytes <= BYTES_MAX) return;
    this.clear();
    this.#isTooLarge = true;
  }

  /** Copies what is borrowed, before its owner writes over it. */
  own(): void {
    for (const pageNumber of this.#borrowed) {
      const page = this.#pages.get(pageNumber);
      if (page !== undefined) this.#pages.set(pageNumber, page.slice());
    }
    this.#borrowed = [];
  }

  /** Begins the next one. */
  clear(): void {
    this.#pages.clear();
    if (this.#borrowed.length > 0) this.#borrowed = [];
    this.#bytes = 0;
    this.#isTooLarge = false;
  }
}
