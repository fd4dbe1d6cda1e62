import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "@imesh/testing";
import { type CountServer, startCountServer } from "./fixtures/count-server.ts";
import type { CountRequest } from "./fixtures/count-service.ts";
import { serverStream, unary } from "./handlers.ts";
import { RpcError } from "./rpc-error.ts";

const REQUEST: CountRequest = { count: 1, bytes: 0 };

const forEver = () => new Promise<never>(() => {});
const within = (ms: number) => ({ deadlineMs: ms, what: "the server to notice" });

/** Reads to the end; gives the indexes and how it ended. */
async function outcome(fixture: CountServer): Promise<{ indexes: number[]; code: string; reason: string }> {
  const indexes: number[] = [];
  try {
    for await (const { index } of fixture.client.stream("count", REQUEST)) indexes.push(index);
    return { indexes, code: "OK", reason: "" };
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return { indexes, code: error.code, reason: error.reason };
  }
}

test("drain() lets a stream send its last frame and end well, and says NOT_SERVING meanwhile", async () => {
  const health: (string | undefined)[] = [];
  await using fixture = await startCountServer({
    count: serverStream(async (_request, context, write) => {
      await write({ index: 1, ballast: "" });
      await new Promise((resolve) => context.draining.addEventListener("abort", resolve));
      health.push(fixture.health.get("")?.reason);
      assert.equal(context.signal.aborted, false);
      await write({ index: 99, ballast: "" });
    }),
  });
  const reading = outcome(fixture);
  await waitFor(() => fixture.server.openStreams === 1, within(10_000));
  await fixture.server.drain();
  assert.deepEqual(await reading, { indexes: [1, 99], code: "OK", reason: "" });
  assert.deepEqual(health, ["draining"]);
});

test("a stream that does not say goodbye in time is ended with UNAVAILABLE", async () => {
  const aborts: string[] = [];
  await using fixture = await startCountServer({
    limits: { streamDrainMs: 100 },
    count: serverStream(async (_request, context, write) => {
      context.signal.addEventListener("abort", () => aborts.push((context.signal.reason as RpcError).reason));
      await write({ index: 1, ballast: "" });
      await forEver();
    }),
  });
  const reading = outcome(fixture);
  await waitFor(() => fixture.server.openStreams === 1, within(10_000));
  const startedMs = performance.now();
  await fixture.server.drain();
  assert.ok(performance.now() - startedMs >= 95);
  assert.deepEqual(await reading, { indexes: [1], code: "UNAVAILABLE", reason: "SERVER_DRAINING" });
  assert.deepEqual(aborts, ["SERVER_DRAINING"]);
});

test("while it drains a server takes no new stream but finishes unary calls", async () => {
  const answer = Promise.withResolvers<void>();
  await using fixture = await startCountServer({
    limits: { streamDrainMs: 300, unaryDrainMs: 2_000 },
    echo: unary(async (request) => {
      await answer.promise;
      return { index: request.count, ballast: "" };
    }),
    count: serverStream(async (_request, _context, write) => {
      await write({ index: 1, ballast: "" });
      await forEver();
    }),
  });
  const reading = outcome(fixture);
  const echo = fixture.client.call("echo", REQUEST);
  await waitFor(() => fixture.server.openStreams === 1, within(10_000));
  const draining = fixture.server.drain();
  assert.deepEqual(await outcome(fixture), { indexes: [], code: "UNAVAILABLE", reason: "SERVER_DRAINING" });
  await reading;
  // Now the connections are being closed, and this one waits for its call.
  await fixture.clock.sleep(50);
  answer.resolve();
  assert.deepEqual(await echo, { index: 1, ballast: "" });
  await draining;
});

test("drain() ends even when nobody lets go: a handler that never returns, a client that does not read", {
  timeout: 20_000,
}, async () => {
  await using fixture = await startCountServer({
    limits: { streamDrainMs: 50, unaryDrainMs: 50 },
    echo: unary(() => forEver()),
    count: serverStream(async (_request, _context, write) => {
      for (let index = 0; ; index += 1) await write({ index, ballast: "x".repeat(100_000) });
    }),
  });
  const iterator = fixture.client.stream("count", REQUEST)[Symbol.asyncIterator]();
  await iterator.next();
  const echo = fixture.client.call("echo", REQUEST).catch((error: RpcError) => error);
  await fixture.clock.sleep(50);
  await fixture.server.drain();
  const error = await echo;
  assert.ok(error instanceof RpcError);
  assert.deepEqual([error.code, error.reason], ["UNAVAILABLE", "SERVER_DRAINING"]);
  // What was under way is still read; then the cut shows, as UNAVAILABLE although grpc-js says CANCELLED.
  const end = await (async () => {
    try {
      while (!(await iterator.next()).done);
      return "ended well";
    } catch (thrown) {
      return (thrown as RpcError).code;
    }
  })();
  assert.equal(end, "UNAVAILABLE");
});

test("a drained server leaves no connection open, although its client hangs on and channelz is off", async () => {
  const pipes = () => process.getActiveResourcesInfo().filter((name) => name === "PipeWrap").length;
  const before = pipes();
  await using fixture = await startCountServer({
    limits: { streamDrainMs: 20, unaryDrainMs: 20 },
    count: serverStream(async (_request, _context, write) => {
      for (let index = 0; ; index += 1) await write({ index, ballast: "x".repeat(100_000) });
    }),
  });
  const iterator = fixture.client.stream("count", REQUEST)[Symbol.asyncIterator]();
  await iterator.next();
  assert.ok(pipes() > before);
  await fixture.server.drain();
  await waitFor(() => pipes() <= before, {
    deadlineMs: 10_000,
    what: "both ends of every connection to close",
  });
});

test("drain() without a client does not wait for anybody, and a second one waits for the first", {
  timeout: 20_000,
}, async () => {
  await using fixture = await startCountServer({ limits: { streamDrainMs: 60_000, unaryDrainMs: 60_000 } });
  await fixture.client.call("echo", REQUEST);
  await Promise.all([fixture.server.drain(), fixture.server.drain()]);
});

test("a call in the works outlives the GOAWAY when it ends before the client's keepalive ping", async () => {
  await using fixture = await startCountServer({
    limits: { unaryDrainMs: 3_000 },
    echo: unary(async (request, context) => {
      await fixture.clock.sleep(400, context.signal);
      return { index: request.count, ballast: "" };
    }),
  });
  const echo = fixture.client.call("echo", REQUEST);
  await fixture.client.waitForReady(1_000);
  await fixture.clock.sleep(50);
  const draining = fixture.server.drain();
  assert.deepEqual(await echo, { index: 1, ballast: "" });
  await draining;
});
