import assert from "node:assert/strict";
import { chmod, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { test } from "node:test";
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import { HealthCheckResponse_ServingStatus, HealthClient } from "@imesh/contracts/grpc/health/v1";
import { type Address, formatAddress } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { connect } from "./connect.ts";
import { holdSocket } from "./fixtures/child-process.ts";
import { HealthRegistry } from "./health.ts";
import { type RpcServer, startRpcServer } from "./server.ts";

const clock = new SystemClock();

// grpc-js tells stderr of failures that these tests make on purpose.
setLogVerbosity(logVerbosity.NONE);

function start(...listen: Address[]): Promise<RpcServer> {
  const observer = { serverCall: () => {}, unexpectedError: () => {} };
  return startRpcServer({ services: [], listen, health: new HealthRegistry(), observer, clock });
}

async function isServing(address: Address): Promise<boolean> {
  await using client = connect(HealthClient, address, { clock });
  const { status } = await client.call("check", { service: "" });
  return status === HealthCheckResponse_ServingStatus.SERVING;
}

test("a server answers on all its addresses, and leaves no socket behind", async () => {
  await using directory = await temporaryDirectory();
  const server = await start(
    { kind: "unix", path: directory.file("s") },
    { kind: "tcp", host: "127.0.0.1", port: 0 },
    { kind: "tcp", host: "::1", port: 0 },
  );
  assert.equal((await stat(directory.file("s"))).mode & 0o777, 0o600);
  for (const address of server.addresses) assert.ok(await isServing(address), formatAddress(address));
  await server.drain();
  assert.deepEqual(await readdir(directory.path), []);
});

test("a socket that a killed process left behind is removed", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  await using holder = await holdSocket("unix", path);
  assert.ok(await isServing(holder.address));
  await holder.kill();
  assert.ok((await stat(path)).isSocket(), "the file is still there");
  await using server = await start({ kind: "unix", path });
  assert.ok(await isServing({ kind: "unix", path }));
  assert.deepEqual(await readdir(directory.path), ["s"]);
  await server.drain();
});

test("a socket that somebody answers on is left alone", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  await using holder = await holdSocket("unix", path);
  await assert.rejects(start({ kind: "unix", path }), {
    name: "AddressInUseError",
    message: `Cannot listen on address: unix:${path} (in use)`,
    exitCode: 75,
    address: { kind: "unix", path },
  });
  assert.ok(await isServing(holder.address));
  // Frozen is not dead.
  holder.send("SIGSTOP");
  await assert.rejects(start({ kind: "unix", path }), { name: "AddressInUseError" });
  holder.send("SIGCONT");
  assert.ok(await isServing(holder.address));
});

test("of many servers that find the same dead socket one gets it, and it works", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  for (let round = 0; round < 3; round += 1) {
    await using holder = await holdSocket("unix", path);
    await holder.kill();
    const starts = await Promise.allSettled(Array.from({ length: 5 }, () => start({ kind: "unix", path })));
    await using stack = new AsyncDisposableStack();
    for (const result of starts) {
      if (result.status === "fulfilled") stack.use(result.value);
      else assert.equal(result.reason.name, "AddressInUseError");
    }
    assert.equal(starts.filter((result) => result.status === "fulfilled").length, 1);
    assert.ok(await isServing({ kind: "unix", path }));
    assert.deepEqual(await readdir(directory.path), ["s"]);
  }
});

test("a lock that a killed process left behind is taken over, a fresh one is not", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  await writeFile(`${path}.lock`, "");
  await assert.rejects(start({ kind: "unix", path }), { name: "AddressInUseError" });
  await utimes(`${path}.lock`, 1, 1);
  await using _server = await start({ kind: "unix", path });
  assert.deepEqual(await readdir(directory.path), ["s"]);
});

test("a taken port is an AddressInUseError that names it, and what was bound before is released", async () => {
  await using directory = await temporaryDirectory();
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const bound = holder.address();
  assert.ok(typeof bound === "object" && bound !== null);
  const address: Address = { kind: "tcp", host: "127.0.0.1", port: bound.port };
  await assert.rejects(start({ kind: "unix", path: directory.file("s") }, address), {
    name: "AddressInUseError",
    message: `Cannot listen on address: 127.0.0.1:${bound.port} (in use)`,
    address,
  });
  assert.deepEqual(await readdir(directory.path), []);
  holder.close();
});

test("only loopback addresses by literal are listened on", async () => {
  for (const host of [
    "0.0.0.0",
    "::",
    "192.168.1.5",
    "100.64.0.7",
    "localhost",
    "128.0.0.1",
    "127.0.0.1.example",
  ]) {
    await assert.rejects(
      start({ kind: "tcp", host, port: 0 }),
      { name: "ListenError", code: "not-loopback", exitCode: 78 },
      host,
    );
  }
});

test("a file that is no socket is neither removed nor replaced", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  await writeFile(path, "precious");
  await assert.rejects(start({ kind: "unix", path }), {
    name: "ListenError",
    code: "not-a-socket",
    exitCode: 73,
  });
  assert.equal(await readFile(path, "utf8"), "precious");
});

test("a socket path must be absolute and at most 103 bytes long, whatever the characters", async () => {
  await using directory = await temporaryDirectory();
  const ofBytes = (bytes: number) => fill(directory.path, bytes);
  for (const path of ["relative/s", ofBytes(104)]) {
    await assert.rejects(
      start({ kind: "unix", path }),
      { name: "ListenError", code: "bad-socket-path" },
      path,
    );
  }
  const longest: Address = { kind: "unix", path: ofBytes(103) };
  await using server = await start(longest);
  assert.ok(await isServing(longest));
  await server.drain();
});

/** A path in `directory` of so many bytes, most of them in characters of two. */
function fill(directory: string, bytes: number): string {
  const left = bytes - Buffer.byteLength(`${directory}/`);
  return `${directory}/${"a".repeat(left % 2)}${"ü".repeat(Math.floor(left / 2))}`;
}

test("the socket's directory must be closed to others", async () => {
  await using directory = await temporaryDirectory();
  await chmod(directory.path, 0o755);
  await assert.rejects(start({ kind: "unix", path: directory.file("s") }), {
    name: "PrivateDirectoryError",
    code: "open-to-others",
    exitCode: 77,
  });
});

test("a limit that is no positive integer is our bug", async () => {
  const options = { services: [], listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] as const };
  const observer = { serverCall: () => {}, unexpectedError: () => {} };
  for (const streamsMax of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(
      startRpcServer({ ...options, health: new HealthRegistry(), observer, clock, limits: { streamsMax } }),
      { name: "AssertionError" },
    );
  }
});
