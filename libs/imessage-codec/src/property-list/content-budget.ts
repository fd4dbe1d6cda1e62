/** Short documents repeat words: a list may name one of its strings for every item. */
const UNITS_FLOOR = 64 * 1024;

/**
 * Foundation stores equal strings and equal data once, so six versions of a text that goes back and forth are
 * two.
 */
const UNITS_PER_BYTE = 4;

/**
 * Bounds how much text and data may be taken out of one document. Reading it is linear whatever it shares,
 * but whoever copies the strings out (to the wire, into a log of events) is not: one long string under a list
 * of a hundred thousand references would fill the memory. Honest documents stay far below.
 */
export class ContentBudget {
  #unitsLeft: number;

  /** `byteLength` is that of the document. */
  constructor(byteLength: number) {
    this.#unitsLeft = Math.max(UNITS_FLOOR, byteLength * UNITS_PER_BYTE);
  }

  /** Whether `units` more (UTF-16 units, bytes) may be taken; if so they are. */
  take(units: number): boolean {
    if (units > this.#unitsLeft) {
      return false;
    }
    this.#unitsLeft -= units;
    return true;
  }
}
