import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { test } from "node:test";
import { waitFor } from "@imesh/testing";
import { notFound } from "./errors.ts";
import { startCountServer } from "./fixtures/count-server.ts";
import type { CountRequest, CountResponse } from "./fixtures/count-service.ts";
import { serverStream, unary } from "./handlers.ts";
import { RpcError } from "./rpc-error.ts";

const REQUEST: CountRequest = { count: 3, bytes: 1 };
const METHOD = "imesh.test.v1.CountService/Echo";

const forEver = () => new Promise<never>(() => {});

/** Ends every call of the test itself, should the code under test hang. */
const within = (ms: number) => ({ deadlineMs: ms, what: "the server to notice" });

async function rejection(work: Promise<unknown>): Promise<RpcError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return error;
  }
  throw new Error("It did not reject");
}

async function drained<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

test("a call and a stream give what the handlers give, and are counted on both sides", async () => {
  await using fixture = await startCountServer();
  assert.deepEqual(await fixture.client.call("echo", REQUEST), { index: 3, ballast: "x" });
  assert.deepEqual(
    await drained(fixture.client.stream("count", REQUEST)),
    [0, 1, 2].map((index) => ({ index, ballast: "x" })),
  );
  const names = (calls: { method: string; code: string }[]) =>
    calls.map(({ method, code }) => [method, code]);
  const both = [
    ["imesh.test.v1.CountService/Echo", "OK"],
    ["imesh.test.v1.CountService/Count", "OK"],
  ];
  assert.deepEqual(names(fixture.observer.served), both);
  await waitFor(() => fixture.observer.made.length === 2, within(10_000));
  assert.deepEqual(names(fixture.observer.made), both);
});

test("a unary call is counted with its duration, a stream with the time until it was open, on both sides", async () => {
  const release = Promise.withResolvers<void>();
  await using fixture = await startCountServer({
    count: serverStream(async (_request, _context, write) => {
      await write({ index: 0, ballast: "" });
      await release.promise;
      await write({ index: 1, ballast: "" });
    }),
  });
  const { clock, observer } = fixture;
  const startedMs = clock.monotonicMs();
  const iterator = fixture.client.stream("count", REQUEST)[Symbol.asyncIterator]();
  await iterator.next();
  const openSecondsMax = (clock.monotonicMs() - startedMs) / 1_000;
  await clock.sleep(20);
  release.resolve();
  await iterator.next();
  assert.ok((await iterator.next()).done);
  await fixture.client.call("echo", REQUEST);
  await waitFor(() => observer.made.length === 2, within(10_000));
  for (const [stream, call] of [observer.served, observer.made]) {
    assert.ok(stream?.kind === "stream" && call?.kind === "unary");
    assert.ok(stream.openSeconds >= 0 && stream.openSeconds <= openSecondsMax, `${stream.openSeconds} s`);
    assert.ok(call.durationSeconds >= 0);
  }
});

test("a stream that is refused is counted as a stream, with its code", async () => {
  await using fixture = await startCountServer({
    limits: { streamsMax: 1 },
    count: serverStream(async (_request, context, write) => {
      await write({ index: 0, ballast: "" });
      await fixture.clock.sleep(60_000, context.signal);
    }),
  });
  const first = fixture.client.stream("count", REQUEST)[Symbol.asyncIterator]();
  await first.next();
  assert.equal(
    (await rejection(drained(fixture.client.stream("count", REQUEST)))).code,
    "RESOURCE_EXHAUSTED",
  );
  const method = "imesh.test.v1.CountService/Count";
  const [served] = fixture.observer.served;
  assert.deepEqual(served, { kind: "stream", method, code: "RESOURCE_EXHAUSTED", openSeconds: 0 });
  const [made] = fixture.observer.made;
  assert.ok(made?.kind === "stream" && made.code === "RESOURCE_EXHAUSTED" && made.openSeconds > 0);
  await first.return?.();
});

const throwers = {
  "throws at once": () => {
    throw notFound({ reason: "GONE", message: "Cannot find it", metadata: { id: "7" } });
  },
  "rejects later": async () => {
    await new Promise((resolve) => setImmediate(resolve));
    throw notFound({ reason: "GONE", message: "Cannot find it", metadata: { id: "7" } });
  },
};

