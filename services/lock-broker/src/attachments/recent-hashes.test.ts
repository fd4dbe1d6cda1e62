import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentHashes } from "./recent-hashes.ts";

test("RecentHashes keeps 256 and forgets the one not used for longest", () => {
  const hashes = new RecentHashes();
  for (let index = 0; index < 256; index += 1) hashes.set(`v${index}`, `h${index}`);
  assert.equal(hashes.get("v0"), "h0");
  hashes.set("v256", "h256");
  assert.deepEqual(
    ["v0", "v1", "v2", "v256"].map((version) => hashes.get(version)),
    ["h0", undefined, "h2", "h256"],
  );
});
