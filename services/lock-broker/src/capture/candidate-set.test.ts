import assert from "node:assert/strict";
import { test } from "node:test";
import { CandidateSet } from "./candidate-set.ts";

test("merges later candidates over earlier ones: a page's leaf is the last one", () => {
  const earlier = new CandidateSet();
  earlier.addRow("message", 1n);
  earlier.addLeaf(5, { table: "message", rowids: [1n, 2n] });
  const later = new CandidateSet();
  later.addRow("chat", 3n);
  later.addLeaf(5, { table: "message", rowids: [1n] });
  later.addLeaf(6, { table: "chat", rowids: [3n] });
  later.doubt("joins");
  later.miss("reset");
  earlier.merge(later);
  assert.deepEqual(
    [[...earlier.messages], [...earlier.chats], earlier.leaves, [...earlier.doubts], earlier.missed],
    [
      [1n],
      [3n],
      [
        { table: "message", rowids: [1n] },
        { table: "chat", rowids: [3n] },
      ],
      ["joins"],
      "reset",
    ],
  );
});

test("asks for a scan in place of more than 20,000 rows, and keeps none of them (I8)", () => {
  const set = new CandidateSet();
  for (let rowid = 1n; rowid <= 20_000n; rowid += 1n) set.addRow("message", rowid);
  assert.deepEqual([set.messages.size, set.missed], [20_000, undefined]);
  set.addRow("chat", 1n);
  assert.deepEqual([set.messages.size, set.chats.size, set.missed], [0, 0, "large"]);
});

test("is empty until something is said", () => {
  const set = new CandidateSet();
  assert.equal(set.isEmpty, true);
  set.doubt("overflow");
  assert.equal(set.isEmpty, false);
});
