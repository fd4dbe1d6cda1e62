import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionError } from "@imesh/flow";
import { requestIdOf, turnIdOf } from "./request-id.ts";

const turn = { journalId: "11111111-1111-4111-8111-111111111111", firstSequence: 42n };

test("requestIdOf() is made of positions alone", () => {
  assert.equal(turnIdOf(turn), "11111111-1111-4111-8111-111111111111/42");
  assert.equal(requestIdOf("agent", turn, 0), "agent/11111111-1111-4111-8111-111111111111/42/0");
});

test("requestIdOf() fits mac-bridge's bound with the longest name and the last sequence", () => {
  const last = { ...turn, firstSequence: 2n ** 63n - 1n };
  assert.ok(requestIdOf("n".repeat(64), last, 99).length <= 128);
});

test("requestIdOf() refuses what mac-bridge would", () => {
  assert.throws(() => requestIdOf("a b", turn, 0), AssertionError);
  assert.throws(() => requestIdOf("é", turn, 0), AssertionError);
});
