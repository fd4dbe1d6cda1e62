import type { Clock } from "@imesh/time";

/** Longest time a page may take, in milliseconds; what has begun by then is finished. */
export const PAGE_MS_MAX = 20;

/** Most message rows that a page reads whole. */
export const PAGE_ROWS_MAX = 256;

/** How long one page may still go on. Made at its beginning. */
export class PageBudget {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #isEnding: () => boolean;
  readonly #endMs: number;

  /** `isEnding` says that somebody wants it to end before its time. */
  constructor(
    clock: Pick<Clock, "monotonicMs">,
    isEnding: () => boolean = () => false,
    allowedMs = PAGE_MS_MAX,
  ) {
    this.#clock = clock;
    this.#isEnding = isEnding;
    this.#endMs = clock.monotonicMs() + allowedMs;
  }

  /** True once the page should end. Asked between rows or small groups of them, after at least one. */
  get isSpent(): boolean {
    return this.#isEnding() || this.#clock.monotonicMs() >= this.#endMs;
  }
}
