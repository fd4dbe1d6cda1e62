import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HealthClient,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@imesh/contracts/grpc/health/v1";
import { connect } from "./connect.ts";
import { startCountServer } from "./fixtures/count-server.ts";
import { HealthRegistry } from "./health.ts";
import type { RpcError } from "./rpc-error.ts";

const BRIDGE = "imesh.bridge.v1.BridgeService";
const OTHER = "imesh.broker.v1.BrokerService";
const SERVING = { status: "SERVING", reason: "" };

test("the process serves while every service does; an unknown service is unknown", () => {
  const registry = new HealthRegistry();
  assert.deepEqual(registry.get(""), SERVING);
  registry.set(BRIDGE, "SERVING");
  registry.set(OTHER, "NOT_SERVING", "no Full Disk Access");
  const ill = { status: "NOT_SERVING", reason: "no Full Disk Access" };
  assert.deepEqual(
    [...registry.list()],
    [
      ["", ill],
      [BRIDGE, SERVING],
      [OTHER, ill],
    ],
  );
  registry.set(OTHER, "SERVING");
  assert.deepEqual(registry.get(""), SERVING);
  assert.equal(registry.get("nobody"), undefined);
});

test("a change is told once, and what is no change is not told", () => {
  const registry = new HealthRegistry();
  let changes = 0;
  const stop = registry.onChange(() => {
    changes += 1;
  });
  registry.set(BRIDGE, "NOT_SERVING", "starting");
  registry.set(BRIDGE, "NOT_SERVING", "starting");
  registry.set(BRIDGE, "SERVING");
  assert.equal(changes, 2);
  stop();
  registry.drain();
  assert.equal(changes, 2);
});

test("nothing serves any more once the process drains", () => {
  const registry = new HealthRegistry();
  registry.set(BRIDGE, "SERVING");
  registry.drain();
  registry.set(BRIDGE, "SERVING");
  const draining = { status: "NOT_SERVING", reason: "draining" };
  assert.deepEqual(
    [registry.get(""), registry.get(BRIDGE), registry.get("nobody")],
    [draining, draining, undefined],
  );
});

test("Check, List and Watch tell what the registry holds", async () => {
  await using fixture = await startCountServer();
  await using client = connect(HealthClient, fixture.target, { clock: fixture.clock });
  fixture.health.set(BRIDGE, "SERVING");
  assert.deepEqual(await client.call("check", { service: BRIDGE }), { status: ServingStatus.SERVING });
  assert.deepEqual(await client.call("list", {}), {
    statuses: { "": { status: ServingStatus.SERVING }, [BRIDGE]: { status: ServingStatus.SERVING } },
  });
  await assert.rejects(client.call("check", { service: "nobody" }), (error: RpcError) => {
    assert.deepEqual(
      [error.code, error.reason, error.message.includes("nobody")],
      ["NOT_FOUND", "SERVICE_UNKNOWN", false],
    );
    return true;
  });
});

test("Watch follows a service from before it is known until the server drains", async () => {
  await using fixture = await startCountServer();
  await using client = connect(HealthClient, fixture.target, { clock: fixture.clock });
  const watch = client.stream("watch", { service: BRIDGE })[Symbol.asyncIterator]();
  const next = async () => (await watch.next()).value?.status;
  assert.equal(await next(), ServingStatus.SERVICE_UNKNOWN);
  fixture.health.set(BRIDGE, "NOT_SERVING", "starting");
  assert.equal(await next(), ServingStatus.NOT_SERVING);
  fixture.health.set(BRIDGE, "NOT_SERVING", "still starting");
  fixture.health.set(BRIDGE, "SERVING");
  assert.equal(await next(), ServingStatus.SERVING);
  const draining = fixture.server.drain();
  assert.equal(await next(), ServingStatus.NOT_SERVING);
  assert.deepEqual(await watch.next(), { value: undefined, done: true });
  await draining;
});

test("a watcher that leaves leaves nothing behind", async () => {
  await using fixture = await startCountServer();
  await using client = connect(HealthClient, fixture.target, { clock: fixture.clock });
  for await (const _state of client.stream("watch", { service: "" })) break;
  while (fixture.server.openStreams > 0) await fixture.clock.sleep(2);
  fixture.health.set(BRIDGE, "SERVING");
});