for (const [how, handle] of Object.entries(throwers)) {
  test(`a handler that ${how} ends the call with its status, unary and stream`, async () => {
    await using fixture = await startCountServer({ echo: unary(handle), count: serverStream(handle) });
    const ends = [
      await rejection(fixture.client.call("echo", REQUEST)),
      await rejection(drained(fixture.client.stream("count", REQUEST))),
    ];
    for (const { code, reason, message, metadata } of ends) {
      assert.deepEqual(
        { code, reason, message, metadata },
        { code: "NOT_FOUND", reason: "GONE", message: "Cannot find it", metadata: { id: "7" } },
      );
    }
    assert.deepEqual(fixture.observer.unexpected, []);
  });
}

test("an unexpected error becomes INTERNAL for the client and stays whole for the observer", async () => {
  const error = new TypeError("secret");
  const handle = async () => {
    throw error;
  };
  await using fixture = await startCountServer({ echo: unary(handle), count: serverStream(handle) });
  const ends = [
    await rejection(fixture.client.call("echo", REQUEST)),
    await rejection(drained(fixture.client.stream("count", REQUEST))),
  ];
  for (const { code, reason, message } of ends) {
    assert.deepEqual([code, reason, message], ["INTERNAL", "INTERNAL", "Internal error"]);
  }
  assert.deepEqual(
    fixture.observer.unexpected.map((report) => report.error),
    [error, error],
  );
});

test("a response that cannot be serialized is an error of the handler, unary and stream", async () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const response = circular as unknown as CountResponse;
  await using fixture = await startCountServer({
    echo: unary(() => response),
    count: serverStream((_request, _context, write) => write(response)),
  });
  assert.equal((await rejection(fixture.client.call("echo", REQUEST))).code, "INTERNAL");
  assert.equal((await rejection(drained(fixture.client.stream("count", REQUEST)))).code, "INTERNAL");
  assert.equal(fixture.observer.unexpected.length, 2);
});

test("a response above the bound ends the call with RESPONSE_TOO_LARGE", async () => {
  await using fixture = await startCountServer({ limits: { messageBytesMax: 1_000 } });
  const large = { count: 1, bytes: 2_000 };
  const ends = [
    await rejection(fixture.client.call("echo", large)),
    await rejection(drained(fixture.client.stream("count", large))),
  ];
  for (const { code, reason } of ends)
    assert.deepEqual([code, reason], ["RESOURCE_EXHAUSTED", "RESPONSE_TOO_LARGE"]);
});

test("a request above the bound is refused by the server", async () => {
  await using fixture = await startCountServer({ limits: { messageBytesMax: 1_000 } });
  const error = await rejection(
    fixture.client.call("echo", { ...REQUEST, note: "x".repeat(2_000) } as CountRequest),
  );
  assert.equal(error.code, "RESOURCE_EXHAUSTED");
});

test("a unary call without a deadline gets the server's, and its handler is told", async () => {
  let reason: unknown;
  await using fixture = await startCountServer({
    limits: { unaryDeadlineMs: 60 },
    echo: unary(async (_request, context) => {
      context.signal.addEventListener("abort", () => {
        reason = context.signal.reason;
      });
      return forEver();
    }),
  });
  // Our own client always sets one: this is a stranger's.
  const error = await rejection(
    fixture.client.call("echo", REQUEST, { deadlineMs: Number.POSITIVE_INFINITY }),
  );
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  assert.equal((reason as RpcError).code, "DEADLINE_EXCEEDED");
  assert.deepEqual(
    fixture.observer.served.map(({ method, code }) => [method, code]),
    [[METHOD, "DEADLINE_EXCEEDED"]],
  );
});

test("the client's deadline aborts the handler's signal", async () => {
  const aborts: string[] = [];
  await using fixture = await startCountServer({
    echo: unary(async (_request, context) => {
      context.signal.addEventListener("abort", () => aborts.push((context.signal.reason as RpcError).code));
      assert.ok(context.deadlineUnixMs - Date.now() <= 60);
      return forEver();
    }),
  });
  assert.equal(
    (await rejection(fixture.client.call("echo", REQUEST, { deadlineMs: 60 }))).code,
    "DEADLINE_EXCEEDED",
  );
  await waitFor(() => aborts.length > 0, within(10_000));
  assert.deepEqual(aborts, ["DEADLINE_EXCEEDED"]);
});

