import type { TailResponse } from "@imesh/contracts/broker/v1";
import { unreachable } from "@imesh/flow";
import { type Logger, Loop, type LoopFailure } from "@imesh/lifecycle";
import {
  backoffTo,
  type StreamAttempt,
  type StreamEnd,
  type SubscriptionState,
  subscribeForever,
} from "@imesh/rpc";
import { contextFromTraceparent, type StartedSpan, startSpan } from "@imesh/telemetry";
import type { Clock, Random } from "@imesh/time";
import type { Tracer } from "@opentelemetry/api";
import type { Journal } from "../journal/journal.ts";
import type { BatchContext } from "./batch-context.ts";
import { isCursorExpired } from "./broker.ts";
import { type BrokerFrame, frameOfWire } from "./broker-frame.ts";
import type { RowOutcome } from "./events-of-row.ts";
import { eventsOfBatch, type Suspects } from "./intake-batch.ts";
import { lastMessageRowid } from "./intake-change.ts";

/**
 * How intake stands to lock-broker.
 * - disconnected: no stream, or one that has not spoken yet
 * - catching-up: reading what was there when the stream was opened
 * - live: at the head
 */
export type BrokerLink = "disconnected" | "catching-up" | "live";

/** Collaborators of an {@link Intake}. */
export interface IntakePorts {
  readonly journal: Journal;
  /** Opens lock-broker's tail after a cursor. */
  readonly openTail: (cursor: Uint8Array, attempt: StreamAttempt) => AsyncIterable<TailResponse>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly tracer: Tracer;
  /** At each change, in the tick of it; everything up to here is durable. Must not throw. */
  readonly onLink: (link: BrokerLink) => void;
  readonly onLoopError?: (failure: LoopFailure) => void;
}

/** How an {@link Intake} judges rows. */
export interface IntakeOptions {
  /** How old a message may be and still count as live, in milliseconds. */
  readonly liveAgeMsMax: number;
}

/** Three heartbeats of lock-broker; whoever says nothing for longer is dead. */
const SILENCE_MS_MAX = 15_000;

/** lock-broker is on this machine, always: its socket is the only way to it. */
const BROKER_BACKOFF = backoffTo("unix:");

/** How stale the written-down time of lock-broker's last word may be: well within the margin that catch-up allows. */
const SEEN_STALE_NS_MAX = 60_000_000_000n;

const NS_PER_MS = 1_000_000n;

/**
 * Takes changes from lock-broker and makes them durable: received, decoded, appended and handed to the subscribers in one tick.
 *
 * The cursor that lock-broker gave with a batch is written in the transaction of its events (I3), and every stream is
 * opened with the cursor of the journal. So nothing here has to be remembered: whenever anything fails, the stream is
 * dropped and opened again where the journal stands. A full disk means that the same rows come again until there
 * is room; a row that cannot be decoded is an event (I9) and holds nobody up.
 */
export class Intake implements AsyncDisposable {
  readonly #ports: IntakePorts;
  readonly #options: IntakeOptions;
  readonly #loop: Loop;
  #link: BrokerLink = "disconnected";
  #databaseHeadRowid = 0n;
  #database = "";
  #frameUnixNs: bigint | null = null;
  #seenBeforeStreamUnixNs: bigint | null = null;
  /** Not durable: after a crash a contact's word that was taken for an echo stays taken for it. */
  #suspects: Suspects = new Map();

