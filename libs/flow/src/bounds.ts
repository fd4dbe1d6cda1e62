import { assert } from "./assert.ts";

/** Both bounds of a buffer (I8). Each is an integer of at least 1; there is no "unlimited". */
export interface Bounds {
  /** Most items held at once. */
  readonly itemsMax: number;
  /** Most bytes held at once, as the caller counts them. */
  readonly bytesMax: number;
}

/** Asserts that both bounds are usable; a buffer that can hold nothing is our bug, not a configuration. */
export function assertBounds(bounds: Bounds): void {
  assert(
    Number.isSafeInteger(bounds.itemsMax) && bounds.itemsMax >= 1,
    "itemsMax is an integer of at least 1",
  );
  assert(
    Number.isSafeInteger(bounds.bytesMax) && bounds.bytesMax >= 1,
    "bytesMax is an integer of at least 1",
  );
}

/** Asserts that a size given with an item is a count of bytes. */
export function assertBytes(bytes: number): void {
  assert(Number.isSafeInteger(bytes) && bytes >= 0, "an item's bytes is a non-negative integer");
}
