import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthClient } from "@imesh/contracts/grpc/health/v1";
import { FakeClock, SeededRandom, temporaryDirectory, waitFor } from "@imesh/testing";
import { type Backoff, SystemClock } from "@imesh/time";
import { connect } from "./connect.ts";
import { outOfRange, resourceExhausted, unavailable } from "./errors.ts";
import { holdSocket } from "./fixtures/child-process.ts";
import { startCountServer } from "./fixtures/count-server.ts";
import { serverStream } from "./handlers.ts";
import type { RpcError } from "./rpc-error.ts";
import { backoffTo, type StreamAttempt, type SubscriptionState, subscribeForever } from "./subscription.ts";

const IDLE_MS = 15_000;
const busy = () => unavailable({ reason: "BUSY", message: "Cannot serve" });

/** What a scripted stream does next. */
type Step = number | { readonly pauseMs: number } | { readonly fail: Error } | { readonly hang: true };

interface Opening {
  readonly cursor: number;
  readonly atMs: number;
  readonly fresh: boolean;
}

/**
 * A subscription to streams that follow a script, one list of steps a stream; when the scripts are used up it
 * is stopped.
 */
function subscribe(
  scripts: readonly (readonly Step[])[],
  more: { isFinal?: (error: RpcError) => boolean; backoff?: Backoff } = {},
) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const openings: Opening[] = [];
  const handled: number[] = [];
  const states: SubscriptionState[] = [];
  let open = 0;
  const stream = async function* (steps: readonly Step[], signal: AbortSignal): AsyncGenerator<number> {
    open += 1;
    try {
      for (const step of steps) {
        if (typeof step === "number") yield step;
        else if ("pauseMs" in step) await clock.sleep(step.pauseMs, signal);
        else if ("fail" in step) throw step.fail;
        else
          await new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason)),
          );
      }
    } finally {
      open -= 1;
    }
  };
  const ended = subscribeForever<number, number>({
    cursor: 0,
    open: (cursor: number, attempt: StreamAttempt) => {
      const steps = scripts[openings.length];
      openings.push({ cursor, atMs: clock.monotonicMs(), fresh: attempt.freshConnection });
      if (steps === undefined) controller.abort();
      return stream(steps ?? [], attempt.signal);
    },
    onMessage: (message) => {
      handled.push(message);
      return message;
    },
    idleTimeoutMs: IDLE_MS,
    clock,
    // Not jittered: the delay is the ceiling itself, less nothing worth mentioning.
    random: { next: () => 0.999_999, uuid: () => "" },
    signal: controller.signal,
    onState: (state) => states.push(state),
    ...more,
  });
  const isOver = ended.then(
    () => ({ kind: "resolved" as const }),
    (error: unknown) => ({ kind: "rejected" as const, error }),
  );
  return { clock, controller, openings, handled, states, ended: isOver, openStreams: () => open };
}

test("resumes after the last message handled, and ends when its signal aborts", async () => {
  const run = subscribe([[1, 2], [3, { fail: busy() }], [4]]);
  await run.clock.advance(10_000);
  assert.deepEqual(await run.ended, { kind: "resolved" });
  assert.deepEqual(run.handled, [1, 2, 3, 4]);
  assert.deepEqual(
    run.openings.map((opening) => opening.cursor),
    [0, 2, 3, 4],
  );
  assert.deepEqual([run.openStreams(), run.clock.timersPending], [0, 0]);
});

test("backs off from 100 ms to 5 s, and starts anew after a stream that lived for 10 s", async () => {
  const failures = Array.from({ length: 8 }, () => [{ fail: busy() }]);
  const run = subscribe([...failures, [1, { pauseMs: 10_000 }, 2, { fail: busy() }], [{ fail: busy() }]]);
  await run.clock.advance(60_000);
  await run.ended;
  const delays = run.states.flatMap((state) => (state.kind === "waiting" ? [Math.round(state.delayMs)] : []));
  assert.deepEqual(delays, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 100, 200]);
});

test("a server on this machine is looked for four times a second and more", async () => {
  const failures = Array.from({ length: 5 }, () => [{ fail: busy() }]);
  const run = subscribe(failures, { backoff: backoffTo("unix:/run/broker.sock") });
  await run.clock.advance(60_000);
  await run.ended;
  const delays = run.states.flatMap((state) => (state.kind === "waiting" ? [Math.round(state.delayMs)] : []));
  assert.deepEqual(delays, [50, 100, 200, 250, 250]);
  assert.deepEqual(backoffTo("100.64.0.1:7420"), { baseMs: 100, maxMs: 5_000 });
});

