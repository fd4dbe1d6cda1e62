import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import {
  Client,
  credentials,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  setLogVerbosity,
} from "@grpc/grpc-js";
import { HealthClient } from "@imesh/contracts/grpc/health/v1";
import { formatAddress } from "@imesh/lifecycle";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { connect } from "./connect.ts";
import { unavailable } from "./errors.ts";
import { holdSocket } from "./fixtures/child-process.ts";
import { startCountServer } from "./fixtures/count-server.ts";
import { CountService, CountServiceClient } from "./fixtures/count-service.ts";
import { serverStream, unary } from "./handlers.ts";
import { RpcError } from "./rpc-error.ts";

const REQUEST = { count: 1, bytes: 0 };
const clock = new SystemClock();

// grpc-js tells stderr of failures that these tests make on purpose.
setLogVerbosity(logVerbosity.NONE);

const forEver = () => new Promise<never>(() => {});
const within = (ms: number) => ({ deadlineMs: ms, what: "it to happen" });

async function rejection(work: Promise<unknown>): Promise<RpcError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return error;
  }
  throw new Error("It did not reject");
}

test("connect() refuses what is no address", () => {
  for (const target of ["", "127.0.0.1", "unix:relative", "host:99999", "0.0.0.0:1", "[::1:5"]) {
    assert.throws(
      () => connect(CountServiceClient, target, { clock }),
      { name: "StartupError", exitCode: 78 },
      target,
    );
  }
});

test("a call without a deadline gets the client's", async () => {
  await using fixture = await startCountServer({ echo: unary(() => forEver()) });
  await using client = fixture.connect({ deadlineMs: 60 });
  const error = await rejection(client.call("echo", REQUEST));
  assert.deepEqual([error.code, error.domain], ["DEADLINE_EXCEEDED", "grpc.io"]);
});

test("a server that is not there is UNAVAILABLE at once, and is found as soon as it comes", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  await using client = connect(HealthClient, `unix:${path}`, { clock });
  assert.equal((await rejection(client.call("check", { service: "" }))).code, "UNAVAILABLE");
  const notReady = await rejection(client.waitForReady(50));
  assert.deepEqual([notReady.code, notReady.reason], ["UNAVAILABLE", "NOT_READY"]);
  const early = client.call("check", { service: "" }, { waitForReady: true });
  await using _holder = await holdSocket("unix", path);
  assert.deepEqual(await early, { status: 1 });
  await client.waitForReady(1_000);
});

test("a wait for readiness ends when its signal aborts or its client is disposed", async () => {
  await using directory = await temporaryDirectory();
  const client = connect(HealthClient, `unix:${directory.file("s")}`, { clock });
  const controller = new AbortController();
  const waits = [client.waitForReady(60_000, controller.signal), client.waitForReady(60_000)].map(rejection);
  await clock.sleep(20);
  controller.abort();
  await client[Symbol.asyncDispose]();
  assert.deepEqual(
    (await Promise.all(waits)).map((error) => error.code),
    ["CANCELLED", "CANCELLED"],
  );
});

test("an aborted signal refuses a call before it is made", async () => {
  await using fixture = await startCountServer();
  const signal = AbortSignal.abort(new Error("too late"));
  const call = await rejection(fixture.client.call("echo", REQUEST, { signal }));
  const stream = await rejection(Array.fromAsync(fixture.client.stream("count", REQUEST, { signal })));
  for (const error of [call, stream]) {
    assert.deepEqual([error.code, (error.cause as Error).message], ["CANCELLED", "too late"]);
  }
  assert.deepEqual(fixture.observer.served, []);
});

test("aborting its signal ends a stream's loop at once, unread messages and all", async () => {
  await using fixture = await startCountServer();
  const controller = new AbortController();
  let read = 0;
  const reading = rejection(
    (async () => {
      for await (const _message of fixture.client.stream("count", { count: 1_000, bytes: 0 }, controller)) {
        read += 1;
        controller.abort(new Error("enough"));
      }
    })(),
  );
  assert.equal((await reading).code, "CANCELLED");
  assert.equal(read, 1);
  await waitFor(() => fixture.server.openStreams === 0, within(10_000));
});

