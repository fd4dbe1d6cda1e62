import assert from "node:assert/strict";
import { test } from "node:test";
import { holdsWords, searchWords } from "./search-words.ts";

function holds(text: string, query: string): boolean {
  const words = searchWords(query);
  assert(words !== undefined);
  return holdsWords(text, words);
}

test("a text holds a query's words in whatever case, order and canonical form", () => {
  const found: readonly (readonly [string, string])[] = [
    ["Lunch at NOON?", "noon lunch"],
    ["un Cafe\u0301 noir", "CAFÉ"],
    ["un Café noir", "cafe\u0301"],
    ["Straße", "STRASSE"],
    ["STRASSE", "straße"],
    ["ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"],
    ["\u212B unit", "å"],
    ["明日の昼", "の昼"],
    ["concatenate", "cat"],
    ["𝒳 ok 😀", "😀"],
  ];
  for (const [text, query] of found) assert.equal(holds(text, query), true, `${text} / ${query}`);
  const missed: readonly (readonly [string, string])[] = [
    ["lunch", "lunch noon"],
    ["cafe", "café"],
    ["", "a"],
  ];
  for (const [text, query] of missed) assert.equal(holds(text, query), false, `${text} / ${query}`);
});

test("a query has 1 to 8 words and 256 code units", () => {
  assert.deepEqual(searchWords("  a\tb\u00A0c  A "), ["a", "b", "c"]);
  assert.deepEqual(searchWords("1 2 3 4 5 6 7 8")?.length, 8);
  assert.deepEqual(searchWords("x".repeat(256))?.length, 1);
  for (const query of ["", " \n ", "1 2 3 4 5 6 7 8 9", "x".repeat(257)]) {
    assert.equal(searchWords(query), undefined, query);
  }
});
