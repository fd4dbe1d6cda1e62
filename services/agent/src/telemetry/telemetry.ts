import {
  contextFromTraceparent,
  type Metrics,
  type StartedSpan,
  startSpan,
  type Telemetry,
} from "@imesh/telemetry";
import type { Clock } from "@imesh/time";
import type { ModelError, ModelReply } from "../model/model.ts";
import type { TurnRecord } from "../store/turn-table.ts";
import type { Turn } from "../turn/turn.ts";

/** Collaborators of {@link TurnTelemetry}. */
export interface TurnTelemetryPorts {
  readonly telemetry: Pick<Telemetry, "tracer" | "metrics" | "logger">;
  readonly clock: Clock;
  /** Model as configured, the label of what it costs. */
  readonly modelName: string;
  /** Reasons of turns that ended because there was nothing to say. */
  readonly silentReasons: ReadonlySet<string>;
}

/** How a turn comes to be watched. */
export interface TurnStart {
  /** "recovered": a stop left it open, so its trace is a new one. */
  readonly kind: "new" | "recovered";
  /** Trace contexts of the events it answers. */
  readonly links: readonly (string | null)[];
}

/** One call of the model, watched. */
export interface WatchedCall {
  answered(reply: ModelReply): void;
  failed(error: ModelError): void;
}

/** Everything that is told about turns: a span, metrics and log records. Ids only, never what was said or in which chat. */
export class TurnTelemetry {
  readonly #ports: TurnTelemetryPorts;
  #openTurns = 0;

  constructor(ports: TurnTelemetryPorts) {
    this.#ports = ports;
  }

  /**
   * Starts to watch a turn. Its span is linked to the events it answers; that of a live event is also its parent, so that
   * the ordinary message has one trace from commit to reply.
   */
  start(turn: Turn, start: TurnStart): TurnTrace {
    const isChild = turn.isLive && start.kind === "new" && turn.traceparent !== null;
    const span = startSpan(this.#ports.telemetry.tracer, "answer messages", {
      kind: "consumer",
      parent: contextFromTraceparent(isChild ? (turn.traceparent ?? undefined) : undefined),
      links: start.links.map((link) => link ?? undefined),
      attributes: {
        "imesh.turn.id": `${turn.journalId}/${turn.firstSequence}`,
        "imesh.turn.events": turn.sequences.length,
        "imesh.turn.recovered": start.kind === "recovered",
      },
    });
    this.#openTurns += 1;
    this.#ports.telemetry.metrics.agentTurnsOpen.set(this.#openTurns);
    return new TurnTrace(this.#ports, span, () => {
      this.#openTurns -= 1;
      this.#ports.telemetry.metrics.agentTurnsOpen.set(this.#openTurns);
    });
  }
}

/** One turn, watched from its start, or from where it was recovered, to its end. */
export class TurnTrace {
  readonly #ports: TurnTelemetryPorts;
  readonly #span: StartedSpan;
  readonly #onEnd: () => void;

  constructor(ports: TurnTelemetryPorts, span: StartedSpan, onEnd: () => void) {
    this.#ports = ports;
    this.#span = span;
    this.#onEnd = onEnd;
  }

  /** Trace context of the turn, for what it causes; null when nothing is traced. */
  get traceparent(): string | null {
    return this.#span.traceparent ?? null;
  }

  /** Runs `work` within the turn's span. */
  run<T>(work: () => T): T {
    return this.#span.run(work);
  }

  /** The turn's start is on disk. */
  started(record: TurnRecord): void {
    this.#hop("agent_to_turn", record.receivedUnixNs, record.startedUnixNs);
    this.#log("turn-started", record, {});
  }

