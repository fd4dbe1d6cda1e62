/** A whole bridge in this process, between a fake lock-broker and a client, over real Unix sockets and a real file. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BrokerConnection, type SubscribeResponse } from "@imesh/contracts/bridge/v1";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { DeliveryState, Direction, type Event } from "@imesh/contracts/bridge/v1/event";
import { RowReason } from "@imesh/contracts/broker/v1";
import { HealthClient, type HealthService } from "@imesh/contracts/grpc/health/v1";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { connect, RpcError } from "@imesh/rpc";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import type { ServeConfig } from "./config.ts";
import { FakeBroker } from "./testing/fake-broker.ts";
import { CHAT_GUID, CONTACT, type RowFacts, wireRow } from "./testing/rows.ts";
import { collectEvents, type RunningBridge, runBridge, subscribeRequest } from "./testing/running-bridge.ts";

interface Scene {
  readonly path: string;
  readonly broker: FakeBroker;
  readonly bridge: RunningBridge;
}

async function setUp(context: TestContext, config: Partial<ServeConfig> = {}): Promise<Scene> {
  const resources = new AsyncDisposableStack();
  context.after(() => resources.disposeAsync());
  const directory = resources.use(await temporaryDirectory());
  const broker = resources.use(new FakeBroker({ socketPath: directory.file("broker.sock") }));
  await broker.start();
  const bridge = resources.use(await runBridge(directory.path, config));
  await waitForLink(bridge, BrokerConnection.LIVE);
  return { path: directory.path, broker, bridge };
}

function waitForLink({ client }: RunningBridge, link: BrokerConnection): Promise<unknown> {
  return waitFor(async () => (await client.call("getStatus", {})).broker === link, {
    deadlineMs: 5_000,
    what: `broker connection ${link}`,
  });
}

/** A row of now. */
function row(facts: RowFacts) {
  return wireRow({ sentUnixNs: new SystemClock().wallUnixNs(), ...facts });
}

function commandStates(events: readonly Event[], requestId: string): CommandState[] {
  return events.flatMap(({ payload }) =>
    payload?.$case === "command" && payload.value.requestId === requestId ? [payload.value.state] : [],
  );
}

function isError(code: string, reason: string, metadata: Record<string, string> = {}) {
  return (error: unknown) => {
    assert.ok(error instanceof RpcError);
    assert.deepEqual([error.code, error.reason, error.metadata], [code, reason, metadata]);
    return true;
  };
}

test("a row becomes an event, a command becomes a proven bubble, and both are on one stream", async (context) => {
  const { broker, bridge } = await setUp(context);
  const { client } = bridge;
  broker.commit(row({ rowid: 1n, text: "hi" }));
  const request = { requestId: "answer/1", chatGuid: CHAT_GUID, text: "hello" };
  await collectEvents(client, (events) => events.length === 1);
  const { command } = await client.call("sendMessage", request);
  assert.equal(command?.state, CommandState.ACCEPTED);
  await collectEvents(client, (events) => commandStates(events, "answer/1").length === 2);
  const own = { rowid: 2n, isFromMe: true, text: "hello" };
  broker.commit(row(own));
  broker.commit(row({ ...own, isSent: true, reason: RowReason.STATUS }));
  broker.commit(row({ ...own, isSent: true, isDelivered: true, reason: RowReason.STATUS }));
  const events = await collectEvents(client, (seen) => commandStates(seen, "answer/1").length === 5);
  const { ACCEPTED, DISPATCHED, WRITTEN, SENT, DELIVERED } = CommandState;
  assert.deepEqual(commandStates(events, "answer/1"), [ACCEPTED, DISPATCHED, WRITTEN, SENT, DELIVERED]);
  const statuses = events.flatMap(({ payload }) =>
    payload?.$case === "messageStatus" ? [payload.value] : [],
  );
  assert.deepEqual(
    statuses.map(({ state, requestId }) => [state, requestId]),
    [
      [DeliveryState.SENT, "answer/1"],
      [DeliveryState.DELIVERED, "answer/1"],
    ],
  );
  const messages = events.flatMap(({ payload }) => (payload?.$case === "message" ? [payload.value] : []));
  assert.deepEqual(
    messages.map(({ text, direction, requestId }) => [text, direction, requestId]),
    [
      ["hi", Direction.INCOMING, ""],
      ["hello", Direction.OWN, "answer/1"],
    ],
  );
  const { command: known } = await client.call("getCommand", { requestId: "answer/1" });
  assert.equal(known?.messageGuid, "GUID-2");
  assert.ok(known?.times?.returnedTime !== undefined && known.times.dispatchedTime !== undefined);
  // The same request again: the same command, and Messages is left alone.
  assert.deepEqual((await client.call("sendMessage", request)).command, known);
  await assert.rejects(
    client.call("sendMessage", { ...request, text: "other" }),
    isError("ALREADY_EXISTS", "REQUEST_ID_REUSED"),
  );
  await assert.rejects(
    client.call("getCommand", { requestId: "none" }),
    isError("NOT_FOUND", "COMMAND_NOT_FOUND"),
  );
});

