import assert from "node:assert/strict";
import { test } from "node:test";
import { BEHAVIOR_MODELS, behaviorOf } from "./behavior.ts";

test("behaviorOf() does something special for every documented name, and for no other", () => {
  for (const model of Object.keys(BEHAVIOR_MODELS)) {
    assert.notDeepEqual(behaviorOf(model, 0), { kind: "answer" }, model);
  }
  assert.deepEqual(behaviorOf("claude-sonnet-5-5", 0), { kind: "answer" });
  assert.deepEqual(behaviorOf("stand-in/of-another-kind", 0), { kind: "answer" });
});

test("behaviorOf() lets what fails once succeed at the retry", () => {
  for (const model of ["stand-in/overloaded-once", "stand-in/rate-limited-once"]) {
    assert.deepEqual(behaviorOf(model, 1), { kind: "answer" });
  }
});

test("behaviorOf() reads how slow it is to be", () => {
  assert.deepEqual(behaviorOf("stand-in/slow-250ms", 0), { kind: "slow", extraMs: 250 });
});
