import { assert } from "./assert.ts";

const CAPACITY_INITIAL = 16;

/**
 * Double-ended sequence with O(1) push, shift and index: a ring that doubles when full. Not exported from the library:
 * it has no bound of its own, {@link BoundedQueue} and {@link TailBuffer} give it one (I8).
 */
export class Deque<T> {
  #slots: (T | undefined)[] = new Array(CAPACITY_INITIAL);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) % this.#slots.length] = item;
    this.#length += 1;
  }

  /** Removes and returns the oldest item; asserts that there is one. */
  shift(): T {
    const item = this.at(0);
    // The slot is cleared so that a taken item is not kept alive by the ring.
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length -= 1;
    return item;
  }

  /** The item at `index` counted from the oldest; asserts that it exists. */
  at(index: number): T {
    assert(index >= 0 && index < this.#length, "a deque index lies within its length");
    return this.#slots[(this.#head + index) % this.#slots.length] as T;
  }

  #grow(): void {
    const slots: (T | undefined)[] = new Array(this.#slots.length * 2);
    for (let index = 0; index < this.#length; index += 1) slots[index] = this.at(index);
    this.#slots = slots;
    this.#head = 0;
  }
}
