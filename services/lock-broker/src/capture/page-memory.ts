import type { LeafImage } from "./leaf-image.ts";

/** Images of leaves that are kept: the hot pages of a busy Mac are a few dozen. */
const IMAGES_MAX = 512;
/** And their bytes, for pages larger than usual. */
const IMAGE_BYTES_MAX = 2 * 1024 * 1024;
const IMAGES_MIN = 16;

/** Pages of which we know that they held no joins before; beyond it all is forgotten, which costs a doubt here and there. */
const HARMLESS_MAX = 65_536;

/** Buffers of images that were dropped, used for the next ones: allocating 4 KiB costs more than parsing them. */
const SPARES_MAX = 64;

/**
 * What pages held at the last commit that touched them: images of the watched leaves (bounded, the least recently used go
 * first), and of other pages that they were none. An image must never be older than its page, or it would hide a change: pages
 * that are freed or cut off are dropped, and all of them when frames were missed.
 */
export class PageMemory {
  readonly #images = new Map<number, LeafImage>();
  readonly #harmless = new Set<number>();
  #spares: Uint8Array[] = [];
  #dropped: Uint8Array[] = [];

  /** A copy of `page`, in a buffer of ours. */
  copy(page: Uint8Array): Uint8Array {
    const spare = this.#spares.pop();
    if (spare === undefined || spare.length !== page.length) return page.slice();
    spare.set(page);
    return spare;
  }

  /** Gives back a copy that became no image; nobody may look at it any more. */
  release(copy: Uint8Array): void {
    if (this.#spares.length < SPARES_MAX) this.#spares.push(copy);
  }

  image(pageNumber: number): LeafImage | undefined {
    return this.#images.get(pageNumber);
  }

  /** True when what the page held is known well enough to say that no joins were lost with it. */
  isKnown(pageNumber: number): boolean {
    return this.#images.has(pageNumber) || this.#harmless.has(pageNumber);
  }

  /** Takes `image`, whose page is a {@link copy}, in place of what the page held. */
  keep(pageNumber: number, image: LeafImage): void {
    this.#remove(pageNumber);
    this.#images.set(pageNumber, image);
    const max = Math.max(IMAGES_MIN, Math.min(IMAGES_MAX, Math.floor(IMAGE_BYTES_MAX / image.page.length)));
    for (const [oldest, evicted] of this.#images) {
      if (this.#images.size <= max) break;
      this.#remove(oldest);
      if (evicted.pageClass.joins.length === 0) this.#harmless.add(oldest);
    }
  }

  /** The page holds no watched leaf any more: it is free, or something else. */
  keepHarmless(pageNumber: number): void {
    this.#remove(pageNumber);
    if (this.#harmless.size >= HARMLESS_MAX) this.#harmless.clear();
    this.#harmless.add(pageNumber);
  }

  /** The database ends at `databasePages` now. */
  cutOff(databasePages: number): void {
    for (const pageNumber of this.#images.keys()) if (pageNumber > databasePages) this.#remove(pageNumber);
    // What comes there later is beyond the end by then, which is as good as known.
    for (const pageNumber of this.#harmless)
      if (pageNumber > databasePages) this.#harmless.delete(pageNumber);
  }

  /** Ends a commit: buffers of images that it replaced may be written over from now on. */
  endCommit(): void {
    for (const page of this.#dropped) this.release(page);
    this.#dropped = [];
  }

  forget(): void {
    this.#images.clear();
    this.#harmless.clear();
    this.#dropped = [];
  }

  #remove(pageNumber: number): void {
    this.#harmless.delete(pageNumber);
    const image = this.#images.get(pageNumber);
    if (image === undefined) return;
    this.#images.delete(pageNumber);
    this.#dropped.push(image.page);
  }
}
