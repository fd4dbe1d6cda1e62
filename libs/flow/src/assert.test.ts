import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { AssertionError, assert, unreachable } from "./assert.ts";

test("assert() passes what is true and names the fact that is not", () => {
  assert(true, "never said");
  throws(() => assert(false, "sequence 5 follows 4"), {
    name: "AssertionError",
    message: "Broken fact: sequence 5 follows 4",
  });
});

test("unreachable() names the variant and never its content", () => {
  const messages = [{ kind: "stray", text: "private" }, { text: "private" }, 7].map((value) => {
    try {
      return unreachable(value as never);
    } catch (error) {
      equal(error instanceof AssertionError, true);
      return (error as Error).message;
    }
  });
  deepEqual(messages, [
    "Broken fact: unreachable value of kind stray",
    "Broken fact: unreachable value of type object",
    "Broken fact: unreachable value 7",
  ]);
});