test("a stream that only opens and dies does not count as a good one, however long it hung", async () => {
  const run = subscribe([[{ fail: busy() }], [{ pauseMs: 14_000 }, { fail: busy() }], [{ fail: busy() }]]);
  await run.clock.advance(60_000);
  await run.ended;
  const delays = run.states.flatMap((state) => (state.kind === "waiting" ? [Math.round(state.delayMs)] : []));
  assert.deepEqual(delays, [100, 200, 400]);
});

test("waits as long as the server asks, up to a minute", async () => {
  const exhausted = (retryDelayMs: number) =>
    resourceExhausted({ reason: "STREAMS_EXHAUSTED", message: "Cannot take one more", retryDelayMs });
  const run = subscribe([[{ fail: exhausted(7_000) }], [{ fail: exhausted(3_600_000) }]]);
  await run.clock.advance(200_000);
  await run.ended;
  assert.deepEqual(
    run.openings.map((opening) => opening.atMs),
    [0, 7_000, 67_000],
  );
});

test("jitter spreads over the whole range (property)", async () => {
  const random = SeededRandom.fromEnvironment("subscription jitter");
  const clock = new FakeClock();
  const controller = new AbortController();
  const delays: number[] = [];
  const ended = subscribeForever<number, number>({
    cursor: 0,
    open: () => {
      throw busy();
    },
    onMessage: (_message, cursor) => cursor,
    idleTimeoutMs: IDLE_MS,
    clock,
    random,
    signal: controller.signal,
    onState: (state) => {
      if (state.kind === "waiting") delays.push(state.delayMs);
    },
  });
  await clock.advance(1_000_000);
  controller.abort();
  await ended;
  const late = delays.slice(6);
  assert.ok(late.length > 200);
  assert.ok(late.every((delayMs) => delayMs >= 0 && delayMs < 5_000));
  assert.ok(late.some((delayMs) => delayMs < 1_000) && late.some((delayMs) => delayMs > 4_000));
});

test("a silent stream is given up and opened again over a fresh connection", async () => {
  const run = subscribe([[1, { hang: true }], [2, { fail: busy() }], [3]]);
  await run.clock.advance(IDLE_MS - 1);
  assert.deepEqual(run.handled, [1]);
  await run.clock.advance(30_000);
  await run.ended;
  assert.deepEqual(run.handled, [1, 2, 3]);
  assert.deepEqual(
    run.openings.map((opening) => opening.fresh),
    [false, true, false, false],
  );
  assert.deepEqual(
    run.states.flatMap((state) => (state.kind === "waiting" ? [state.end.kind] : [])),
    ["silent", "failed", "ended"],
  );
});

test("heartbeats keep a stream open for ever", async () => {
  const beats: Step[] = Array.from({ length: 100 }, () => [{ pauseMs: IDLE_MS - 1 }, 0]).flat();
  const run = subscribe([beats]);
  await run.clock.advance(100 * IDLE_MS);
  await run.ended;
  assert.deepEqual([run.handled.length, run.openings.length], [100, 2]);
});

test("after a sleep of the machine the stream is opened again at once, over a fresh connection", async () => {
  const run = subscribe([
    [1, { hang: true }],
    [2, { hang: true }],
  ]);
  await run.clock.advance(5_000);
  run.clock.stepWall(8 * 3_600_000);
  await run.clock.advance(1_000);
  assert.deepEqual(run.handled, [1, 2]);
  assert.deepEqual(run.openings, [
    { cursor: 0, atMs: 0, fresh: false },
    { cursor: 1, atMs: 6_000, fresh: true },
  ]);
  run.controller.abort();
  assert.deepEqual(await run.ended, { kind: "resolved" });
  assert.deepEqual([run.openStreams(), run.clock.timersPending], [0, 0]);
});

test("an error that the same request would meet again ends the subscription", async () => {
  const error = outOfRange({ reason: "SEQUENCE_AFTER_HEAD", message: "Cannot resume" });
  const run = subscribe([[1, { fail: error }], [2]]);
  await run.clock.advance(1_000);
  assert.deepEqual(await run.ended, { kind: "rejected", error });
  assert.equal(run.openings.length, 1);
});

test("isFinal decides otherwise", async () => {
  const error = outOfRange({ reason: "SEQUENCE_AFTER_HEAD", message: "Cannot resume" });
  const run = subscribe([[{ fail: error }], [2]], { isFinal: () => false });
  await run.clock.advance(1_000);
  assert.deepEqual(await run.ended, { kind: "resolved" });
  assert.deepEqual(run.handled, [2]);
});