test("messages sent before an error are read before it", async () => {
  await using fixture = await startCountServer({
    count: serverStream(async (_request, _context, write) => {
      for (let index = 0; index < 10; index += 1) await write({ index, ballast: "" });
      throw unavailable({ reason: "BUSY", message: "Cannot go on" });
    }),
  });
  let read = 0;
  const error = await rejection(
    (async () => {
      for await (const _message of fixture.client.stream("count", REQUEST)) {
        read += 1;
        await clock.sleep(2);
      }
    })(),
  );
  assert.deepEqual([read, error.reason], [10, "BUSY"]);
});

test("a stream that was never iterated was never opened; each iteration is a call of its own", async () => {
  await using fixture = await startCountServer();
  const stream = fixture.client.stream("count", { count: 2, bytes: 0 });
  await fixture.client.call("echo", REQUEST);
  assert.deepEqual(
    fixture.observer.served.map((call) => call.method),
    ["imesh.test.v1.CountService/Echo"],
  );
  assert.equal((await Array.fromAsync(stream)).length, 2);
  assert.equal((await Array.fromAsync(stream)).length, 2);
  assert.equal(fixture.observer.served.length, 3);
});

test("a forced shutdown of a plain grpc-js server is UNAVAILABLE, though it says CANCELLED", async () => {
  await using directory = await temporaryDirectory();
  const server = new Server();
  server.addService(CountService as never, {
    echo: () => {},
    count: (call: ServerWritableStream<unknown, unknown>) => call.write({ index: 0, ballast: "" }),
  });
  const target = `unix:${directory.file("s")}`;
  await new Promise((resolve) => server.bindAsync(target, ServerCredentials.createInsecure(), resolve));
  await using client = connect(CountServiceClient, target, { clock });
  const iterator = client.stream("count", REQUEST)[Symbol.asyncIterator]();
  await iterator.next();
  const call = rejection(client.call("echo", REQUEST));
  await clock.sleep(30);
  server.forceShutdown();
  for (const error of [await rejection(iterator.next()), await call]) {
    assert.deepEqual([error.code, error.reason], ["UNAVAILABLE", "CALL_CUT"]);
  }
});

test("errors that come after the consumer has left do not end the process", async () => {
  await using directory = await temporaryDirectory();
  await using holder = await holdSocket("unix", directory.file("s"));
  await using client = connect(HealthClient, holder.address, { clock });
  for await (const _message of client.stream("watch", { service: "" })) {
    await holder.kill();
    break;
  }
  await clock.sleep(50);
});

