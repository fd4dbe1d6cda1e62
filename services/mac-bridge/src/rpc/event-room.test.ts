import assert from "node:assert/strict";
import { test } from "node:test";
import { EventRoom } from "./event-room.ts";

test("id() is whole or empty, text() is cut between characters, whole() is all or nothing", () => {
  const room = new EventRoom();
  assert.deepEqual(
    [room.id(null), room.id(""), room.id("x".repeat(1_024)).length, room.id("x".repeat(1_025))],
    ["", "", 1_024, ""],
  );
  assert.deepEqual(
    [
      room.text("abcdef", 4),
      room.text("ab🧵", 3),
      room.text("ab🧵", 4),
      room.text(null, 4),
      room.text("a", 0),
    ],
    ["abcd", "ab", "ab🧵", "", ""],
  );
  assert.deepEqual([room.whole("abc", 3), room.whole("abcd", 3), room.whole("", 3)], ["abc", undefined, ""]);
  assert.equal(room.whole(null, 3), undefined);
  assert.equal(room.text("a\uD800", 9), "a\uFFFD");
});

test("list() keeps the first that fit and leaves out what is made undefined", () => {
  const room = new EventRoom();
  assert.deepEqual(
    room.list([1, 2, 3, 4, 5], 2, (each) => (each % 2 === 0 ? undefined : each)),
    [1, 3],
  );
  const long = "x".repeat(1_000);
  const kept = room.list(
    Array.from({ length: 10_000 }, () => long),
    10_000,
    (each) => room.id(each),
  );
  assert.ok(kept.length > 300 && kept.length < 500, `${kept.length} kept`);
  assert.ok(kept.every((each) => each === long));
  // What holds a message together cannot be crowded out by its texts, nor they by it.
  assert.deepEqual(
    room.list([1], 1, (each) => each),
    [],
  );
  assert.equal(room.text(long, 1_000), long);
});

test("texts share one allowance, which ends", () => {
  const room = new EventRoom();
  const kept = Array.from({ length: 100 }, () => room.text("x".repeat(10_000), 10_000).length);
  const sum = kept.reduce((left, right) => left + right, 0);
  assert.ok(sum > 300_000 && sum < 400_000, `${sum} units`);
  assert.deepEqual([kept[0], kept.at(-1)], [10_000, 0]);
  assert.deepEqual([room.id("still"), room.whole("a", 1)], ["still", undefined]);
});
