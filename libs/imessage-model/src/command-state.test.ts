import assert from "node:assert/strict";
import { test } from "node:test";
import { type CommandState, canAdvance, isTerminal } from "./command-state.ts";

const STATES: readonly CommandState[] = [
  "accepted",
  "dispatched",
  "written",
  "sent",
  "delivered",
  "read",
  "refused",
  "failed",
  "uncertain",
];

test("canAdvance() allows exactly these moves", () => {
  const moves = STATES.flatMap((from) =>
    STATES.filter((to) => canAdvance(from, to)).map((to) => `${from} > ${to}`),
  );
  assert.deepEqual(moves, [
    "accepted > dispatched",
    "accepted > refused",
    "dispatched > written",
    "dispatched > sent",
    "dispatched > delivered",
    "dispatched > read",
    "dispatched > refused",
    "dispatched > failed",
    "dispatched > uncertain",
    "written > sent",
    "written > delivered",
    "written > read",
    "written > failed",
    "sent > delivered",
    "sent > read",
    "sent > failed",
    "delivered > read",
    "uncertain > written",
    "uncertain > sent",
    "uncertain > delivered",
    "uncertain > read",
    "uncertain > refused",
    "uncertain > failed",
  ]);
});

test("canAdvance() never leads back to a state that was left", () => {
  const reachable = (from: CommandState): Set<CommandState> => {
    const seen = new Set<CommandState>();
    const walk = (state: CommandState): void => {
      for (const next of STATES.filter((to) => canAdvance(state, to) && !seen.has(to))) {
        seen.add(next);
        walk(next);
      }
    };
    walk(from);
    return seen;
  };
  for (const state of STATES) {
    assert.equal(reachable(state).has(state), false, state);
  }
});

test("isTerminal() holds for read, refused and failed", () => {
  assert.deepEqual(STATES.filter(isTerminal), ["read", "refused", "failed"]);
});
