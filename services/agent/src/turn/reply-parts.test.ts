import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { PART_LENGTH_MAX, replyParts } from "./reply-parts.ts";

test("replyParts() leaves an ordinary reply whole", () => {
  assert.deepEqual(replyParts("  one\n\ntwo \n"), ["one\n\ntwo"]);
});

test("replyParts() has nothing to send of a blank reply", () => {
  assert.deepEqual(replyParts(" \0\n "), []);
});

test("replyParts() cuts at a line break, else at a blank, else anywhere", () => {
  assert.deepEqual(replyParts("aaaa bbb\ncc dd", 10), ["aaaa bbb", "cc dd"]);
  assert.deepEqual(replyParts("aaaa bbbb cc dd", 10), ["aaaa bbbb", "cc dd"]);
  assert.deepEqual(replyParts("abcdefghijkl", 10), ["abcdefghij", "kl"]);
});

test("replyParts() keeps surrogate pairs together", () => {
  assert.deepEqual(replyParts(`${"a".repeat(9)}😀b`, 10), ["a".repeat(9), "😀b"]);
});

test("replyParts() sends what mac-bridge takes and loses nothing but white space", () => {
  const random = SeededRandom.fromEnvironment("replyParts()");
  for (let run = 0; run < 200; run += 1) {
    const pieces = ["word", " ", "\n", "😀", "\0", "long".repeat(random.integer(1, 20)), "é"];
    const text = Array.from({ length: random.integer(0, 60) }, () => random.pick(pieces)).join("");
    const lengthMax = random.integer(2, 40);
    const parts = replyParts(text, lengthMax);
    for (const part of parts) {
      assert.ok(part.length >= 1 && part.length <= lengthMax, `length ${part.length} of ${lengthMax}`);
      assert.ok(part.isWellFormed() && !part.includes("\0"));
    }
    const bare = (value: string) => value.replaceAll(/[\s\0]/g, "");
    assert.equal(bare(parts.join("")), bare(text));
  }
  assert.equal(PART_LENGTH_MAX, 20_000);
});
