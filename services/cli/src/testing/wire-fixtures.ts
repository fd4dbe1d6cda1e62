import { Turn, TurnState } from "@imesh/contracts/agent/v1";
import { Command, CommandState } from "@imesh/contracts/bridge/v1/command";
import { Direction, Event } from "@imesh/contracts/bridge/v1/event";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { WrittenMessage } from "@imesh/contracts/simulator/v1";

/** Wall time of `ms` after a fixed moment. For tests. */
export function at(ms: number): Timestamp {
  const ns = 1_767_323_045_000_000_000n + BigInt(Math.round(ms * 1_000_000));
  return { seconds: ns / 1_000_000_000n, nanos: Number(ns % 1_000_000_000n) };
}

export const CHAT_GUID = "any;-;+15551234567";
export const JOURNAL_ID = "0d1f4d1e-0000-4000-8000-000000000001";
export const REQUEST_ID = `${JOURNAL_ID}/7#0`;

/** What the contact said at 0 ms, joined at 0.5 ms. */
export function saidMessage(): WrittenMessage {
  return WrittenMessage.fromPartial({
    guid: "IN-1",
    rowid: 41n,
    chatGuid: CHAT_GUID,
    text: "hello",
    insertTime: at(0),
    joinedTime: at(0.5),
  });
}

/** Its event, sequence 7. */
export function arrivalEvent(): Event {
  return Event.fromPartial({
    sequence: 7n,
    journalId: JOURNAL_ID,
    hopTimes: { detectedTime: at(1), readTime: at(1.5), receivedTime: at(2), journaledTime: at(2.25) },
    chat: { guid: CHAT_GUID },
    payload: { $case: "message", value: { guid: "IN-1", direction: Direction.INCOMING, text: "hello" } },
  });
}

/** The reply's own bubble. */
export function answerEvent(): Event {
  return Event.fromPartial({
    sequence: 10n,
    journalId: JOURNAL_ID,
    chat: { guid: CHAT_GUID },
    payload: {
      $case: "message",
      value: { guid: "OUT-1", direction: Direction.OWN, text: "You said: hello", requestId: REQUEST_ID },
    },
  });
}

/** The reply as a command in `state`, with the times it has by then. */
export function commandEvent(state: CommandState): Event {
  const isWritten = state >= CommandState.WRITTEN && state <= CommandState.READ;
  return Event.fromPartial({
    sequence: 8n + BigInt(state),
    journalId: JOURNAL_ID,
    payload: {
      $case: "command",
      value: Command.fromPartial({
        requestId: REQUEST_ID,
        chatGuid: CHAT_GUID,
        state,
        times: {
          acceptedTime: at(20),
          ...(state >= CommandState.DISPATCHED ? { dispatchedTime: at(21) } : {}),
          ...(isWritten ? { writtenTime: at(24), returnedTime: at(25) } : {}),
          ...(state >= CommandState.SENT && isWritten ? { sentTime: at(30) } : {}),
          ...(state >= CommandState.DELIVERED && isWritten ? { deliveredTime: at(40) } : {}),
        },
        ...(state === CommandState.REFUSED
          ? { error: { reason: "CHAT_NOT_FOUND", number: -1728, description: "Messages knows no such chat" } }
          : {}),
      }),
    },
  });
}

/** The agent's turn over sequences 6 to 7, done with the model. */
export function repliedTurn(state: TurnState = TurnState.REPLIED): Turn {
  return Turn.fromPartial({
    turnId: `${JOURNAL_ID}/6`,
    chatGuid: CHAT_GUID,
    firstSequence: 6n,
    lastSequence: 7n,
    state,
    model: "claude-test",
    requestId: state === TurnState.FAILED ? "" : REQUEST_ID,
    reason: state === TurnState.FAILED ? "MODEL_UNAVAILABLE" : "",
    times: { receivedTime: at(3), startedTime: at(4), firstTokenTime: at(12), decidedTime: at(18) },
  });
}
