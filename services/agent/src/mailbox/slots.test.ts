import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionError } from "@imesh/flow";
import { Slots } from "./slots.ts";

function slotsOf(slotsMax: number): { slots: Slots; granted: string[]; ask: (name: string) => void } {
  const slots = new Slots({ slotsMax, waitersMax: 3 });
  const granted: string[] = [];
  return { slots, granted, ask: (name) => slots.request(() => granted.push(name)) };
}

test("request() grants while there are slots, then in the order of asking", () => {
  const { slots, granted, ask } = slotsOf(2);
  for (const name of ["a", "b", "c", "d"]) ask(name);
  assert.deepEqual(granted, ["a", "b"]);
  slots.release();
  assert.deepEqual([granted, slots.inUse], [["a", "b", "c"], 2]);
});

test("hold() keeps everyone waiting until resume()", () => {
  const { slots, granted, ask } = slotsOf(2);
  ask("a");
  slots.hold();
  ask("b");
  slots.release();
  assert.deepEqual(granted, ["a"]);
  slots.resume();
  assert.deepEqual([granted, slots.inUse], [["a", "b"], 1]);
});

test("release() without a slot, and more waiters than the bound, are our bug", () => {
  const { slots, ask } = slotsOf(1);
  assert.throws(() => slots.release(), AssertionError);
  for (const name of ["a", "b", "c", "d"]) ask(name);
  assert.throws(() => ask("e"), AssertionError);
});
