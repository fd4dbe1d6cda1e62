import { BridgeServiceClient, type SubscribeResponse } from "@imesh/contracts/bridge/v1";
import type { Event } from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import { linkSignals } from "@imesh/lifecycle";
import {
  backoffTo,
  connect,
  type RpcError,
  type StreamAttempt,
  type SubscriptionState,
  subscribeForever,
  unavailable,
} from "@imesh/rpc";
import type { Clock, Random } from "@imesh/time";

/** Where a feed starts. */
export type FeedStart =
  /** Only what comes from now on. */
  | { readonly kind: "from-head" }
  /** Everything after this sequence; 0 for everything there is. */
  | { readonly kind: "after"; readonly sequence: bigint };

/** Where a feed resumes. */
type FeedCursor =
  | { readonly kind: "from-head" }
  | { readonly kind: "after"; readonly sequence: bigint; readonly journalId: string };

/** What a feed takes. */
export interface FeedOptions {
  readonly target: string;
  /** Name in the bridge's logs: 1 to 64 of `a-z 0-9 . - _`. */
  readonly consumer: string;
  readonly start: FeedStart;
  /** Handles one batch; the next waits for it, so a slow one holds the stream back. */
  readonly onEvents: (events: readonly Event[]) => void | Promise<void>;
  /** Called once, when the journal's head of the moment is reached for the first time. */
  readonly onCaughtUp?: () => void;
  readonly onState?: (state: SubscriptionState) => void;
  /** The first failure of a stream is the end of the feed, instead of a reason to try again. Default false. */
  readonly failsAtOnce?: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

// The bridge promises a sign of life every 5 seconds and calls 15 dead.
const IDLE_TIMEOUT_MS = 15_000;

/**
 * Follows mac-bridge's journal until `signal` aborts, across restarts of either side, without a gap and
 * without an event twice. Rejects when the bridge refuses for good: another journal (JOURNAL_CHANGED), a
 * sequence that it never gave; with `failsAtOnce` for any failure, and for silence (UNAVAILABLE).
 */
export async function followEvents(options: FeedOptions): Promise<void> {
  const { target, clock, random, signal, start } = options;
  await using client = connect(BridgeServiceClient, target, { clock });
  const open = (cursor: FeedCursor, attempt: StreamAttempt): AsyncIterable<SubscribeResponse> =>
    client.stream("subscribe", requestAt(cursor, options.consumer), attempt);
  const silence = new AbortController();
  using either = linkSignals(signal, silence.signal);
  let isCaughtUp = false;
  const caughtUp = () => {
    if (!isCaughtUp) options.onCaughtUp?.();
    isCaughtUp = true;
  };
  await subscribeForever<SubscribeResponse, FeedCursor>({
    cursor: start.kind === "from-head" ? start : { ...start, journalId: "" },
    open,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    backoff: backoffTo(target),
    clock,
    random,
    signal: either.signal,
    onState: (state) => {
      options.onState?.(state);
      const isDead = state.kind === "waiting" && state.end.kind === "silent";
      if (isDead && options.failsAtOnce) silence.abort(silentPeer(target));
    },
    ...(options.failsAtOnce ? { isFinal: () => true } : {}),
    onMessage: async ({ frame }, cursor) => {
      switch (frame?.$case) {
        case "batch": {
          const { events } = frame.value;
          await options.onEvents(events);
          const last = events.at(-1);
          return last === undefined ? cursor : after(last.sequence, last.journalId);
        }
        case "caughtUp":
          caughtUp();
          return cursor.kind === "after" && cursor.journalId !== ""
            ? cursor
            : after(frame.value.headSequence, frame.value.journalId);
        case "heartbeat":
        case "drain":
        case undefined:
          return cursor;
        default:
          return unreachable(frame);
      }
    },
  });
  silence.signal.throwIfAborted();
}

function silentPeer(target: string): RpcError {
  const message = `${target} is silent for ${IDLE_TIMEOUT_MS} ms`;
  return unavailable({ reason: "SILENT", message });
}

function requestAt(cursor: FeedCursor, consumer: string) {
  const position =
    cursor.kind === "from-head"
      ? ({ $case: "fromHead", value: true } as const)
      : ({ $case: "afterSequence", value: cursor.sequence } as const);
  const journalId = cursor.kind === "after" ? cursor.journalId : "";
  return { consumer, start: position, journalId, maxBatchSize: 0 };
}

function after(sequence: bigint, journalId: string): FeedCursor {
  return { kind: "after", sequence, journalId };
}
