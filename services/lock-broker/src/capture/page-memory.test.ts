import assert from "node:assert/strict";
import { test } from "node:test";
import { PageMemory } from "./page-memory.ts";
import { UNWATCHED } from "./page-shapes.ts";

function image(memory: PageMemory, value: number) {
  return { pageClass: UNWATCHED, page: memory.copy(new Uint8Array(4096).fill(value)), cells: [] };
}

test("forgets images beyond the end of the database, of pages that are something else, and the oldest ones", () => {
  const memory = new PageMemory();
  for (const pageNumber of [3, 9, 11]) memory.keep(pageNumber, image(memory, pageNumber));
  memory.cutOff(9);
  memory.keepHarmless(3);
  assert.deepEqual(
    [3, 9, 11].map((pageNumber) => [memory.image(pageNumber)?.page[0], memory.isKnown(pageNumber)]),
    [
      [undefined, true],
      [9, true],
      [undefined, false],
    ],
  );
  for (let pageNumber = 100; pageNumber < 1_000; pageNumber += 1) memory.keep(pageNumber, image(memory, 1));
  assert.deepEqual(
    [memory.image(9), memory.image(487), memory.image(488)?.page[0]],
    [undefined, undefined, 1],
  );
});

test("writes over an image that was replaced only when its commit has ended", () => {
  const memory = new PageMemory();
  const old = image(memory, 1);
  memory.keep(5, old);
  memory.keep(5, image(memory, 2));
  memory.copy(new Uint8Array(4096).fill(9));
  assert.equal(old.page[0], 1);
  memory.endCommit();
  assert.equal(memory.copy(new Uint8Array(4096).fill(9)), old.page);
});
