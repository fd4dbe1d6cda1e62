import { assert, unreachable } from "@imesh/flow";
import type { Arrival } from "../event/event.ts";

/**
 * The rules of one conversation, as a pure function: `advance(conversation, happening)` gives the next state and what has
 * to be done, in that order, each durable before the next. Nothing here waits, stores or sends.
 *
 *     idle ──arrived──▶ queued ──slot-granted──▶ thinking ──thought──▶ replying ──sent──▶ queued, or idle
 *                                   (open)           (decide)             (close)
 *
 * - One turn at a time (I5): while one is under way, what arrives waits, and all of it together is the next turn.
 * - Everything that arrived goes into the transcript in its order; only what is to be answered makes a turn, and own
 *   messages never are (I11).
 * - `decide` comes before `send` (I10): a turn that was decided is only ever sent, never thought again.
 */
export interface Conversation {
  readonly stage: Stage;
  /** Arrived, and in no turn yet; in sequence order. */
  readonly waiting: readonly Arrival[];
}

/** How far a conversation's turn is. */
export type Stage =
  /** Nothing to do. */
  | { readonly kind: "idle" }
  /** Waits for a slot to work in. `recovered`: the turn that a stop of the process left open, which goes first. */
  | { readonly kind: "queued"; readonly recovered: RecoveredTurn | null }
  /** The model is asked. */
  | { readonly kind: "thinking"; readonly turn: Turn }
  /** The decision is on disk and goes to mac-bridge. */
  | { readonly kind: "replying"; readonly turn: Turn };

/** Which turn, and where. The messages themselves are in the transcript. */
export interface Turn {
  readonly chatGuid: string;
  readonly journalId: string;
  /** First event answered; with the journal id it names the turn. */
  readonly firstSequence: bigint;
  /** Last event answered. */
  readonly lastSequence: bigint;
  /** Every event the turn finishes: those answered and those only recorded with them. Rising. */
  readonly sequences: readonly bigint[];
  /** Trace context of the last answered event that has one; null when none has. */
  readonly traceparent: string | null;
  /** Whether that event was live, so that its trace is the turn's parent and not only linked. */
  readonly isLive: boolean;
  /** When the last answered message reached the agent, wall time. */
  readonly receivedUnixNs: bigint;
}

/** What the model decided, as stored: it never changes once written. */
export interface Decision {
  /** Texts to send one after the other, at least one, each within mac-bridge's bound. */
  readonly parts: readonly string[];
}

/** A turn found open in the store at start; `decision` is null while it was not decided. */
export interface RecoveredTurn {
  readonly turn: Turn;
  readonly decision: Decision | null;
}

/** What came of asking the model. */
export type Thought =
  | { readonly kind: "decided"; readonly decision: Decision }
  /** Nothing will be said; `reason` is a stable code. */
  | { readonly kind: "failed"; readonly reason: string };

/** What came of sending: mac-bridge has all parts, or refuses for good with a stable code. */
export type SendOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly reason: string };

/** How a turn ended. */
export type TurnEnd = { readonly kind: "replied" } | { readonly kind: "failed"; readonly reason: string };

/** What a conversation is told. */
export type Happening =
  | { readonly kind: "arrived"; readonly arrival: Arrival }
  | { readonly kind: "slot-granted" }
  | { readonly kind: "thought"; readonly thought: Thought }
  | { readonly kind: "sent"; readonly outcome: SendOutcome };

/** What has to be done, in order. `record`, `open`, `decide` and `close` are durable before the next effect (I10). */
export type Effect =
  | { readonly kind: "request-slot" }
  | { readonly kind: "release-slot" }
  /** Write to the transcript; the events are finished with it. */
  | { readonly kind: "record"; readonly arrivals: readonly Arrival[] }
  /** Write the turn's start and its messages. */
  | { readonly kind: "open"; readonly turn: Turn; readonly arrivals: readonly Arrival[] }
  /** Ask the model; its answer comes back as `thought`. */
  | { readonly kind: "think"; readonly turn: Turn }
  /** Write the decision. */
  | { readonly kind: "decide"; readonly turn: Turn; readonly decision: Decision }
  /** Hand it to mac-bridge; the answer comes back as `sent`. */
  | { readonly kind: "send"; readonly turn: Turn; readonly decision: Decision }
  /** Write the turn's end; its events are finished with it. */
  | { readonly kind: "close"; readonly turn: Turn; readonly end: TurnEnd };

/** The answer of {@link advance}. */
export interface Step {
  readonly next: Conversation;
  readonly effects: readonly Effect[];
}

/**
 * Does what a conversation decided (port). Called by the mailboxes only, for each turn in the order
 * `open`, `think`, `decide`, `send`, `close`; a recovered turn enters at `think` or `send`.
 */
export interface TurnEffects {
  /** Durable when it returns; the arrivals' events are finished with it. A throw ends the service. */
  record(arrivals: readonly Arrival[]): void;
  /** Durable when it returns. A throw ends the service. */
  open(turn: Turn, arrivals: readonly Arrival[]): void;
  /** Asks the model; may take minutes. Rejects only when `signal` aborts; every failure of the world is a thought. */
  think(turn: Turn, signal: AbortSignal): Promise<Thought>;
  /** Durable when it returns. A throw ends the service. */
  decide(turn: Turn, decision: Decision): void;
  /** Hands the reply to mac-bridge, as often as it takes. Rejects only when `signal` aborts. */
  send(turn: Turn, decision: Decision, signal: AbortSignal): Promise<SendOutcome>;
  /** Durable when it returns; the turn's events are finished with it. A throw ends the service. */
  close(turn: Turn, end: TurnEnd): void;
}