  /** Starts at once. */
  constructor(ports: IntakePorts, options: IntakeOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#loop = new Loop(ports, {
      name: "intake",
      step: (signal) => this.#follow(signal),
      ...(ports.onLoopError === undefined ? {} : { onError: ports.onLoopError }),
    });
  }

  /** Rejects when intake cannot go on: our bug. */
  get ended(): Promise<void> {
    return this.#loop.ended;
  }

  get link(): BrokerLink {
    return this.#link;
  }

  /** Largest message ROWID that lock-broker last reported; 0 if it never did. */
  get databaseHeadRowid(): bigint {
    return this.#databaseHeadRowid;
  }

  /** When lock-broker last spoke; null if it never did in this process. */
  get frameUnixNs(): bigint | null {
    return this.#frameUnixNs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop[Symbol.asyncDispose]();
    this.#setLink("disconnected");
  }

  /** Streams until something other than the stream fails; then the loop backs off and starts from the journal. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { journal, openTail, clock, random } = this.#ports;
    try {
      await subscribeForever<TailResponse, Uint8Array>({
        cursor: journal.state.sourceCursor().cursor,
        open: (cursor, attempt) => {
          this.#seenBeforeStreamUnixNs = this.#frameUnixNs ?? journal.state.sourceCursor().seenUnixNs;
          return openTail(cursor, attempt);
        },
        onMessage: (message, cursor) => this.#receive(frameOfWire(message), cursor),
        idleTimeoutMs: SILENCE_MS_MAX,
        backoff: BROKER_BACKOFF,
        clock,
        random,
        signal,
        onState: (state) => this.#streamMoved(state),
      });
    } catch (error) {
      if (isCursorExpired(error)) this.#startAnew();
      throw error;
    } finally {
      this.#setLink("disconnected");
    }
  }

  /**
   * What came after the cursor is no longer kept, and waiting brings none of it back: reading goes on at the present end. Each
   * time is an error in the log and a failed round of the loop, which backs off; an empty cursor that is refused stays empty.
   */
  #startAnew(): void {
    const { journal, log } = this.#ports;
    const { cursor, seenUnixNs } = journal.state.sourceCursor();
    if (cursor.byteLength === 0) return;
    log.error({
      event: "broker-cursor-expired",
      seenUnixNs,
      meaning: "changes since then are not journaled",
    });
    journal.append({ cursor: { cursor: new Uint8Array(0), seenUnixNs } });
  }

  #streamMoved(state: SubscriptionState): void {
    if (state.kind === "streaming") return;
    this.#setLink("disconnected");
    if (state.kind === "waiting") {
      this.#ports.log.info({ event: "broker-stream-ended", delayMs: state.delayMs, ...endFields(state.end) });
    }
  }

  /** Returns the cursor to resume after. Throws JournalError, and then nothing of the frame has happened. */
  #receive(frame: BrokerFrame, cursor: Uint8Array): Uint8Array {
    const receivedUnixNs = this.#ports.clock.wallUnixNs();
    const next = this.#take(frame, cursor, receivedUnixNs);
    this.#frameUnixNs = receivedUnixNs;
    return next;
  }

  #take(frame: BrokerFrame, cursor: Uint8Array, receivedUnixNs: bigint): Uint8Array {
    switch (frame.kind) {
      case "batch":
        this.#takeBatch(frame, receivedUnixNs);
        this.#setLink(frame.context.phase);
        return frame.nextCursor;
      case "heartbeat":
        return this.#takeHeartbeat(frame, cursor, receivedUnixNs);
      case "unknown":
        return cursor;
      default:
        return unreachable(frame);
    }
  }

  #takeBatch(frame: Extract<BrokerFrame, { readonly kind: "batch" }>, receivedUnixNs: bigint): void {
    const { journal } = this.#ports;
    const context: BatchContext = {
      ...frame.context,
      receivedUnixNs,
      lastSeenUnixNs: this.#seenBeforeStreamUnixNs,
      liveAgeMaxNs: BigInt(this.#options.liveAgeMsMax) * NS_PER_MS,
    };
    using spans = new DisposableStack();
    const outcome = eventsOfBatch(
      frame.changes,
      context,
      { journal: journal.state, suspects: this.#suspects },
      (changeOutcome) => spans.use(this.#startSpan(changeOutcome)).traceparent ?? "",
    );
    journal.append({
      events: outcome.drafts,
      commands: outcome.commands,
      cursor: { cursor: frame.nextCursor, seenUnixNs: receivedUnixNs },
    });
    this.#suspects = this.#suspectsInFlight(outcome.suspects);
    this.#sawHead(context.database, lastMessageRowid(frame.changes));
  }

  #takeHeartbeat(
    frame: Extract<BrokerFrame, { readonly kind: "heartbeat" }>,
    cursor: Uint8Array,
    receivedUnixNs: bigint,
  ): Uint8Array {
    const { journal } = this.#ports;
    const isMoved = frame.nextCursor.byteLength > 0;
    const next = isMoved ? frame.nextCursor : cursor;
    const { seenUnixNs } = journal.state.sourceCursor();
    const isStale = seenUnixNs === null || receivedUnixNs - seenUnixNs > SEEN_STALE_NS_MAX;
    // While the journal is at fault, each heartbeat also tries whether it is in order again.
    if (isMoved || isStale || journal.fault !== null) {
      journal.append({ cursor: { cursor: next, seenUnixNs: receivedUnixNs } });
    }
    this.#sawHead(frame.database, frame.headRowid);
    this.#setLink("live");
    return next;
  }

  /** The span that creates a change's events: a trace of its own, linked to the command that caused the row. */
  #startSpan(outcome: RowOutcome): StartedSpan {
    return startSpan(this.#ports.tracer, "create event", {
      kind: "producer",
      parent: contextFromTraceparent(undefined),
      links: [outcome.command?.traceparent],
    });
  }

  /** Suspects of commands that are settled by now are nobody's any more. */
  #suspectsInFlight(suspects: Suspects): Suspects {
    if (suspects.size === 0) return suspects;
    const inFlight = new Set<string>(
      this.#ports.journal.state.commandsInFlight().map(({ requestId }) => requestId),
    );
    return new Map([...suspects].filter(([requestId]) => inFlight.has(requestId)));
  }

  /** A head only grows within one file of one database. */
  #sawHead(database: BatchContext["database"], rowid: bigint): void {
    const name = `${database.databaseUid} ${database.generation}`;
    if (name !== this.#database) this.#databaseHeadRowid = 0n;
    this.#database = name;
    if (rowid > this.#databaseHeadRowid) this.#databaseHeadRowid = rowid;
  }

  #setLink(link: BrokerLink): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#ports.log.info({ event: "broker-link-changed", link });
    this.#ports.onLink(link);
  }
}

function endFields(end: StreamEnd): Record<string, unknown> {
  return end.kind === "failed"
    ? { end: end.kind, code: end.error.code, reason: end.error.reason }
    : { end: end.kind };
}