test("a cancel aborts the handler's signal, and what the handler then throws is no news", async () => {
  const aborts: string[] = [];
  await using fixture = await startCountServer({
    echo: unary(async (_request, context) => {
      await fixture.clock.sleep(60_000, context.signal).catch((error: RpcError) => aborts.push(error.code));
      throw Object.assign(new Error("aborted"), { name: "AbortError" });
    }),
  });
  const controller = new AbortController();
  const work = rejection(fixture.client.call("echo", REQUEST, { signal: controller.signal }));
  await waitFor(() => fixture.server.openStreams === 0, within(10_000));
  setTimeout(() => controller.abort(new Error("enough")), 30);
  const error = await work;
  assert.deepEqual([error.code, (error.cause as Error).message], ["CANCELLED", "enough"]);
  await waitFor(() => aborts.length > 0, within(10_000));
  assert.deepEqual(aborts, ["CANCELLED"]);
  assert.deepEqual(fixture.observer.unexpected, []);
});

test("leaving the loop cancels the stream on the server at once", async () => {
  const ends: string[] = [];
  await using fixture = await startCountServer({
    count: serverStream(async (_request, context, write) => {
      context.signal.addEventListener("abort", () => ends.push((context.signal.reason as RpcError).code));
      for (let index = 0; ; index += 1) {
        await write({ index, ballast: "" });
        await fixture.clock.sleep(5, context.signal);
      }
    }),
  });
  for await (const _message of fixture.client.stream("count", REQUEST)) break;
  await waitFor(() => ends.length > 0, within(10_000));
  assert.deepEqual(ends, ["CANCELLED"]);
  await waitFor(() => fixture.server.openStreams === 0, within(10_000));
});

test("a slow client stops the writer after a bounded number of messages", async () => {
  let written = 0;
  await using fixture = await startCountServer({
    count: serverStream(async (request, _context, write) => {
      const ballast = "x".repeat(10_000);
      for (; written < request.count; written += 1) await write({ index: written, ballast });
    }),
  });
  await using client = fixture.connect({ channel: { flowControlWindowBytes: 65_535 } });
  const heapBefore = process.memoryUsage().arrayBuffers;
  const iterator = client.stream("count", { count: 5_000, bytes: 0 })[Symbol.asyncIterator]();
  await iterator.next();
  await fixture.clock.sleep(300);
  const stalled = written;
  const heapBytes = process.memoryUsage().arrayBuffers - heapBefore;
  await fixture.clock.sleep(100);
  assert.equal(written, stalled, "the writer waits");
  // 16 in the server's stream, 16 in the client's, and what 64 KiB of window and the socket hold.
  assert.ok(stalled < 120, `${stalled} messages under way`);
  assert.ok(heapBytes < 10_000_000, `${heapBytes} bytes under way`);
  let read = 1;
  while (!(await iterator.next()).done) read += 1;
  assert.equal(read, 5_000);
});

test("a waiting write rejects when the client goes away; many waits make no warning", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  let error: unknown;
  let waits = 0;
  await using fixture = await startCountServer({
    count: serverStream(async (_request, _context, write) => {
      try {
        for (let index = 0; ; index += 1) {
          await write({ index, ballast: "x".repeat(100_000) });
          waits += 1;
        }
      } catch (thrown) {
        error = thrown;
        throw thrown;
      }
    }),
  });
  await using client = fixture.connect({ channel: { flowControlWindowBytes: 65_535 } });
  const iterator = client.stream("count", REQUEST)[Symbol.asyncIterator]();
  for (let index = 0; index < 100; index += 1) await iterator.next();
  await fixture.clock.sleep(50);
  await iterator.return?.();
  await waitFor(() => error !== undefined, within(10_000));
  assert.equal((error as RpcError).code, "CANCELLED");
  assert.ok(waits >= 100);
  process.off("warning", onWarning);
  assert.deepEqual(warnings, []);
});

