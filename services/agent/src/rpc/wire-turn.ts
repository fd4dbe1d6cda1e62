import { type Turn, TurnState } from "@imesh/contracts/agent/v1";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import type { TurnRecord } from "../store/turn-table.ts";

const NS_PER_SECOND = 1_000_000_000n;

const STATES = {
  thinking: TurnState.THINKING,
  replying: TurnState.REPLYING,
  replied: TurnState.REPLIED,
  failed: TurnState.FAILED,
} as const satisfies Record<TurnRecord["state"], TurnState>;

/** A turn as the contract describes it. */
export function wireTurnOf(turn: TurnRecord): Turn {
  return {
    turnId: `${turn.journalId}/${turn.firstSequence}`,
    chatGuid: turn.chatGuid,
    firstSequence: turn.firstSequence,
    lastSequence: turn.lastSequence,
    state: STATES[turn.state],
    model: turn.model,
    requestId: turn.requestId,
    reason: turn.reason,
    times: {
      receivedTime: timestampOf(turn.receivedUnixNs),
      startedTime: timestampOf(turn.startedUnixNs),
      firstTokenTime: timestampOf(turn.firstTokenUnixNs),
      decidedTime: timestampOf(turn.decidedUnixNs),
      repliedTime: turn.state === "replied" ? timestampOf(turn.endedUnixNs) : undefined,
    },
    usage: { inputTokens: turn.inputTokens, outputTokens: turn.outputTokens },
  };
}

/** Nanoseconds since 1970 as a Timestamp; undefined for null. */
export function timestampOf(unixNs: bigint): Timestamp;
export function timestampOf(unixNs: bigint | null): Timestamp | undefined;
export function timestampOf(unixNs: bigint | null): Timestamp | undefined {
  if (unixNs === null) return undefined;
  return { seconds: unixNs / NS_PER_SECOND, nanos: Number(unixNs % NS_PER_SECOND) };
}
