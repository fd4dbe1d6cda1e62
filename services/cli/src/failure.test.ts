import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionError } from "@imesh/flow";
import { StartupError } from "@imesh/lifecycle";
import { failedPrecondition, invalidArgument, notFound, resourceExhausted, unavailable } from "@imesh/rpc";
import { describeFailure, failureLines } from "./failure.ts";
import { ServiceFailure } from "./supervisor/service-failure.ts";
import { PLAIN } from "./terminal/style.ts";

test("every kind of failure has its exit code", () => {
  const facts = { reason: "SOME_REASON", message: "Cannot do it" };
  const failures: readonly [unknown, number][] = [
    [new StartupError({ exitCode: 73, message: "Cannot make it" }), 73],
    [unavailable(facts), 69],
    [notFound(facts), 66],
    [invalidArgument([{ field: "text", description: "must not be empty" }]), 64],
    [resourceExhausted({ ...facts, retryDelayMs: 250 }), 75],
    [failedPrecondition(facts), 78],
    [new AssertionError("Broken fact: one is two"), 70],
    [new TypeError("x is not a function"), 1],
    ["thrown text, which could be anything", 1],
  ];
  assert.deepEqual(
    failures.map(([error]) => describeFailure(error).exitCode),
    failures.map(([, exitCode]) => exitCode),
  );
});

test("a failure is told without a stack and without more than its own first line", () => {
  for (const error of [
    new Error("first\nsecond"),
    new AssertionError("Broken fact"),
    unavailable({ reason: "GONE", message: "Cannot" }),
  ]) {
    const text = failureLines(describeFailure(error), PLAIN).join("\n");
    assert.doesNotMatch(text, /\n\s+at |second/);
  }
  assert.doesNotMatch(failureLines(describeFailure("secret"), PLAIN).join(), /secret/);
});

test("a service's failure shows its last words between what failed and what to do", () => {
  const fault = { kind: "ended", exit: { kind: "code", code: 77 } } as const;
  const error = new ServiceFailure("lock-broker", fault, {
    path: "/h/logs/lock-broker.log",
    words: ["no access"],
  });
  assert.deepEqual(failureLines(describeFailure(error), PLAIN), [
    "imesh: Cannot keep lock-broker running: it exited with 77 (no permission)",
    "  | no access",
    "  → imesh doctor tells which one is missing and how to grant it; its log is /h/logs/lock-broker.log",
  ]);
});

test("a full outbox says when to try again", () => {
  const error = resourceExhausted({ reason: "OUTBOX_FULL", message: "Cannot accept", retryDelayMs: 250 });
  assert.equal(describeFailure(error).hint, "Try again in 250 ms");
});

test("what a service refuses is told to machines field by field", () => {
  const fieldViolations = [{ field: "edit.part", description: "must be 0 or more" }] as const;
  assert.deepEqual(describeFailure(invalidArgument(fieldViolations)).facts, {
    code: "INVALID_ARGUMENT",
    reason: "INVALID_ARGUMENT",
    metadata: {},
    fieldViolations,
  });
});