  /** The model is being asked. */
  modelAsked(): WatchedCall {
    const startedMs = this.#ports.clock.monotonicMs();
    const seconds = () => (this.#ports.clock.monotonicMs() - startedMs) / 1_000;
    const model = { gen_ai_request_model: this.#ports.modelName };
    const { metrics } = this.#ports.telemetry;
    return {
      answered: (reply) => {
        metrics.genAiOperationDuration.record(seconds(), { ...model, error_type: "" });
        this.#tokens(reply);
        this.#span.setAttributes({ "anthropic.message.stop_reason": reply.stopReason });
      },
      failed: (error) => {
        metrics.genAiOperationDuration.record(seconds(), { ...model, error_type: error.fault });
        // Not its cause: what the API or the SDK says of a request is not ours to vouch for.
        const { fault, status, apiType, requestId } = error;
        this.#ports.telemetry.logger.warn({ event: "model-failed", fault, status, apiType, requestId });
      },
    };
  }

  /** The decision is on disk. */
  decided(record: TurnRecord): void {
    const { startedUnixNs, firstTokenUnixNs, decidedUnixNs } = record;
    this.#hop("turn_to_first_token", startedUnixNs, firstTokenUnixNs);
    this.#hop("first_token_to_decided", firstTokenUnixNs, decidedUnixNs);
    if (firstTokenUnixNs !== null) {
      const label = { gen_ai_request_model: this.#ports.modelName };
      this.#metrics.genAiTimeToFirstChunk.record(secondsBetween(startedUnixNs, firstTokenUnixNs), label);
    }
  }

  /** The turn's end is on disk. */
  ended(record: TurnRecord): void {
    const { reason, state } = record;
    if (state === "replied") {
      this.#hop("decided_to_accepted", record.decidedUnixNs, record.endedUnixNs);
      this.#metrics.agentReplyDuration.record(
        secondsBetween(record.receivedUnixNs, record.endedUnixNs ?? 0n),
      );
    }
    const outcome =
      state === "replied" ? "replied" : this.#ports.silentReasons.has(reason) ? "silent" : "failed";
    this.#metrics.agentTurns.add(1, { outcome });
    this.#span.setAttributes({
      "imesh.turn.outcome": outcome,
      ...(reason === "" ? {} : { "imesh.turn.reason": reason }),
    });
    if (outcome === "failed") this.#span.fail(new TurnFailure(reason));
    this.#log("turn-ended", record, { outcome, ...(reason === "" ? {} : { reason }) });
    this.#span[Symbol.dispose]();
    this.#onEnd();
  }

  get #metrics(): Metrics {
    return this.#ports.telemetry.metrics;
  }

  #tokens({ usage }: ModelReply): void {
    const counts = {
      input: usage.inputTokens,
      output: usage.outputTokens,
      cache_read: usage.cacheReadTokens,
      cache_write: usage.cacheWriteTokens,
    } as const;
    for (const [type, tokens] of Object.entries(counts) as [keyof typeof counts, number][]) {
      const labels = { gen_ai_request_model: this.#ports.modelName, gen_ai_token_type: type };
      this.#metrics.genAiTokenUsage.record(tokens, labels);
    }
  }

  #hop(hop: AgentHop, fromNs: bigint | null, toNs: bigint | null): void {
    if (fromNs === null || toNs === null) return;
    this.#metrics.hopDuration.record(secondsBetween(fromNs, toNs), { hop });
  }

  #log(event: string, record: TurnRecord, fields: object): void {
    const turnId = `${record.journalId}/${record.firstSequence}`;
    this.#span.run(() =>
      this.#ports.telemetry.logger.info({
        event,
        turnId,
        lastSequence: record.lastSequence.toString(),
        ...fields,
      }),
    );
  }
}

type AgentHop = "agent_to_turn" | "turn_to_first_token" | "first_token_to_decided" | "decided_to_accepted";

/** Names a failed turn in its span; the reason is an attribute. */
class TurnFailure extends Error {
  override readonly name = "TurnFailure";
}

/** Wall clocks step: a negative time is told as 0. */
function secondsBetween(fromNs: bigint, toNs: bigint): number {
  return Math.max(0, Number(toNs - fromNs) / 1e9);
}
