import { assert } from "@imesh/flow";
import {
  type Backoff,
  backoffDelayMs,
  type Clock,
  DeadlineError,
  deadlineSignal,
  type Random,
} from "@imesh/time";
import type { Arrival } from "../event/event.ts";
import { type Model, ModelError, type ModelReply, type Prompt } from "../model/model.ts";
import type { Cursor } from "../store/journal-table.ts";
import type { TranscriptRow } from "../store/transcript-table.ts";
import type { ThinkingFacts, TurnRecord } from "../store/turn-table.ts";
import type { TurnTelemetry, TurnTrace } from "../telemetry/telemetry.ts";
import { CONTEXT_BOUNDS, contextWindow } from "./context-window.ts";
import { requestIdOf, turnIdOf } from "./request-id.ts";
import { reasonOf, thoughtOf } from "./thought.ts";
import type { Decision, SendOutcome, Thought, Turn, TurnEffects, TurnEnd } from "./turn.ts";

/** What of the store a turn needs (port). Synchronous; each write is on disk when it returns. */
export interface TurnStore {
  recordArrivals(arrivals: readonly Arrival[], cursor: Cursor | null, nowNs: bigint): void;
  openTurn(turn: Turn, arrivals: readonly Arrival[], nowNs: bigint): TurnRecord;
  decideTurn(
    turn: Turn,
    decision: Decision & { requestId: string },
    facts: ThinkingFacts,
    nowNs: bigint,
  ): TurnRecord;
  closeTurn(
    turn: Turn,
    end: TurnEnd,
    facts: ThinkingFacts | null,
    cursor: Cursor | null,
    nowNs: bigint,
  ): TurnRecord;
  conversation(chatGuid: string, linesMax: number): TranscriptRow[];
}

/** One bubble for mac-bridge. */
export interface Reply {
  readonly requestId: string;
  readonly chatGuid: string;
  readonly text: string;
  /** Trace context of the turn; null when nothing is traced. */
  readonly traceparent: string | null;
}

/** What came of one attempt to hand over a bubble. */
export type SendAttempt =
  /** mac-bridge has it; from here on it is its business. */
  | { readonly kind: "accepted" }
  /** It will never take it; nothing was sent. `reason` is a stable code. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It could not be asked, or not now. The same bubble may be handed over again: the key makes it one. */
  | { readonly kind: "unavailable"; readonly retryDelayMs: number };

/** mac-bridge as a place to send to (port). */
export interface ReplySender {
  /** Called by a turn's runner, in parallel for different chats. Rejects only when `signal` aborts. */
  send(reply: Reply, signal: AbortSignal): Promise<SendAttempt>;
}

/** Collaborators of {@link TurnRunner}. */
export interface TurnRunnerPorts {
  readonly store: TurnStore;
  readonly model: Model;
  readonly sender: ReplySender;
  /** Marks events finished; returns the cursor to store with what finished them, null when it does not move. */
  readonly finish: (journalId: string, sequences: readonly bigint[]) => Cursor | null;
  /** Told of every change of a turn, after it is on disk. Must not throw. */
  readonly onTurnChanged: (turn: TurnRecord) => void;
  readonly telemetry: TurnTelemetry;
  readonly clock: Clock;
  readonly random: Random;
}

/** Settings of {@link TurnRunner}. */
export interface TurnRunnerOptions {
  readonly agentName: string;
  readonly systemPrompt: string;
  /** Longest time from asking the model until its whole answer, its retries included, in milliseconds. */
  readonly modelDeadlineMs: number;
}

/** Between attempts to hand over a reply while mac-bridge is away. */
const SEND_BACKOFF: Backoff = { baseMs: 100, maxMs: 5_000 };

interface TurnRun {
  readonly trace: TurnTrace;
  facts: ThinkingFacts;
  isDecided: boolean;
}

const NO_FACTS: ThinkingFacts = { model: "", inputTokens: 0, outputTokens: 0, firstTokenUnixNs: null };

/**
 * Does what conversations decide: stores, asks the model, hands over. The order is theirs (turn.ts); here is how long each
 * step may take and what a failure of the world becomes. The model's failure ends the turn without a bubble; mac-bridge's
 * absence is waited out, for the decision is on disk and its key makes a second attempt harmless (I10).
 */
export class TurnRunner implements TurnEffects {
  readonly #ports: TurnRunnerPorts;
  readonly #options: TurnRunnerOptions;
  readonly #runs = new Map<string, TurnRun>();