test("a stream whose client neither reads nor cancels is ended at its deadline all the same", async () => {
  const aborts: string[] = [];
  await using fixture = await startCountServer({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    count: serverStream(async (_request, context, write) => {
      context.signal.addEventListener("abort", () => aborts.push((context.signal.reason as RpcError).code));
      for (let index = 0; ; index += 1) await write({ index, ballast: "x".repeat(100_000) });
    }),
  });
  // Bare HTTP/2, since grpc-js would cancel at the deadline by itself.
  const session = connectHttp2(`http://${fixture.target}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/imesh.test.v1.CountService/Count",
    "content-type": "application/grpc",
    te: "trailers",
    "grpc-timeout": "100m",
  });
  const message = Buffer.from(JSON.stringify(REQUEST));
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([frame, message]));
  await waitFor(() => fixture.server.openStreams === 1, within(10_000));
  await waitFor(() => aborts.length > 0, within(10_000));
  assert.deepEqual(aborts, ["DEADLINE_EXCEEDED"]);
  session.destroy();
});

test("one stream too many is refused with a hint, and a place becomes free when one ends", async () => {
  await using fixture = await startCountServer({
    limits: { streamsMax: 2 },
    count: serverStream(async (_request, context, write) => {
      await write({ index: 0, ballast: "" });
      await fixture.clock.sleep(60_000, context.signal);
    }),
  });
  const open = async () => {
    const iterator = fixture.client.stream("count", REQUEST)[Symbol.asyncIterator]();
    await iterator.next();
    return iterator;
  };
  const first = await open();
  await open();
  assert.equal(fixture.server.openStreams, 2);
  const { code, reason, metadata, retryDelayMs } = await rejection(open());
  assert.deepEqual(
    { code, reason, metadata, retryDelayMs },
    {
      code: "RESOURCE_EXHAUSTED",
      reason: "STREAMS_EXHAUSTED",
      metadata: { openMax: "2" },
      retryDelayMs: 1_000,
    },
  );
  await first.return?.();
  await waitFor(() => fixture.server.openStreams === 1, within(10_000));
  await open();
});

test("one unary call too many is refused with a hint", async () => {
  await using fixture = await startCountServer({ limits: { unaryMax: 2 }, echo: unary(() => forEver()) });
  const controller = new AbortController();
  const held = [1, 2].map(() =>
    rejection(fixture.client.call("echo", REQUEST, { signal: controller.signal })),
  );
  await fixture.client.waitForReady(1_000);
  const error = await rejection(fixture.client.call("echo", REQUEST));
  assert.deepEqual([error.code, error.reason], ["RESOURCE_EXHAUSTED", "CALLS_EXHAUSTED"]);
  controller.abort();
  await Promise.all(held);
});

test("the context tells who calls, with what, how long, and in which trace", async () => {
  const seen: unknown[] = [];
  await using fixture = await startCountServer({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    echo: unary((request, context) => {
      const { method, peer, traceContext } = context;
      seen.push({ method, kind: peer.kind, traceContext, note: context.metadata.get("x-note") });
      return { index: request.count, ballast: "" };
    }),
  });
  const traceContext = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  await fixture.client.call("echo", REQUEST, { metadata: { "x-note": "hello" }, traceContext });
  await using traced = fixture.connect({ activeTraceContext: () => traceContext });
  await traced.call("echo", REQUEST);
  assert.deepEqual(seen, [
    { method: METHOD, kind: "tcp", traceContext, note: ["hello"] },
    { method: METHOD, kind: "tcp", traceContext, note: [] },
  ]);
});

test("a call made for a call inherits its deadline and its end", async () => {
  const ends: string[] = [];
  await using inner = await startCountServer({
    echo: unary(async (_request, context) => {
      context.signal.addEventListener("abort", () => ends.push((context.signal.reason as RpcError).code));
      ends.push(`${context.deadlineUnixMs - Date.now() <= 2_000}`);
      return forEver();
    }),
  });
  await using outer = await startCountServer({
    echo: unary((request, parent) => inner.client.call("echo", request, { parent, deadlineMs: 60_000 })),
  });
  const controller = new AbortController();
  const work = rejection(
    outer.client.call("echo", REQUEST, { deadlineMs: 2_000, signal: controller.signal }),
  );
  await waitFor(() => ends.length === 1, within(10_000));
  controller.abort();
  await work;
  await waitFor(() => ends.length === 2, within(10_000));
  assert.deepEqual(ends, ["true", "CANCELLED"]);
});
