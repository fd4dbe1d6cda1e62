/** Shorter ones cost less to compare than to look up. */
const LENGTH_MIN = 64;

/**
 * Gives long strings of one body the same identity where they are equal, so that comparing two of them later costs nothing
 * however often a hostile body has them compared. One instance serves one body.
 */
export class LongStrings {
  #strings: Map<string, string> | null = null;

  /** The first string given that equals `text`. */
  sole(text: string): string {
    if (text.length < LENGTH_MIN) {
      return text;
    }
    this.#strings ??= new Map();
    const known = this.#strings.get(text);
    if (known !== undefined) {
      return known;
    }
    this.#strings.set(text, text);
    return text;
  }
}
