import assert from "node:assert/strict";
import { test } from "node:test";
import { SendBehavior } from "./send-behavior.ts";

const take = (behavior: SendBehavior, count: number) => Array.from({ length: count }, () => behavior.take());

test("take() gives the passing mode as often as asked for, then the standing one", () => {
  const behavior = new SendBehavior();
  behavior.set("not-allowed", 0);
  behavior.set("error-22", 2);
  assert.equal(behavior.standing, "not-allowed");
  assert.deepEqual(take(behavior, 4), ["error-22", "error-22", "not-allowed", "not-allowed"]);
});

test("set() replaces what was left of an earlier passing mode", () => {
  const behavior = new SendBehavior();
  behavior.set("ghost-row", 5);
  behavior.set("no-such-chat", 1);
  assert.deepEqual(take(behavior, 2), ["no-such-chat", "normal"]);
  behavior.set("ghost-row", 5);
  behavior.set("normal", 0);
  assert.deepEqual(take(behavior, 1), ["normal"]);
});