test("a chat that Messages does not know refuses the command for certain", async (context) => {
  const directory = await temporaryDirectory();
  context.after(() => directory[Symbol.asyncDispose]());
  const osascriptPath = directory.file("osascript");
  await writeFile(osascriptPath, '#!/bin/sh\necho "no chat (-1728)" >&2\nexit 1\n', { mode: 0o755 });
  const { bridge } = await setUp(context, { osascriptPath });
  await bridge.client.call("sendMessage", { requestId: "r", chatGuid: CHAT_GUID, text: "x" });
  const events = await collectEvents(bridge.client, (seen) => commandStates(seen, "r").length === 3);
  const last = events.at(-1)?.payload;
  assert.ok(last?.$case === "command");
  assert.equal(last.value.state, CommandState.REFUSED);
  assert.deepEqual(last.value.error, {
    reason: "CHAT_NOT_FOUND",
    number: -1728,
    description: "Messages does not know this chat",
  });
});

test("a dispatch is timed by what came back: returned, refused, or unknown where there may be a bubble", async (context) => {
  await using directory = await temporaryDirectory();
  const outcomes = { returned: "exit 0", refused: 'echo "(-1728)" >&2; exit 1', unknown: "exit 3" };
  for (const [outcome, script] of Object.entries(outcomes)) {
    const osascriptPath = directory.file(outcome);
    await writeFile(osascriptPath, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const { bridge } = await setUp(context, { osascriptPath });
    const count = (label: string) =>
      bridge.telemetry.recorded.value("bridgeDispatchDuration", { outcome: label });
    await bridge.client.call("sendMessage", { requestId: "r", chatGuid: CHAT_GUID, text: "x" });
    await waitFor(() => count(outcome) !== undefined, { deadlineMs: 5_000, what: `${outcome} dispatch` });
    assert.deepEqual(
      Object.keys(outcomes).map(count),
      Object.keys(outcomes).map((label) => (label === outcome ? 1 : undefined)),
    );
  }
});

test("commands are listed newest first, page by page", async (context) => {
  const { bridge } = await setUp(context);
  const { client } = bridge;
  for (const key of ["a", "b", "c", "d", "e"]) {
    await client.call("sendMessage", { requestId: key, chatGuid: CHAT_GUID, text: key });
  }
  const keys: string[] = [];
  let pageToken = "";
  do {
    const page = await client.call("listCommands", { pageSize: 2, pageToken });
    keys.push(...page.commands.map(({ requestId }) => requestId));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  assert.deepEqual(keys, ["e", "d", "c", "b", "a"]);
  await assert.rejects(
    client.call("listCommands", { pageSize: 2, pageToken: "?" }),
    isError("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID"),
  );
});

test("a subscription that starts where this journal never was is refused with where it is", async (context) => {
  const { broker, bridge } = await setUp(context);
  const { client } = bridge;
  broker.commit(row({ rowid: 1n }));
  await collectEvents(client, (events) => events.length === 1);
  const { journalId } = await client.call("getStatus", {});
  const open = (facts: Parameters<typeof subscribeRequest>[0]) =>
    client.stream("subscribe", subscribeRequest(facts))[Symbol.asyncIterator]().next();
  await assert.rejects(
    open({ journalId: "other" }),
    isError("FAILED_PRECONDITION", "JOURNAL_CHANGED", { journalId }),
  );
  await assert.rejects(
    open({ start: { $case: "afterSequence", value: 2n } }),
    isError("OUT_OF_RANGE", "SEQUENCE_AFTER_HEAD", { headSequence: "1" }),
  );
  await assert.rejects(open({ consumer: "No Name" }), isError("INVALID_ARGUMENT", "INVALID_ARGUMENT"));
  const frame = await open({ journalId, start: { $case: "afterSequence", value: 1n } });
  assert.deepEqual(frame.value.frame, { $case: "caughtUp", value: { journalId, headSequence: 1n } });
});

test("streams that break, a broker that comes and goes: every row once, in order", async (context) => {
  const { broker, bridge } = await setUp(context);
  const { client } = bridge;
  const health = connect<HealthService>(HealthClient, client.target, { clock: new SystemClock() });
  context.after(() => health[Symbol.asyncDispose]());
  const check = async (service: string) => (await health.call("check", { service })).status;
  let rowid = 0n;
  const commitSome = (count: number) => {
    for (let index = 0; index < count; index += 1) {
      rowid += 1n;
      broker.commit(row({ rowid }));
      if (rowid % 7n === 0n) broker.dropStreams();
    }
  };
  commitSome(60);
  await collectEvents(client, (events) => events.length === 60);
  await broker.stop();
  await waitForLink(bridge, BrokerConnection.DISCONNECTED);
  assert.deepEqual(
    [
      await check("imesh.bridge.v1.BridgeService"),
      await check("imesh.bridge.v1.BridgeService/intake"),
      await check(""),
    ],
    [1, 2, 2],
  );
  await assert.rejects(
    client.call("listChats", { pageSize: 0, pageToken: "" }),
    isError("UNAVAILABLE", "BROKER_UNAVAILABLE"),
  );
  // The journal can be read and commands wait meanwhile.
  await client.call("sendMessage", { requestId: "waits", chatGuid: CHAT_GUID, text: "later" });
  commitSome(40);
  await broker.start();
  await waitForLink(bridge, BrokerConnection.LIVE);
  const isDone = (events: readonly Event[]) =>
    events.filter(({ payload }) => payload?.$case === "message").length === 100 &&
    commandStates(events, "waits").length === 2;
  const events = await collectEvents(client, isDone, { maxBatchSize: 7 });
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, index) => BigInt(index + 1)),
  );
  assert.deepEqual(
    events.flatMap(({ source }) => (source === undefined ? [] : [source.messageRowid])),
    Array.from({ length: 100 }, (_, index) => BigInt(index + 1)),
  );
  assert.equal(await check(""), 1);
  const chats = await client.call("listChats", { pageSize: 3, pageToken: "t" });
  assert.deepEqual(
    [chats.nextPageToken, chats.chats[0]?.participants],
    ["t+3", [{ address: CONTACT, service: "iMessage", personKey: CONTACT, contactId: "", country: "us" }]],
  );
});