  constructor(ports: TurnRunnerPorts, options: TurnRunnerOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  record(arrivals: readonly Arrival[]): void {
    // One conversation's arrivals may come from two journals; each has its own positions.
    const cursors = [...Map.groupBy(arrivals, (arrival) => arrival.journalId)].map(([journalId, group]) =>
      this.#ports.finish(
        journalId,
        group.map((arrival) => arrival.sequence),
      ),
    );
    this.#ports.store.recordArrivals(
      arrivals,
      cursors.find((cursor) => cursor !== null) ?? null,
      this.#nowNs(),
    );
  }

  open(turn: Turn, arrivals: readonly Arrival[]): void {
    const links = arrivals.flatMap((arrival) => (arrival.isAnswered ? [arrival.traceparent] : []));
    const run = this.#start(turn, { kind: "new", links });
    const record = this.#ports.store.openTurn(turn, arrivals, this.#nowNs());
    run.trace.started(record);
    this.#ports.onTurnChanged(record);
  }

  async think(turn: Turn, signal: AbortSignal): Promise<Thought> {
    const run = this.#runOf(turn);
    const lines = this.#ports.store.conversation(turn.chatGuid, CONTEXT_BOUNDS.linesMax);
    const messages = contextWindow(lines.map(({ author, text }) => ({ author, text })));
    // Only when a person has since written more, as this account, than the model is shown.
    if (messages.length === 0) return { kind: "failed", reason: "ANSWERED_BY_PERSON" };
    const asked = run.trace.modelAsked();
    try {
      const reply = await this.#ask(run, { system: this.#options.systemPrompt, messages }, signal);
      asked.answered(reply);
      run.facts = { ...run.facts, model: reply.model, ...tokensOf(reply) };
      return thoughtOf(reply);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ModelError)) throw error;
      asked.failed(error);
      return { kind: "failed", reason: reasonOf(error) };
    }
  }

  decide(turn: Turn, decision: Decision): void {
    const run = this.#runOf(turn);
    const requestId = requestIdOf(this.#options.agentName, turn, 0);
    const record = this.#ports.store.decideTurn(turn, { ...decision, requestId }, run.facts, this.#nowNs());
    run.isDecided = true;
    run.trace.decided(record);
    this.#ports.onTurnChanged(record);
  }

  async send(turn: Turn, decision: Decision, signal: AbortSignal): Promise<SendOutcome> {
    const run = this.#runOf(turn);
    // Of a recovered turn too: there is a decision, or nothing would be sent.
    run.isDecided = true;
    for (const [part, text] of decision.parts.entries()) {
      const requestId = requestIdOf(this.#options.agentName, turn, part);
      const { traceparent } = run.trace;
      const outcome = await this.#sendPart({ requestId, chatGuid: turn.chatGuid, text, traceparent }, signal);
      if (outcome.kind === "refused") return outcome;
    }
    return { kind: "accepted" };
  }

  close(turn: Turn, end: TurnEnd): void {
    const run = this.#runOf(turn);
    const cursor = this.#ports.finish(turn.journalId, turn.sequences);
    const facts = run.isDecided ? null : run.facts;
    const record = this.#ports.store.closeTurn(turn, end, facts, cursor, this.#nowNs());
    this.#runs.delete(turnIdOf(turn));
    run.trace.ended(record);
    this.#ports.onTurnChanged(record);
  }

  async #ask(run: TurnRun, prompt: Prompt, signal: AbortSignal): Promise<ModelReply> {
    using deadline = deadlineSignal(this.#ports.clock, this.#options.modelDeadlineMs, signal);
    const onFirstToken = () => {
      run.facts = { ...run.facts, firstTokenUnixNs: this.#nowNs() };
    };
    try {
      return await run.trace.run(() =>
        this.#ports.model.reply(prompt, { signal: deadline.signal, onFirstToken }),
      );
    } catch (error) {
      if (!(deadline.signal.reason instanceof DeadlineError)) throw error;
      throw new ModelError("timed-out", { cause: error });
    }
  }

  async #sendPart(reply: Reply, signal: AbortSignal): Promise<SendOutcome> {
    const { sender, clock, random } = this.#ports;
    for (let attempt = 0; ; attempt += 1) {
      const result = await sender.send(reply, signal);
      if (result.kind !== "unavailable") return result;
      const backoffMs = backoffDelayMs(attempt, SEND_BACKOFF, random);
      await clock.sleep(Math.max(backoffMs, result.retryDelayMs), signal);
    }
  }

  /** A turn that was not opened by this process was recovered. */
  #runOf(turn: Turn): TurnRun {
    return (
      this.#runs.get(turnIdOf(turn)) ?? this.#start(turn, { kind: "recovered", links: [turn.traceparent] })
    );
  }

  #start(turn: Turn, how: { kind: "new" | "recovered"; links: readonly (string | null)[] }): TurnRun {
    assert(!this.#runs.has(turnIdOf(turn)), "a turn is started once");
    const trace = this.#ports.telemetry.start(turn, how);
    const run: TurnRun = { trace, facts: NO_FACTS, isDecided: false };
    this.#runs.set(turnIdOf(turn), run);
    return run;
  }

  #nowNs(): bigint {
    return this.#ports.clock.wallUnixNs();
  }
}

function tokensOf(reply: ModelReply): Pick<ThinkingFacts, "inputTokens" | "outputTokens"> {
  return { inputTokens: reply.usage.inputTokens, outputTokens: reply.usage.outputTokens };
}
