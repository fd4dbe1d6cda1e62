import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import type { SubscribeRequest, SubscribeResponse } from "@imesh/contracts/bridge/v1";
import { ArrivalClass, type Event } from "@imesh/contracts/bridge/v1/event";
import type { StreamOptions } from "@imesh/rpc";
import { silentTelemetry } from "@imesh/telemetry";
import { FakeClock, SeededRandom } from "@imesh/testing";
import type { JournalEvent } from "../event/event.ts";
import { JOURNAL } from "../testing/arrivals.ts";
import { BridgeSubscription } from "./bridge-subscription.ts";
import { Progress } from "./progress.ts";

const OTHER_JOURNAL = "22222222-2222-4222-8222-222222222222";

function eventOf(sequence: bigint, journalId = JOURNAL): Event {
  const nothing = {
    source: undefined,
    hopTimes: undefined,
    traceparent: "",
    chat: undefined,
    payload: undefined,
  };
  return { sequence, journalId, arrivalClass: ArrivalClass.LIVE, ...nothing };
}

const batch = (...events: Event[]): SubscribeResponse => ({ frame: { $case: "batch", value: { events } } });
const caughtUp = (headSequence: bigint, journalId = JOURNAL): SubscribeResponse => ({
  frame: { $case: "caughtUp", value: { journalId, headSequence } },
});

/** A subscription over scripted streams: each says its frames, then stays quiet until it is given up. */
function rigOf(streams: SubscribeResponse[][], finishedSequence: bigint | null) {
  const clock = new FakeClock();
  const requests: (Pick<SubscribeRequest, "start" | "journalId"> & { fresh: boolean })[] = [];
  const taken: bigint[] = [];
  const connected: boolean[] = [];
  const progress = new Progress(
    {
      cursor: () => (finishedSequence === null ? null : { journalId: JOURNAL, finishedSequence }),
      beginJournal: () => {},
      moveCursor: () => {},
      writtenAfter: () => [],
    },
    clock,
  );
  const stream = async function* (_method: string, request: SubscribeRequest, options: StreamOptions = {}) {
    const { start, journalId } = request;
    requests.push({ start, journalId, fresh: options.freshConnection ?? false });
    yield* streams.shift() ?? [];
    await new Promise((_resolve, reject) =>
      options.signal?.addEventListener("abort", () => reject(options.signal?.reason)),
    );
  };
  const ports = {
    client: { stream: stream as never },
    progress,
    reception: {
      take: async (events: readonly JournalEvent[]) => {
        for (const { sequence } of events) {
          progress.begin(sequence);
          taken.push(sequence);
        }
      },
    },
    clock,
    random: new SeededRandom(1),
    log: silentTelemetry().logger,
    onConnected: (isConnected: boolean) => connected.push(isConnected),
    onFailure: () => {},
    onHead: () => {},
  };
  const subscription = new BridgeSubscription(ports, { consumer: "agent" });
  return { subscription, clock, requests, taken, connected, progress };
}

const from = (value: bigint, fresh = false) => {
  return { start: { $case: "afterSequence", value } as const, journalId: JOURNAL, fresh };
};

test("it goes on after the last event taken when the stream falls silent for 15 s, on a fresh connection", async () => {
  const rig = rigOf([[batch(eventOf(5n), eventOf(6n))], [batch(eventOf(7n))]], 4n);
  await using _subscription = rig.subscription;
  await settled();
  await rig.clock.advance(14_000);
  assert.deepEqual([rig.requests, rig.taken], [[from(4n)], [5n, 6n]]);
  await rig.clock.advance(8_000);
  assert.deepEqual(
    [rig.requests, rig.taken],
    [
      [from(4n), from(6n, true)],
      [5n, 6n, 7n],
    ],
  );
  assert.deepEqual(rig.connected, [true, false, true]);
});

for (const [what, frame] of [
  ["a gap", batch(eventOf(5n), eventOf(7n))],
  ["a repetition", batch(eventOf(4n))],
  ["another journal's event", batch(eventOf(5n, OTHER_JOURNAL))],
  ["a sequence beyond 63 bits", batch(eventOf(2n ** 63n))],
  ["an empty batch", batch()],
  ["a journal id that is none", caughtUp(9n, "no journal id")],
] as const) {
  test(`it opens the stream again on ${what}, and takes nothing of it`, async () => {
    const rig = rigOf([[frame], [batch(eventOf(5n))]], 4n);
    await using _subscription = rig.subscription;
    await settled();
    assert.deepEqual(rig.taken, []);
    await rig.clock.advance(1_000);
    assert.deepEqual(
      [rig.requests.map(({ start }) => start), rig.taken],
      [[from(4n).start, from(4n).start], [5n]],
    );
  });
}

test("it begins where the stream has caught up, which a heartbeat does not tell", async () => {
  const value = { journalId: JOURNAL, headSequence: 99n, databaseHeadRowid: 0n, serverTime: undefined };
  const heartbeat: SubscribeResponse = { frame: { $case: "heartbeat", value } };
  const rig = rigOf([[heartbeat, caughtUp(40n), batch(eventOf(41n))]], null);
  await using _subscription = rig.subscription;
  await settled();
  assert.deepEqual(rig.requests, [
    { start: { $case: "fromHead", value: true }, journalId: "", fresh: false },
  ]);
  assert.deepEqual([rig.taken, rig.progress.position], [[41n], { journalId: JOURNAL, sequence: 41n }]);
});

test("it passes over frames that it does not know", async () => {
  const rig = rigOf([[{ frame: undefined }, batch(eventOf(5n))]], 4n);
  await using _subscription = rig.subscription;
  await settled();
  assert.deepEqual(rig.taken, [5n]);
});
