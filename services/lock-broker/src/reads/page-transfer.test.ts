import assert from "node:assert/strict";
import { test } from "node:test";
import { reviveBuffers, transferables } from "./page-transfer.ts";

test("large blobs that have their memory to themselves are given away, each once", () => {
  const large = Buffer.alloc(20_000, 1);
  const small = Buffer.alloc(100);
  const part = new Uint8Array(new ArrayBuffer(40_000), 0, 20_000);
  const answer = { rows: [{ a: large, b: small }, { deep: [{ c: part, again: large }] }], none: undefined };
  assert.deepEqual(transferables(answer), [large.buffer]);
});

test("an answer that crossed has Buffers again, with the same bytes", () => {
  const answer = {
    rows: [{ body: Buffer.from("body"), text: "t", at: 5n, none: undefined }],
    at: [Buffer.from("x")],
  };
  const crossed = structuredClone(answer, { transfer: transferables(answer) });
  assert.equal(Buffer.isBuffer(crossed.rows[0]?.body), false);
  reviveBuffers(crossed);
  assert.equal(Buffer.isBuffer(crossed.rows[0]?.body), true);
  assert.deepEqual(crossed, answer);
});
