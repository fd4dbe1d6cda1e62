import { assert } from "@imesh/flow";
import type { Random } from "@imesh/time";

const UINT32 = 0x1_0000_0000;
const WARM_UP_ROUNDS = 20;

/**
 * Chance that repeats: the same seed gives the same numbers on every machine (Marsaglia's xorshift over four 32-bit
 * words; plenty for tests, nothing else). For a property test take {@link fromEnvironment}, which prints its seed.
 */
export class SeededRandom implements Random {
  readonly seed: number;
  readonly #words: Uint32Array;

  /** `seed` is an integer in 0..2^32-1. */
  constructor(seed: number) {
    assert(Number.isInteger(seed) && seed >= 0 && seed < UINT32, "a seed is an integer in 0..2^32-1");
    this.seed = seed;
    // Four different words even for seed 0 (xorshift stays at zero for ever if it starts there), then enough rounds
    // that neighbouring seeds have nothing in common.
    this.#words = Uint32Array.of(seed, ~seed, seed ^ 0x9e3779b9, 0x85ebca6b);
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.next();
  }

  /** Seed from the environment variable IMESH_SEED, else a fresh one; printed, so that any failure can be run again. */
  static fromEnvironment(what: string): SeededRandom {
    const given = process.env.IMESH_SEED;
    const seed = given === undefined ? Math.floor(Math.random() * UINT32) : Number(given);
    process.stdout.write(`# ${what}: IMESH_SEED=${seed}\n`);
    return new SeededRandom(seed);
  }

  next(): number {
    const [x = 0, y = 0, z = 0, w = 0] = this.#words;
    const shifted = x ^ (x << 11);
    const fresh = (w ^ (w >>> 19) ^ shifted ^ (shifted >>> 8)) >>> 0;
    this.#words.set([y, z, w, fresh]);
    return fresh / UINT32;
  }

  /** A UUID of version 4's form, from the seed. */
  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.integer(0, 15).toString(16));
    hex[12] = "4";
    hex[16] = this.pick(["8", "9", "a", "b"]);
    const text = hex.join("");
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
      "-",
    );
  }

  /** An integer in min..max, both included. */
  integer(min: number, max: number): number {
    assert(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max, "integer() has min <= max");
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** True with probability `probability`. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of `items`, which is not empty. */
  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, "pick() has something to pick from");
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** A new array with the same items in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let index = shuffled.length - 1; index > 0; index -= 1) {
      const other = this.integer(0, index);
      [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
    }
    return shuffled;
  }
}