test("a bridge that stops says where each subscriber stood, and its successor goes on from there", async (context) => {
  const directory = await temporaryDirectory();
  context.after(() => directory[Symbol.asyncDispose]());
  await using broker = new FakeBroker({ socketPath: directory.file("broker.sock") });
  await broker.start();
  const frames: SubscribeResponse["frame"][] = [];
  let journalId: string;
  {
    await using bridge = await runBridge(directory.path);
    await waitForLink(bridge, BrokerConnection.LIVE);
    broker.commit(row({ rowid: 1n }), row({ rowid: 2n }));
    await collectEvents(bridge.client, (events) => events.length === 2);
    ({ journalId } = await bridge.client.call("getStatus", {}));
    const done = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const { frame } of bridge.client.stream("subscribe", subscribeRequest())) {
        frames.push(frame);
        if (frame?.$case === "caughtUp") done.resolve();
      }
    })();
    await done.promise;
    await bridge.bridge[Symbol.asyncDispose]();
    await reading;
  }
  assert.deepEqual(
    frames.map((frame) => frame?.$case),
    ["batch", "caughtUp", "drain"],
  );
  assert.deepEqual(frames.at(-1), { $case: "drain", value: { lastSequence: 2n } });
  broker.commit(row({ rowid: 3n }));
  await using successor = await runBridge(directory.path);
  const events = await collectEvents(successor.client, (seen) => seen.length === 1, {
    journalId,
    start: { $case: "afterSequence", value: 2n },
  });
  assert.deepEqual(
    events.map(({ sequence, source }) => [sequence, source?.messageRowid]),
    [[3n, 3n]],
  );
});

