import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { RecorderState } from "../changes/recorder.ts";
import type { WatchState } from "../commits/commits.ts";
import { type BrokerHealth, brokerHealth, HealthMonitor, UNREAD_MS_MAX } from "./broker-health.ts";

const WATCHING: WatchState = { kind: "watching" };
const RECORDING: RecorderState = { kind: "recording" };

describe("brokerHealth()", () => {
  test("serves while the watch works and everything committed is read", () => {
    assert.deepEqual(brokerHealth(WATCHING, RECORDING, 0), { kind: "serving" });
    assert.deepEqual(brokerHealth(WATCHING, RECORDING, UNREAD_MS_MAX), { kind: "serving" });
  });

  test("names the reason when the database cannot be read", () => {
    const error = new Error("no permission");
    const failing: WatchState = {
      kind: "failing",
      fault: { code: "no-permission", source: "database", error },
      error,
      sinceMs: 0,
      attempts: 1,
    };
    assert.deepEqual(brokerHealth(failing, RECORDING, 0), { kind: "not-serving", reason: "no permission" });
  });

  test("names the reason when nothing can be recorded", () => {
    const failing: RecorderState = { kind: "failing", error: new Error("disk full"), sinceMs: 0 };
    assert.deepEqual(brokerHealth(WATCHING, failing, 0), { kind: "not-serving", reason: "disk full" });
  });

  test("does not serve when commits are left unread", () => {
    assert.deepEqual(brokerHealth(WATCHING, RECORDING, UNREAD_MS_MAX + 1), {
      kind: "not-serving",
      reason: "Commits are left unread for more than 2000 ms",
    });
  });
});

test("HealthMonitor tells at once, twice a second, and not after it was disposed", async () => {
  const clock = new FakeClock();
  const told: BrokerHealth["kind"][] = [];
  let unreadMs = 0;
  const monitor = new HealthMonitor({
    clock,
    watchState: () => WATCHING,
    recorderState: () => RECORDING,
    unreadForMs: () => unreadMs,
    onHealth: ({ kind }) => told.push(kind),
  });
  assert.deepEqual(told, ["serving"]);
  unreadMs = 3_000;
  await clock.advance(1_000);
  assert.deepEqual(told, ["serving", "not-serving", "not-serving"]);
  monitor[Symbol.dispose]();
  await clock.advance(10_000);
  assert.deepEqual([told.length, clock.timersPending], [3, 0]);
});
