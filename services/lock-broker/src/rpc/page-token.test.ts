import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePageToken, encodePageToken, type ListingFields, positionOf } from "./page-token.ts";

const POSITION = { database: 0xfedcba98, date: 2n ** 63n - 1n, rowid: 12n };
const LISTING: ListingFields = ["messages", "any;-;a", 2, 5n, undefined];

test("a page token gives back its position, and nothing else is one", () => {
  const token = encodePageToken(POSITION, LISTING);
  assert.deepEqual(decodePageToken(token, LISTING), POSITION);
  const damaged = `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`;
  const others = [
    "x",
    damaged,
    token.slice(1),
    `${token}A`,
    token.toLowerCase(),
    "=".repeat(46),
    "A".repeat(1e6),
  ];
  for (const other of others) assert.equal(decodePageToken(other, LISTING), undefined, other.slice(0, 60));
});

test("a page token fits the request that it came from and no other", () => {
  const token = encodePageToken(POSITION, LISTING);
  const others: ListingFields[] = [
    ["search", "any;-;a", 2, 5n, undefined],
    ["messages", "any;-;b", 2, 5n, undefined],
    ["messages", "any;-;a", 1, 5n, undefined],
    ["messages", "any;-;a", 2, 5, undefined],
    ["messages", "any;-;a", 2, undefined, 5n],
    ["messages", "any;-;a", 2, 5n],
  ];
  for (const other of others) assert.equal(decodePageToken(token, other), undefined);
  assert.throws(() => positionOf(token, ["chats"]), {
    code: "INVALID_ARGUMENT",
    reason: "PAGE_TOKEN_INVALID",
  });
  assert.equal(positionOf("", LISTING), undefined);
});
