import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePageToken, encodePageToken } from "./page-token.ts";

test("a page token gives back its position, and nothing else is one", () => {
  const position = { lastMessageDate: 2n ** 63n - 1n, chatRowid: 12n };
  const token = encodePageToken(position);
  assert.deepEqual(decodePageToken(token), position);
  const damaged = `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`;
  for (const other of ["x", damaged, token.slice(1), `${token}A`, token.toLowerCase(), "=".repeat(28)]) {
    assert.equal(decodePageToken(other), undefined, other);
  }
});
