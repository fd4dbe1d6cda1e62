import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { decodeAscii, decodeUtf16 } from "./string-forms.ts";

const ROUNDS = 5_000;

function bigEndianUnits(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length * 2 }, (_, index) => {
    const unit = text.charCodeAt(index >> 1);
    return index % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}

test("decodeAscii() reads what is ASCII, of any length, and refuses the rest", () => {
  for (const length of [0, 1, 16, 17, 48, 5_000]) {
    const text = "\0 ~az\x7f".repeat(length).slice(0, length);
    const bytes = Uint8Array.from(`?${text}?`, (character) => character.charCodeAt(0));
    assert.equal(decodeAscii(bytes, 1, length), text);
    for (const at of length === 0 ? [] : [1, length]) {
      const broken = bytes.slice();
      broken[at] = 0x80;
      assert.equal(decodeAscii(broken, 1, length), null, `byte ${at} of ${length}`);
    }
  }
});

test("decodeUtf16() keeps byte-order marks and lone surrogates wherever they stand", () => {
  const filling = "x".repeat(20);
  for (const odd of ["\uFEFF", "\uFFFE", "\uD83E", "\uDDF5", "\uDDF5\uD83E", "\uD83E\uD83E\uDDF5", "🧵"]) {
    for (const text of [odd, `${odd}${filling}`, `${filling}${odd}`, `${filling}${odd}${filling}`]) {
      assert.equal(decodeUtf16(bigEndianUnits(text), 0, text.length), text, JSON.stringify(text));
    }
  }
});

test(`decodeUtf16() reads ${ROUNDS} random strings unit for unit`, () => {
  const random = SeededRandom.fromEnvironment("UTF-16 strings");
  const pieces = ["a", "ü", "漢", "🧵", "\uFEFF", "\0"];
  for (let round = 0; round < ROUNDS; round += 1) {
    const all = random.chance(0.3) ? [...pieces, "\uD83E", "\uDDF5"] : pieces;
    const count = random.chance(0.01) ? 5_000 : random.integer(0, 40);
    const text = Array.from({ length: count }, () => random.pick(all)).join("");
    const bytes = Uint8Array.of(0, ...bigEndianUnits(text), 0);
    assert.equal(decodeUtf16(bytes, 1, text.length), text, `round ${round}`);
  }
});
