import type { WatchTurnsResponse } from "@imesh/contracts/agent/v1";
import { BoundedQueue, Signal } from "@imesh/flow";
import { type CallContext, resourceExhausted, type Write } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import type { TurnRecord } from "../store/turn-table.ts";
import { timestampOf, wireTurnOf } from "./wire-turn.ts";

/** Between signs of life on a watch. */
const HEARTBEAT_MS = 5_000;

/** Changes that a watcher may be behind; then it is told to watch again, for it is promised every change. */
const BEHIND_MAX = 1_024;

/** A watcher that was too slow comes back after this. */
const RETRY_DELAY_MS = 1_000;

/** What a watch shows. */
export interface WatchedTurns {
  /** Turns under way. */
  openTurns(): TurnRecord[];
  /** Calls `listener` at each change until disposed. */
  listen(listener: (turn: TurnRecord) => void): Disposable;
}

/**
 * One WatchTurns call: the turns under way, then every change, a heartbeat every 5 s; ends when the server drains. A watcher
 * that does not keep up gets RESOURCE_EXHAUSTED, reason WATCHER_TOO_SLOW, and costs no more than 1,024 turns of memory.
 */
export async function watchTurns(
  turns: WatchedTurns,
  clock: Clock,
  context: CallContext,
  write: Write<WatchTurnsResponse>,
): Promise<void> {
  const queue = new BoundedQueue<TurnRecord>({ itemsMax: BEHIND_MAX, bytesMax: 1 });
  const changed = new Signal();
  let isTooSlow = false;
  let isHeartbeatDue = false;
  using _listening = turns.listen((turn) => {
    isTooSlow = !queue.offer(turn, 0) || isTooSlow;
    changed.notify();
  });
  const beat = () => {
    isHeartbeatDue = true;
    changed.notify();
    timer = clock.setTimer(HEARTBEAT_MS, beat);
  };
  let timer = clock.setTimer(HEARTBEAT_MS, beat);
  const drain = () => changed.notify();
  context.draining.addEventListener("abort", drain);
  try {
    for (const turn of turns.openTurns()) await write(turnFrame(turn));
    while (!context.draining.aborted) {
      for (let turn = queue.take(); turn !== undefined; turn = queue.take()) await write(turnFrame(turn));
      if (isTooSlow) throw tooSlow();
      if (isHeartbeatDue)
        await write({
          frame: { $case: "heartbeat", value: { serverTime: timestampOf(clock.wallUnixNs()) } },
        });
      isHeartbeatDue = false;
      await changed.wait(context.signal);
    }
  } finally {
    timer.cancel();
    context.draining.removeEventListener("abort", drain);
  }
}

function turnFrame(turn: TurnRecord): WatchTurnsResponse {
  return { frame: { $case: "turn", value: wireTurnOf(turn) } };
}

function tooSlow() {
  const message = `Cannot watch turns: the watcher is behind (${BEHIND_MAX} changes)`;
  return resourceExhausted({ reason: "WATCHER_TOO_SLOW", message, retryDelayMs: RETRY_DELAY_MS });
}