test("a second bridge on the same journal, or on the same socket, is refused with 75", async (context) => {
  const { path } = await setUp(context);
  const isTaken = (error: unknown) =>
    error instanceof StartupError && error.exitCode === EXIT_CODES.temporary;
  await assert.rejects(runBridge(path, { socket: { kind: "unix", path: `${path}/other.sock` } }), isTaken);
  await assert.rejects(runBridge(path, { journalPath: `${path}/other.db` }), isTaken);
  // The one that was refused left nothing locked.
  const other = {
    journalPath: `${path}/other.db`,
    socket: { kind: "unix", path: `${path}/other.sock` },
  } as const;
  await using third = await runBridge(path, other);
  assert.equal(third.bridge.addresses.length, 1);
});

test("a subscriber that does not read costs no memory and misses nothing (I8)", {
  timeout: 60_000,
}, async (context) => {
  const { broker, bridge } = await setUp(context);
  const { client } = bridge;
  const iterator = client.stream("subscribe", subscribeRequest({ consumer: "slow" }))[Symbol.asyncIterator]();
  await iterator.next();
  const text = "z".repeat(10_000);
  const count = 4_000;
  const commit = async (from: number, to: number) => {
    for (let rowid = from; rowid <= to; rowid += 50) {
      broker.commit(...Array.from({ length: 50 }, (_, index) => row({ rowid: BigInt(rowid + index), text })));
      await waitFor(async () => (await client.call("getStatus", {})).headSequence >= BigInt(rowid + 49), {
        deadlineMs: 10_000,
        what: "the rows to be journaled",
      });
    }
  };
  // What the test itself keeps is one text, shared by all rows; what is left is grpc's buffers and ours.
  await commit(1, 1_000);
  const before = await memoryHeld();
  await commit(1_001, count);
  const grownMib = ((await memoryHeld()) - before) / 1_048_576;
  // 30 MB of events went by. What was written ahead of the reader is what grpc buffers: 16 frames on either side.
  assert.ok(grownMib < 12, `grown by ${grownMib.toFixed(1)} MiB`);
  const streamed = bridge.telemetry.recorded.value("bridgeEventsStreamed") ?? 0;
  assert.ok(streamed < 1_500, `${streamed} events were written to a subscriber that does not read`);
  const { subscribers } = await client.call("getStatus", {});
  assert.equal(subscribers, 1);
  let next = 1n;
  while (next <= BigInt(count)) {
    const { value } = await iterator.next();
    if (value.frame?.$case !== "batch") continue;
    for (const { sequence } of value.frame.value.events) {
      assert.equal(sequence, next);
      next += 1n;
    }
  }
  await iterator.return?.();
});

/** Bytes that full collections leave. The memory of buffers is given back a turn of the event loop after its collection. */
async function memoryHeld(): Promise<number> {
  setFlagsFromString("--expose-gc");
  for (let collection = 0; collection < 3; collection += 1) {
    runInNewContext("gc")();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("on a loopback port it says loudly that this is for development", async (context) => {
  const { bridge, path } = await setUp(context);
  void bridge;
  const warned: unknown[] = [];
  await using other = await runBridge(
    path,
    {
      journalPath: `${path}/b.db`,
      socket: { kind: "unix", path: `${path}/b.sock` },
      listen: { kind: "tcp", host: "127.0.0.1", port: 0 },
    },
    (fields) => warned.push(fields.event),
  );
  assert.deepEqual(
    other.bridge.addresses.map(({ kind }) => kind),
    ["unix", "tcp"],
  );
  assert.ok(warned.includes("local-development-mode"));
});
