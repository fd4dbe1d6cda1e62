import type { Turn } from "@imesh/contracts/agent/v1";
import { TurnState } from "@imesh/contracts/agent/v1";
import type { Command } from "@imesh/contracts/bridge/v1/command";
import type { Event } from "@imesh/contracts/bridge/v1/event";
import { Direction } from "@imesh/contracts/bridge/v1/event";
import type { WrittenMessage } from "@imesh/contracts/simulator/v1";
import { type CommandStateWord, commandFailure, commandStateWord } from "../events/command-words.ts";
import { unixNs } from "../events/unix-ns.ts";

/**
 * One message of a contact and everything seen of its way to an answer. A value: each report of a stream
 * gives a new one. All times are wall time in nanoseconds since 1970, undefined while the hop was not passed.
 */
export interface Exchange {
  readonly said: Said;
  /** The message as an event of mac-bridge's journal. */
  readonly arrival?: Arrival;
  /** The agent's turn that covers the message. */
  readonly turn?: TurnView;
  /** The reply as a command of mac-bridge. */
  readonly command?: CommandView;
  /** The reply as the contact sees it. */
  readonly answer?: { readonly guid: string; readonly text: string };
}

/** What the contact said. */
export interface Said {
  readonly guid: string;
  readonly rowid: bigint;
  readonly chatGuid: string;
  readonly text: string;
  readonly insertedNs: bigint | undefined;
  readonly joinedNs: bigint | undefined;
}

/** The message in the journal. */
export interface Arrival {
  readonly journalId: string;
  readonly sequence: bigint;
  readonly detectedNs: bigint | undefined;
  readonly readNs: bigint | undefined;
  readonly receivedNs: bigint | undefined;
  readonly journaledNs: bigint | undefined;
}

/** The turn, as far as an exchange needs it. */
export interface TurnView {
  readonly state: "thinking" | "replying" | "replied" | "failed";
  readonly requestId: string;
  readonly model: string;
  /** Stable code of a failed turn, else empty. */
  readonly reason: string;
  readonly receivedNs: bigint | undefined;
  readonly startedNs: bigint | undefined;
  readonly firstTokenNs: bigint | undefined;
  readonly decidedNs: bigint | undefined;
}

/** The command, as far as an exchange needs it. */
export interface CommandView {
  readonly state: CommandStateWord;
  readonly requestId: string;
  /** "REASON: description" of a refused, failed or uncertain one, else empty. */
  readonly failure: string;
  readonly acceptedNs: bigint | undefined;
  readonly dispatchedNs: bigint | undefined;
  readonly returnedNs: bigint | undefined;
  readonly writtenNs: bigint | undefined;
  readonly sentNs: bigint | undefined;
  readonly deliveredNs: bigint | undefined;
}

/** Whether an exchange is over, and how. */
export type ExchangeOutcome =
  | { readonly kind: "open" }
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly reason: string };

/** The exchange that begins with `message`. */
export function openExchange(message: WrittenMessage): Exchange {
  return {
    said: {
      guid: message.guid,
      rowid: message.rowid,
      chatGuid: message.chatGuid,
      text: message.text,
      insertedNs: unixNs(message.insertTime),
      joinedNs: unixNs(message.joinedTime),
    },
  };
}

/**
 * `exchange` after `event`: itself when the event is about something else. Events may come in any order, and
 * twice.
 */
export function withEvent(exchange: Exchange, event: Event): Exchange {
  const { payload } = event;
  switch (payload?.$case) {
    case "message": {
      const message = payload.value;
      if (message.guid === exchange.said.guid) return { ...exchange, arrival: arrivalOf(event) };
      const isAnswer =
        message.direction === Direction.OWN &&
        message.requestId !== "" &&
        message.requestId === exchange.turn?.requestId;
      return isAnswer ? { ...exchange, answer: { guid: message.guid, text: message.text } } : exchange;
    }
    case "command": {
      const command = payload.value;
      if (command.requestId !== exchange.turn?.requestId) return exchange;
      return { ...exchange, command: commandView(command) };
    }
    default:
      return exchange;
  }
}

/** `exchange` after a report of the agent: itself when the turn does not cover its message. */
export function withTurn(exchange: Exchange, turn: Turn): Exchange {
  const { arrival } = exchange;
  if (arrival === undefined || turn.chatGuid !== exchange.said.chatGuid) return exchange;
  if (!turn.turnId.startsWith(`${arrival.journalId}/`)) return exchange;
  if (arrival.sequence < turn.firstSequence || arrival.sequence > turn.lastSequence) return exchange;
  return { ...exchange, turn: turnView(turn) };
}

/** Whether the exchange is over: its answer delivered, or an end without one. */
export function outcomeOf(exchange: Exchange): ExchangeOutcome {
  const { turn, command } = exchange;
  if (turn?.state === "failed") {
    return { kind: "failed", reason: `the agent gave no answer (${turn.reason || "no reason told"})` };
  }
  switch (command?.state) {
    case "delivered":
    case "read":
      // The bubble's own event may trail the receipt by one frame; an answer without its text is not worth
      // showing.
      return exchange.answer === undefined ? { kind: "open" } : { kind: "delivered" };
    case "refused":
    case "failed":
    case "uncertain":
      return { kind: "failed", reason: `the reply is ${command.state} (${command.failure})` };
    default:
      return { kind: "open" };
  }
}

function arrivalOf(event: Event): Arrival {
  const times = event.hopTimes;
  return {
    journalId: event.journalId,
    sequence: event.sequence,
    detectedNs: unixNs(times?.detectedTime),
    readNs: unixNs(times?.readTime),
    receivedNs: unixNs(times?.receivedTime),
    journaledNs: unixNs(times?.journaledTime),
  };
}

function turnView(turn: Turn): TurnView {
  return {
    state: turnStateWord(turn.state),
    requestId: turn.requestId,
    model: turn.model,
    reason: turn.reason,
    receivedNs: unixNs(turn.times?.receivedTime),
    startedNs: unixNs(turn.times?.startedTime),
    firstTokenNs: unixNs(turn.times?.firstTokenTime),
    decidedNs: unixNs(turn.times?.decidedTime),
  };
}

function turnStateWord(state: Turn["state"]): TurnView["state"] {
  switch (state) {
    case TurnState.REPLYING:
      return "replying";
    case TurnState.REPLIED:
      return "replied";
    case TurnState.FAILED:
      return "failed";
    default:
      return "thinking";
  }
}

function commandView(command: Command): CommandView {
  return {
    state: commandStateWord(command.state),
    requestId: command.requestId,
    failure: commandFailure(command),
    acceptedNs: unixNs(command.times?.acceptedTime),
    dispatchedNs: unixNs(command.times?.dispatchedTime),
    returnedNs: unixNs(command.times?.returnedTime),
    writtenNs: unixNs(command.times?.writtenTime),
    sentNs: unixNs(command.times?.sentTime),
    deliveredNs: unixNs(command.times?.deliveredTime),
  };
}
