import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import type { WatchTurnsResponse } from "@imesh/contracts/agent/v1";
import type { CallContext } from "@imesh/rpc";
import { FakeClock } from "@imesh/testing";
import type { TurnRecord } from "../store/turn-table.ts";
import { JOURNAL } from "../testing/arrivals.ts";
import { TurnFeed } from "../turn/turn-feed.ts";
import { watchTurns } from "./turn-watch.ts";

function recordOf(sequence: bigint): TurnRecord {
  return {
    turnNumber: sequence,
    journalId: JOURNAL,
    firstSequence: sequence,
    lastSequence: sequence,
    chatGuid: "chat-a",
    state: "thinking",
    model: "",
    requestId: "",
    reason: "",
    receivedUnixNs: 1n,
    startedUnixNs: 2n,
    firstTokenUnixNs: null,
    decidedUnixNs: null,
    endedUnixNs: null,
    inputTokens: 0n,
    outputTokens: 0n,
  };
}

function watchOf(write: (response: WatchTurnsResponse) => Promise<void>) {
  const clock = new FakeClock({ wallUnixNs: 0n });
  const feed = new TurnFeed();
  const gone = new AbortController();
  const draining = new AbortController();
  const turns = {
    openTurns: () => [recordOf(1n)],
    listen: (listener: (turn: TurnRecord) => void) => feed.listen(listener),
  };
  const context = { signal: gone.signal, draining: draining.signal } as CallContext;
  const done = watchTurns(turns, clock, context, write);
  return { clock, feed, gone, draining, done };
}

test("a watch shows what is under way, then changes, then a heartbeat every 5 s, and ends when the server drains", async () => {
  const seen: string[] = [];
  const watch = watchOf(async ({ frame }) => {
    seen.push(
      frame?.$case === "turn"
        ? `turn ${frame.value.firstSequence}`
        : `beat ${frame?.value.serverTime?.seconds}`,
    );
  });
  watch.feed.publish(recordOf(2n));
  await settled();
  await watch.clock.advance(11_000);
  watch.feed.publish(recordOf(3n));
  await settled();
  watch.draining.abort();
  await watch.done;
  assert.deepEqual(seen, ["turn 1", "turn 2", "beat 5", "beat 10", "turn 3"]);
  assert.equal(watch.clock.timersPending, 0);
});

test("a watcher that goes away leaves nothing behind", async () => {
  const watch = watchOf(async () => {});
  await settled();
  watch.gone.abort(new Error("gone"));
  await assert.rejects(watch.done, /gone/);
  assert.equal(watch.clock.timersPending, 0);
});

test("a watcher that reads too slowly is told to come back, for it is promised every change (I8)", async () => {
  const first = Promise.withResolvers<void>();
  let written = 0;
  const watch = watchOf(() => {
    written += 1;
    return written === 1 ? first.promise : Promise.resolve();
  });
  for (let sequence = 2n; sequence < 1_100n; sequence += 1n) watch.feed.publish(recordOf(sequence));
  first.resolve();
  await assert.rejects(watch.done, { code: "RESOURCE_EXHAUSTED", reason: "WATCHER_TOO_SLOW" });
  assert.equal(written, 1 + 1_024);
});
