import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { type Address, parseAddress } from "@imesh/lifecycle";
import { SystemClock } from "@imesh/time";
import { listenAddress, refuseUnlessFree } from "./listen-address.ts";

function parsed(text: string): Address {
  const address = parseAddress(text);
  return typeof address === "string" ? assert.fail(address) : address;
}

test("listenAddress() takes loopback, and localhost for 127.0.0.1", () => {
  const hosts = ["127.0.0.1:7420", "[::1]:7420", "localhost:7420", "LocalHost:0"].map(
    (text) => listenAddress(parsed(text)).host,
  );
  assert.deepEqual(hosts, ["127.0.0.1", "::1", "127.0.0.1", "127.0.0.1"]);
});

test("listenAddress() refuses the rest as a wrong command line", () => {
  const form = "want 127.0.0.1:port|[::1]:port";
  const refusals = [
    ["10.0.0.1:99", `not a loopback address; ${form}`],
    ["mac.tail1.ts.net:99", `not a loopback address; ${form}`],
    ["unix:/tmp/x.sock", `mac-bridge has a socket in the home; ${form}`],
  ] as const;
  for (const [text, bound] of refusals) {
    const message = `Cannot use --listen: "${text}" (${bound})`;
    assert.throws(() => listenAddress(parsed(text)), { exitCode: 64, message });
  }
});

test("refuseUnlessFree() takes a free port, and one that becomes free; it refuses one that stays taken", async () => {
  const clock = new SystemClock();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  assert.ok(bound !== null && typeof bound !== "string");
  const address = { kind: "tcp", host: "127.0.0.1", port: bound.port } as const;
  await assert.rejects(refuseUnlessFree(address, clock), {
    exitCode: 75,
    message: `Cannot listen on address: 127.0.0.1:${bound.port} (in use)`,
  });
  const wait = refuseUnlessFree(address, clock);
  server.close();
  await wait;
  await refuseUnlessFree({ ...address, port: 0 }, clock);
});