test("an error of onMessage ends the subscription and cancels the stream", async () => {
  const clock = new FakeClock();
  const error = new Error("cannot store");
  let isClosed = false;
  const work = subscribeForever<number, number>({
    cursor: 0,
    open: async function* () {
      try {
        for (let message = 1; ; message += 1) yield message;
      } finally {
        isClosed = true;
      }
    },
    onMessage: async (message) => {
      if (message === 3) throw error;
      return message;
    },
    idleTimeoutMs: IDLE_MS,
    clock,
    random: new SeededRandom(1),
    signal: new AbortController().signal,
  });
  await assert.rejects(work, error);
  assert.deepEqual([isClosed, clock.timersPending], [true, 0]);
});

test("a bug in the stream is not taken for trouble on the line", async () => {
  const error = new TypeError("our bug");
  const run = subscribe([[1, { fail: error }]]);
  await run.clock.advance(1_000);
  assert.deepEqual(await run.ended, { kind: "rejected", error });
});

test("a client resumes without a gap when its server drains and another takes its place", async () => {
  await using directory = await temporaryDirectory();
  const listen = [{ kind: "unix" as const, path: directory.file("s") }];
  const drains: string[] = [];
  /** Counts from where the client says, for ever; index -1 is the goodbye. */
  const count = (name: string) =>
    serverStream<{ count: number }, { index: number; ballast: string }>(async (request, context, write) => {
      for (let index = request.count + 1; !context.draining.aborted; index += 1) {
        await write({ index, ballast: name });
        await clock.sleep(2, AbortSignal.any([context.signal, context.draining])).catch(() => {});
      }
      drains.push(name);
      await write({ index: -1, ballast: name });
    });
  const clock = new SystemClock();
  const first = await startCountServer({ listen, count: count("first") });
  await using client = first.connect();
  const controller = new AbortController();
  const indexes: number[] = [];
  const states: SubscriptionState[] = [];
  const ended = subscribeForever<{ index: number }, number>({
    cursor: 0,
    open: (cursor, attempt) => client.stream("count", { count: cursor, bytes: 0 }, attempt),
    onMessage: ({ index }, cursor) => {
      if (index === -1) return cursor;
      indexes.push(index);
      return index;
    },
    idleTimeoutMs: 5_000,
    clock,
    random: new SeededRandom(7),
    signal: controller.signal,
    onState: (state) => states.push(state),
  });
  await waitFor(() => indexes.length > 10, { deadlineMs: 2_000, what: "the first server's messages" });
  await first[Symbol.asyncDispose]();
  const atFirst = indexes.length;
  await using _second = await startCountServer({ listen, count: count("second") });
  await waitFor(() => indexes.length > atFirst + 10, {
    deadlineMs: 5_000,
    what: "the second server's messages",
  });
  controller.abort();
  await ended;
  assert.deepEqual(
    indexes,
    indexes.map((_index, position) => position + 1),
  );
  assert.deepEqual(drains[0], "first");
  const ends = states.flatMap((state) => (state.kind === "waiting" ? [state.end.kind] : []));
  assert.equal(ends[0], "ended");
});

test("a server that freezes is left by the watchdog, and its successor is found", async () => {
  await using directory = await temporaryDirectory();
  await using holder = await holdSocket("unix", directory.file("s"));
  const clock = new SystemClock();
  await using client = connect(HealthClient, holder.address, { clock });
  const controller = new AbortController();
  const ends: string[] = [];
  let messages = 0;
  const ended = subscribeForever<unknown, undefined>({
    cursor: undefined,
    open: (_cursor, attempt) => client.stream("watch", { service: "" }, attempt),
    onMessage: () => {
      messages += 1;
      return undefined;
    },
    idleTimeoutMs: 300,
    clock,
    random: new SeededRandom(7),
    signal: controller.signal,
    onState: (state) => {
      if (state.kind === "waiting") ends.push(state.end.kind);
    },
  });
  await waitFor(() => messages === 1, { deadlineMs: 2_000, what: "the first message" });
  holder.send("SIGSTOP");
  await waitFor(() => ends.includes("silent"), { deadlineMs: 2_000, what: "the watchdog" });
  holder.send("SIGCONT");
  await waitFor(() => messages >= 2, { deadlineMs: 5_000, what: "a message after the thaw" });
  controller.abort();
  await ended;
});
