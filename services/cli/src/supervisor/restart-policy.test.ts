import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import type { ChildExit } from "./child-process.ts";
import { decideRestart, RESTART_POLICY, type RestartDecision } from "./restart-policy.ts";

const random = { next: () => 0.5, uuid: () => "unused" };
const CRASH: ChildExit = { kind: "signal", signal: "SIGSEGV" };

function decide(exit: ChildExit, ranMs: number, quickRuns: number): RestartDecision {
  return decideRestart({ exit, ranMs, quickRuns }, RESTART_POLICY, random);
}

test("decideRestart() gives up at once on codes that only a person can change", () => {
  for (const code of [64, 66, 73, 77, 78]) {
    assert.deepEqual(decide({ kind: "code", code }, 60_000, 0), { kind: "give-up", because: "final-exit" });
  }
  assert.equal(decide({ kind: "not-started", reason: "ENOENT" }, 0, 0).kind, "give-up");
});

test("decideRestart() restarts after crashes, passing trouble and an unasked end", () => {
  const exits: ChildExit[] = [
    CRASH,
    ...[0, 1, 69, 70, 75, 139].map((code) => ({ kind: "code", code }) as const),
  ];
  for (const exit of exits) {
    assert.deepEqual(decide(exit, 60_000, 4), { kind: "restart", delayMs: 100, quickRuns: 0 });
  }
});

test("decideRestart() waits longer after each quick run and gives up after the last", () => {
  const decisions = [0, 1, 2, 3, 4].map((quickRuns) => decide(CRASH, 10, quickRuns));
  assert.deepEqual(decisions, [
    { kind: "restart", delayMs: 100, quickRuns: 1 },
    { kind: "restart", delayMs: 200, quickRuns: 2 },
    { kind: "restart", delayMs: 400, quickRuns: 3 },
    { kind: "restart", delayMs: 800, quickRuns: 4 },
    { kind: "give-up", because: "crash-loop", quickRuns: 5 },
  ]);
});

test("decideRestart() never waits longer than the policy's bound", () => {
  const seeded = SeededRandom.fromEnvironment("restart-policy");
  const patient = { ...RESTART_POLICY, quickRunsMax: 1_000 };
  for (let quickRuns = 0; quickRuns < 200; quickRuns += 1) {
    const decision = decideRestart({ exit: CRASH, ranMs: 0, quickRuns }, patient, seeded);
    assert.ok(decision.kind === "restart" && decision.delayMs >= 0 && decision.delayMs < 5_000);
  }
});