test("http_proxy of the environment is not obeyed, which grpc-js would do even for 127.0.0.1", async () => {
  const proxied: Socket[] = [];
  const proxy = createServer((socket) => proxied.push(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const bound = proxy.address();
  assert.ok(typeof bound === "object" && bound !== null);
  await using fixture = await startCountServer({ listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] });
  const restore = setEnvironment({
    http_proxy: `http://127.0.0.1:${bound.port}`,
    no_proxy: undefined,
    no_grpc_proxy: undefined,
  });
  try {
    await using client = fixture.connect();
    assert.deepEqual(await client.call("echo", REQUEST), { index: 1, ballast: "" });
    assert.equal(proxied.length, 0);
    const plain = new Client(fixture.target, credentials.createInsecure());
    plain.waitForReady(Date.now() + 1_000, () => {});
    await waitFor(() => proxied.length > 0, within(10_000));
    plain.close();
  } finally {
    restore();
    for (const socket of proxied) socket.destroy();
    proxy.close();
  }
});

/** Sets environment variables of this process; the returned function puts them back. */
function setEnvironment(variables: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const put = ([name, value]: readonly [string, string | undefined]) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  Object.entries(variables).forEach(put);
  return () => before.forEach(put);
}

test("only the methods named are tried again while the server is UNAVAILABLE", async () => {
  const attempts: string[] = [];
  await using fixture = await startCountServer({
    echo: unary((request, context) => {
      attempts.push(String(context.metadata.get("grpc-previous-rpc-attempts")[0] ?? "first"));
      if (attempts.length < 3) throw unavailable({ reason: "BUSY", message: "Cannot answer yet" });
      return { index: request.count, ballast: "" };
    }),
  });
  assert.equal((await rejection(fixture.client.call("echo", REQUEST))).reason, "BUSY");
  assert.deepEqual(attempts.splice(0), ["first"]);
  await using client = fixture.connect({ channel: { retriedMethods: ["imesh.test.v1.CountService/Echo"] } });
  assert.deepEqual(await client.call("echo", REQUEST), { index: 1, ballast: "" });
  assert.deepEqual(attempts, ["first", "1", "2"]);
});

test("reconnect() leaves a connection that hangs, which the next call would have waited for", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("s");
  await using frozen = await holdSocket("unix", path);
  await using client = connect(HealthClient, `unix:${path}`, { clock });
  // Channels to one target share their connection in grpc-js, unless told not to.
  await using other = connect(HealthClient, `unix:${path}`, { clock });
  for (const each of [client, other]) await each.call("check", { service: "" });
  frozen.send("SIGSTOP");
  assert.equal(
    (await rejection(client.call("check", { service: "" }, { deadlineMs: 100 }))).code,
    "DEADLINE_EXCEEDED",
  );
  // The name now belongs to another process; the channel's connection still is to the frozen one.
  await rm(path);
  await using _next = await holdSocket("unix", path);
  assert.equal(
    (await rejection(client.call("check", { service: "" }, { deadlineMs: 100 }))).code,
    "DEADLINE_EXCEEDED",
  );
  client.reconnect();
  assert.deepEqual(await client.call("check", { service: "" }, { waitForReady: true }), { status: 1 });
  frozen.send("SIGCONT");
});

test("a frozen server is noticed by keepalive", { timeout: 20_000 }, async () => {
  await using holder = await holdSocket("tcp", "0");
  const channel = { keepaliveMs: 150, keepaliveTimeoutMs: 150 };
  await using client = connect(HealthClient, formatAddress(holder.address), { clock, channel });
  const iterator = client.stream("watch", { service: "" })[Symbol.asyncIterator]();
  assert.deepEqual((await iterator.next()).value, { status: 1 });
  holder.send("SIGSTOP");
  assert.equal((await rejection(iterator.next())).code, "UNAVAILABLE");
});

test("disposing the client cancels what is under way and refuses what comes after", async () => {
  const ends: string[] = [];
  await using fixture = await startCountServer({
    echo: unary(async (_request, context) => {
      context.signal.addEventListener("abort", () => ends.push("echo"));
      return forEver();
    }),
    count: serverStream(async (_request, context, write) => {
      context.signal.addEventListener("abort", () => ends.push("count"));
      await write({ index: 0, ballast: "" });
      await forEver();
    }),
  });
  const client = fixture.connect();
  const iterator = client.stream("count", REQUEST)[Symbol.asyncIterator]();
  await iterator.next();
  const next = rejection(iterator.next());
  const echo = rejection(client.call("echo", REQUEST));
  await clock.sleep(50);
  await client[Symbol.asyncDispose]();
  for (const error of [await next, await echo, await rejection(client.call("echo", REQUEST))]) {
    assert.equal(error.code, "CANCELLED");
  }
  await waitFor(() => ends.length === 2, within(10_000));
});

test("calls leave no listener on a signal that lives long", async () => {
  await using fixture = await startCountServer();
  const { signal } = new AbortController();
  for (let round = 0; round < 5; round += 1) {
    await fixture.client.call("echo", REQUEST, { signal });
    await Array.fromAsync(fixture.client.stream("count", { count: 3, bytes: 0 }, { signal }));
    for await (const _message of fixture.client.stream("count", { count: 3, bytes: 0 }, { signal })) break;
  }
  await waitFor(() => getEventListeners(signal, "abort").length === 0, within(10_000));
});
