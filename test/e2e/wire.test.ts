/** Any client can find and call the services: reflection for `buf curl`, health for probes. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Fleet } from "../fleet/fleet.ts";

const buf = join(import.meta.dirname, "../../node_modules/.bin/buf");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

test("buf curl lists and calls mac-bridge through reflection, and health answers", async () => {
  const port = await freePort();
  await using fleet = await Fleet.start({
    services: ["messages-simulator", "lock-broker", "mac-bridge"],
    flags: { "mac-bridge": ["--listen", `127.0.0.1:${port}`] },
  });
  const curl = async (...args: string[]): Promise<string> => {
    const flags = ["curl", "--http2-prior-knowledge", "--protocol", "grpc", ...args];
    return (await promisify(execFile)(buf, flags, { timeout: 30_000 })).stdout;
  };
  const base = `http://127.0.0.1:${port}`;
  const methods = (await curl(base, "--list-methods")).trim().split("\n");
  for (const method of ["Subscribe", "SendMessage", "GetCommand", "ListCommands", "ListChats", "GetStatus"]) {
    assert.ok(
      methods.includes(`imesh.bridge.v1.BridgeService/${method}`),
      `${method} in ${methods.join(", ")}`,
    );
  }
  const status = JSON.parse(await curl(`${base}/imesh.bridge.v1.BridgeService/GetStatus`));
  assert.match(status.journalId, /^[0-9a-f-]{36}$/);
  const chats = JSON.parse(await curl(`${base}/imesh.bridge.v1.BridgeService/ListChats`));
  assert.ok(chats.chats.length > 0);
  assert.deepEqual(JSON.parse(await curl(`${base}/grpc.health.v1.Health/Check`)), { status: "SERVING" });
  await assert.rejects(
    curl("-d", '{"request_id":"x"}', `${base}/imesh.bridge.v1.BridgeService/SendMessage`),
    /invalid_argument/,
  );
  assert.equal(await fleet.stop("mac-bridge"), 0);
});

test("every service stops cleanly on SIGTERM, and metrics name no message and no handle", async () => {
  await using fleet = await Fleet.start();
  const secret = "the text that nobody may log";
  await fleet.simulator().call("say", {
    from: "+15550009999",
    text: secret,
    chatGuid: "",
    joinDelay: undefined,
    age: undefined,
  });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  for (const name of ["lock-broker", "mac-bridge", "agent"] as const) {
    const metrics = await fleet.metrics(name);
    assert.match(metrics, /^imesh_\w+/m);
    assert.doesNotMatch(metrics, /15550009999|nobody may log/);
  }
  for (const name of ["agent", "mac-bridge", "lock-broker"] as const) {
    assert.equal(await fleet.stop(name), 0, fleet.output(name));
    assert.doesNotMatch(fleet.output(name), /15550009999|nobody may log/);
  }
});
