import assert from "node:assert/strict";
import { test } from "node:test";
import { finishedCall } from "./finished-call.ts";

const END = { method: "p.S/M", code: "CANCELLED" } as const;
const DAY_MS = 86_400_000;

test("finishedCall() tells of a unary call how long it took", () => {
  const times = { startedMs: 1_000, openedMs: undefined, endedMs: 1_250 };
  assert.deepEqual(finishedCall({ ...END, kind: "unary" }, times), {
    ...END,
    kind: "unary",
    durationSeconds: 0.25,
  });
});

test("finishedCall() tells of a stream when it was open, not how long it lived", () => {
  const times = { startedMs: 1_000, openedMs: 1_005, endedMs: DAY_MS };
  assert.deepEqual(finishedCall({ ...END, kind: "stream" }, times), {
    ...END,
    kind: "stream",
    openSeconds: 0.005,
  });
});

test("finishedCall() tells of a stream that never was open when it ended", () => {
  const times = { startedMs: 1_000, openedMs: undefined, endedMs: 1_125 };
  assert.deepEqual(finishedCall({ ...END, kind: "stream" }, times), {
    ...END,
    kind: "stream",
    openSeconds: 0.125,
  });
});
