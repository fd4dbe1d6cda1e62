import { createHash } from "node:crypto";
import type { Random } from "@imesh/time";

const UINT32 = 0x1_0000_0000;

/** A range of waits in milliseconds, both ends included; 0 ≤ min ≤ max. */
export interface WaitRangeMs {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * The only source of chance of the simulator: the same seed and name give the same numbers on every machine, in
 * whatever order other streams are drawn from. One stream for each purpose (a stream's own draws do depend on their order).
 * The generator is Chris Doty-Humphrey's sfc32, 128 bits of state; never for secrets.
 */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;

  /** `seed` is any integer or text; `purpose` names the stream: "burst". */
  constructor(seed: bigint | string, purpose: string) {
    const digest = createHash("sha256").update(`${seed}\0${purpose}`).digest();
    this.#state = Uint32Array.from({ length: 4 }, (_, index) => digest.readUInt32LE(index * 4));
  }

  next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const sum = (a + b + counter) >>> 0;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum;
    this.#state[3] = counter + 1;
    return sum / UINT32;
  }

  uuid(): string {
    const hex = Array.from({ length: 8 }, () => this.integer(0, 0xffff).toString(16).padStart(4, "0"));
    // Version 4, variant 10: what Apple's guids look like.
    const version = `4${hex[3]?.slice(1)}`;
    const variant = `${"89ab"[this.integer(0, 3)]}${hex[4]?.slice(1)}`;
    return `${hex[0]}${hex[1]}-${hex[2]}-${version}-${variant}-${hex[5]}${hex[6]}${hex[7]}`;
  }

  /** An integer in min..max, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** A wait in the range, drawn evenly, in fractional milliseconds. */
  waitMs(range: WaitRangeMs): number {
    return range.minMs + this.next() * (range.maxMs - range.minMs);
  }

  /** One of `items`, which is not empty. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.integer(0, items.length - 1)] ?? items[0];
  }
}
