import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthRegistry } from "@imesh/rpc";
import { FakeClock } from "@imesh/testing";
import { ConnectionHealth } from "./connection-health.ts";

test("health follows the stream from mac-bridge, 5 s late when it is lost", async () => {
  const clock = new FakeClock();
  const health = new HealthRegistry();
  const connection = new ConnectionHealth(health, clock, "s");
  const status = () => [health.get("s")?.status, connection.isConnected];
  assert.deepEqual(status(), ["NOT_SERVING", false]);
  connection.set(true);
  assert.deepEqual(status(), ["SERVING", true]);
  connection.set(false);
  await clock.advance(4_999);
  assert.deepEqual(status(), ["SERVING", false]);
  await clock.advance(1);
  assert.deepEqual(status(), ["NOT_SERVING", false]);
  connection.set(true);
  connection.set(false);
  connection.set(true);
  await clock.advance(60_000);
  assert.deepEqual(status(), ["SERVING", true]);
  connection.set(false);
  connection[Symbol.dispose]();
  assert.equal(clock.timersPending, 0);
});
