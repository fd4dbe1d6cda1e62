import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import {
  finishHash,
  HASH_START,
  mixBytes,
  mixValue,
  type PrintValue,
  rowidHash,
  sumHashes,
} from "./print-hash.ts";

function hashOf(...values: readonly PrintValue[]): number {
  return finishHash(values.reduce<number>(mixValue, HASH_START));
}

describe("a print's hash", () => {
  test("stays what it is: ledgers keep it (PRINTS_VERSION)", () => {
    const hashes = [
      hashOf("iMessage", 1, null, -7, 2 ** 40 + 3, "héllo 🎉", Buffer.from([1, 2, 3, 4, 5])),
      rowidHash(7),
    ];
    assert.deepEqual(hashes, [936_983_970, 4_011_749_079]);
  });

  test("takes NULL, 0 and what is empty for the same", () => {
    const hashes = [null, 0, -0, "", Buffer.alloc(0)].map((value) => hashOf(1, value, 2));
    assert.equal(new Set(hashes).size, 1);
  });

  test("does not take a large number's second word for the value after it", () => {
    assert.notEqual(hashOf("b", 2 ** 32 + 1, Buffer.alloc(0)), hashOf("b", 1, Buffer.alloc(1)));
  });

  // With 32 bits, two of ten thousand are alike by chance in one run of ninety.
  test("tells apart any two rows of a thousand", () => {
    const random = SeededRandom.fromEnvironment("print hash");
    const seen = new Map<number, string>();
    for (let round = 0; round < 1_000; round += 1) {
      const values: PrintValue[] = [
        random.integer(0, 1_000),
        random.pick([null, "a", "b", "ab", "x".repeat(random.integer(1, 40))]),
        random.pick([1, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 52 + random.integer(0, 1_000)]),
        Buffer.alloc(random.integer(0, 9), random.integer(0, 255)),
      ];
      const said = JSON.stringify(values);
      const hash = hashOf(...values);
      assert(hash >= 0 && hash <= 0xffffffff && Number.isInteger(hash));
      assert.equal(seen.get(hash) ?? said, said);
      seen.set(hash, said);
    }
  });

  test("of bytes is that of the part alone, wherever it lies", () => {
    const random = SeededRandom.fromEnvironment("print hash of bytes");
    for (let round = 0; round < 200; round += 1) {
      const part = Buffer.from(Array.from({ length: random.integer(0, 30) }, () => random.integer(0, 255)));
      const before = random.integer(0, 9);
      const whole = Buffer.concat([Buffer.alloc(before, 7), part, Buffer.alloc(3, 9)]);
      assert.equal(
        mixBytes(HASH_START, whole, before, before + part.length),
        mixBytes(HASH_START, part, 0, part.length),
      );
      if (part.length === 0) continue;
      const other = Buffer.from(part);
      const at = random.integer(0, part.length - 1);
      other[at] = (other[at] ?? 0) ^ 1;
      assert.notEqual(hashOf(part), hashOf(other));
    }
  });

  test("of a set does not depend on its order, and none is 0", () => {
    const rowids = [3, 1, 2 ** 40].map(rowidHash);
    assert.equal(sumHashes(rowids), sumHashes([...rowids].reverse()));
    assert.notEqual(sumHashes(rowids), sumHashes(rowids.slice(1)));
    assert.equal(sumHashes([]), 0);
  });
});