/** A conversation of which nothing is known to be open. */
export const IDLE: Conversation = { stage: { kind: "idle" }, waiting: [] };

/** A conversation with a turn that a stop of the process left open, and the effects that take it up again. */
export function resume(recovered: RecoveredTurn): Step {
  return {
    next: { stage: { kind: "queued", recovered }, waiting: [] },
    effects: [{ kind: "request-slot" }],
  };
}

/** The next state and what to do. Asserts that the happening fits the stage: effects answer once and in order. */
export function advance(conversation: Conversation, happening: Happening): Step {
  const { stage, waiting } = conversation;
  switch (happening.kind) {
    case "arrived":
      return arrived(conversation, happening.arrival);
    case "slot-granted":
      assert(stage.kind === "queued", "a slot is granted to a conversation that asked for one");
      return stage.recovered === null ? begin(waiting) : takeUp(stage.recovered, waiting);
    case "thought":
      assert(stage.kind === "thinking", "a thought answers a turn that is thinking");
      return thought(stage.turn, happening.thought, waiting);
    case "sent":
      assert(stage.kind === "replying", "a send answers a turn that is replying");
      return finish(stage.turn, endOf(happening.outcome), waiting);
    default:
      return unreachable(happening);
  }
}

/**
 * The conversation with `amended` in the place of a message that waits; without that message when it is null. No effect: what
 * waits is memory only, and a slot that was asked for in vain is given back when it comes.
 */
export function amend(conversation: Conversation, known: Arrival, amended: Arrival | null): Conversation {
  const waiting = conversation.waiting.flatMap((arrival) => {
    if (arrival !== known) return [arrival];
    return amended === null ? [] : [amended];
  });
  return { stage: conversation.stage, waiting };
}

function arrived(conversation: Conversation, arrival: Arrival): Step {
  const { stage, waiting } = conversation;
  if (stage.kind === "idle") return settle([arrival], []);
  return { next: { stage, waiting: [...waiting, arrival] }, effects: [] };
}

/** A slot is ours: all that waits becomes one turn. */
function begin(waiting: readonly Arrival[]): Step {
  // All of it was taken back meanwhile.
  if (waiting.length === 0) return { next: IDLE, effects: [{ kind: "release-slot" }] };
  // A turn is named by positions of one journal; what came from the next one, after a change, is a turn of its own.
  const journalId = waiting[0]?.journalId;
  const other = waiting.findIndex((arrival) => arrival.journalId !== journalId);
  const arrivals = other === -1 ? waiting : waiting.slice(0, other);
  const rest = other === -1 ? [] : waiting.slice(other);
  if (!arrivals.some((arrival) => arrival.isAnswered)) {
    return settle(rest, [{ kind: "record", arrivals }, { kind: "release-slot" }]);
  }
  const turn = turnOf(arrivals);
  return {
    next: { stage: { kind: "thinking", turn }, waiting: rest },
    effects: [
      { kind: "open", turn, arrivals },
      { kind: "think", turn },
    ],
  };
}

/** A decided turn is sent as it was decided, an undecided one is asked again (I10). */
function takeUp(recovered: RecoveredTurn, waiting: readonly Arrival[]): Step {
  const { turn, decision } = recovered;
  if (decision === null)
    return { next: { stage: { kind: "thinking", turn }, waiting }, effects: [{ kind: "think", turn }] };
  return {
    next: { stage: { kind: "replying", turn }, waiting },
    effects: [{ kind: "send", turn, decision }],
  };
}

function thought(turn: Turn, thought: Thought, waiting: readonly Arrival[]): Step {
  if (thought.kind === "failed") return finish(turn, thought, waiting);
  const { decision } = thought;
  return {
    next: { stage: { kind: "replying", turn }, waiting },
    effects: [
      { kind: "decide", turn, decision },
      { kind: "send", turn, decision },
    ],
  };
}

/** The slot is given back after every turn, so that a chat that never falls silent cannot keep others waiting. */
function finish(turn: Turn, end: TurnEnd, waiting: readonly Arrival[]): Step {
  return settle(waiting, [{ kind: "close", turn, end }, { kind: "release-slot" }]);
}

/** No turn is under way: asks for a slot when something is to be answered; otherwise writes down what waits, which needs none. */
function settle(waiting: readonly Arrival[], effects: readonly Effect[]): Step {
  if (waiting.length === 0) return { next: IDLE, effects };
  if (!waiting.some((arrival) => arrival.isAnswered)) {
    return { next: IDLE, effects: [...effects, { kind: "record", arrivals: waiting }] };
  }
  return {
    next: { stage: { kind: "queued", recovered: null }, waiting },
    effects: [...effects, { kind: "request-slot" }],
  };
}

function endOf(outcome: SendOutcome): TurnEnd {
  return outcome.kind === "accepted" ? { kind: "replied" } : { kind: "failed", reason: outcome.reason };
}

function turnOf(arrivals: readonly Arrival[]): Turn {
  const answered = arrivals.filter((arrival) => arrival.isAnswered);
  const [first, last] = [answered[0], answered.at(-1)];
  assert(first !== undefined && last !== undefined, "a turn answers at least one message");
  const traced = answered.findLast((arrival) => arrival.traceparent !== null);
  return {
    chatGuid: first.chatGuid,
    journalId: first.journalId,
    firstSequence: first.sequence,
    lastSequence: last.sequence,
    sequences: arrivals.map((arrival) => arrival.sequence),
    traceparent: traced?.traceparent ?? null,
    isLive: traced?.isLive ?? false,
    receivedUnixNs: last.receivedUnixNs,
  };
}
