import type { BridgeServiceService, SubscribeRequest, SubscribeResponse } from "@imesh/contracts/bridge/v1";
import { type Logger, Loop } from "@imesh/lifecycle";
import {
  type RpcClient,
  RpcError,
  type StreamEnd,
  type SubscriptionState,
  subscribeForever,
} from "@imesh/rpc";
import type { Backoff, Clock, Random } from "@imesh/time";
import { checkPosition, journalEventOf, ProtocolError } from "./journal-event.ts";
import type { Progress } from "./progress.ts";
import type { Reception } from "./reception.ts";

/** Collaborators of {@link BridgeSubscription}. */
export interface BridgeSubscriptionPorts {
  readonly client: Pick<RpcClient<BridgeServiceService>, "stream">;
  readonly progress: Progress;
  readonly reception: Pick<Reception, "take">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told whether the stream is open, at each change. Must not throw. */
  readonly onConnected: (isConnected: boolean) => void;
  /** Told of every failed round of the loop, each tried again. Must not throw. */
  readonly onFailure: (loop: string) => void;
  /** Told the journal's head as last heard. Must not throw. */
  readonly onHead: (headSequence: bigint) => void;
}

/** Who asks, and how patiently. */
export interface BridgeSubscriptionOptions {
  /** Name at mac-bridge: 1 to 64 of `a-z 0-9 . - _`. */
  readonly consumer: string;
  /** Delays between attempts to open the stream. Default 100 ms to 5 s. */
  readonly backoff?: Backoff;
}

/** mac-bridge's heartbeats are 5 s apart; three missed ones are a dead stream. */
const SILENCE_MS_MAX = 15_000;

/** Name of the loop, in logs and metrics. */
const LOOP = "bridge-subscription";

/** mac-bridge answers a known sequence of a journal it no longer has with this reason. */
const JOURNAL_CHANGED = "JOURNAL_CHANGED";

/** Where to open the stream: after the head of the moment, or after a position. */
type Start =
  | { readonly kind: "head" }
  | { readonly kind: "after"; readonly journalId: string; readonly sequence: bigint };

/**
 * The stream of events from mac-bridge, open for as long as the agent lives: from the first start's head, later from where
 * the agent was (I6). Lost, silent for 15 s or drained, it is opened again.
 *
 * A first start begins at the head, never at 0: answering what was said before anyone installed a bot is the worst a bot
 * can do. When mac-bridge has another journal than ours (it was rebuilt), the agent goes on at that one's head, and the
 * change is kept in the store and logged; what the old one held and we had not seen is lost to us, for positions do not
 * carry over. A journal that is shorter than our cursor (a backup was put in place) is nothing we can go on from: it is
 * reported, louder with time, and tried again, until a person gives mac-bridge its journal back or the agent a new store.
 */
export class BridgeSubscription implements AsyncDisposable {
  /** Rejects when the subscription cannot go on: our bug. */
  readonly ended: Promise<void>;
  readonly #ports: BridgeSubscriptionPorts;
  readonly #options: BridgeSubscriptionOptions;
  readonly #loop: Loop;
  #hasJournalChanged = false;
  #isConnected = false;

  /** Starts at once. */
  constructor(ports: BridgeSubscriptionPorts, options: BridgeSubscriptionOptions) {
    this.#ports = ports;
    this.#options = options;
    const { clock, random, log } = ports;
    const step = (signal: AbortSignal) => this.#follow(signal);
    this.#loop = new Loop({ clock, random, log }, { name: LOOP, step, onError: () => ports.onFailure(LOOP) });
    this.ended = this.#loop.ended;
  }

  /** Ends the stream and waits until the batch in hand is taken or given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop[Symbol.asyncDispose]();
  }

  /** Follows the journal until something about the request must change; then the loop's next round does. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, clock, random, log } = this.#ports;
    try {
      await subscribeForever<SubscribeResponse, Start>({
        cursor: this.#start(),
        open: (start, attempt) =>
          client.stream("subscribe", requestOf(start, this.#options.consumer), attempt),
        onMessage: (response) => this.#take(response, signal),
        idleTimeoutMs: SILENCE_MS_MAX,
        ...(this.#options.backoff === undefined ? {} : { backoff: this.#options.backoff }),
        clock,
        random,
        signal,
        onState: (state) => this.#observe(state),
      });
    } catch (error) {
      const isNews =
        error instanceof RpcError && error.reason === JOURNAL_CHANGED && !this.#hasJournalChanged;
      if (!isNews) throw error;
      this.#hasJournalChanged = true;
      log.warn({
        event: "journal-changed",
        journalId: error.metadata.journalId,
        before: this.#ports.progress.position?.journalId,
        finishedSequence: this.#ports.progress.cursor?.finishedSequence.toString(),
      });
    } finally {
      this.#setConnected(false);
    }
  }

  #start(): Start {
    const { position } = this.#ports.progress;
    if (position === null || this.#hasJournalChanged) return { kind: "head" };
    return { kind: "after", ...position };
  }

  async #take(response: SubscribeResponse, signal: AbortSignal): Promise<Start> {
    const { frame } = response;
    switch (frame?.$case) {
      case "batch":
        await this.#takeBatch(frame.value.events, signal);
        break;
      case "caughtUp":
        this.#locate(frame.value.journalId, frame.value.headSequence);
        this.#ports.onHead(frame.value.headSequence);
        break;
      case "heartbeat":
        // No place to begin: its head may be ahead of what this stream has still to say.
        this.#ports.onHead(frame.value.headSequence);
        break;
      case "drain":
        this.#ports.log.info({ event: "bridge-draining" });
        break;
      default:
        // A frame of a later version; the contract lets us pass it over.
        break;
    }
    return this.#start();
  }

  async #takeBatch(wireEvents: Parameters<typeof journalEventOf>[0][], signal: AbortSignal): Promise<void> {
    const nowNs = this.#ports.clock.wallUnixNs();
    const events = wireEvents.map((event) => journalEventOf(event, nowNs));
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined)
      throw new ProtocolError("Cannot take a batch: empty (at least 1 event)");
    this.#locate(first.journalId, first.sequence - 1n);
    let expected = this.#ports.progress.position?.sequence ?? 0n;
    for (const { journalId, sequence } of events) {
      expected += 1n;
      if (sequence !== expected || journalId !== first.journalId) {
        throw new ProtocolError(`Cannot take event: sequence ${sequence} (${expected} comes next)`);
      }
    }
    this.#ports.onHead(last.sequence);
    await this.#ports.reception.take(events, signal);
  }

  /** The stream says where it is: from its head on, that is where we begin; afterwards the journal is to stay the same. */
  #locate(journalId: string, sequence: bigint): void {
    const { progress, log } = this.#ports;
    checkPosition(journalId, sequence);
    if (progress.position !== null && !this.#hasJournalChanged) {
      if (progress.position.journalId === journalId) return;
      throw new ProtocolError("Cannot take frame: of another journal than was asked for");
    }
    progress.beginJournal({ journalId, finishedSequence: sequence });
    this.#hasJournalChanged = false;
    log.info({ event: "journal-begun", journalId, sequence: sequence.toString() });
  }

  #observe(state: SubscriptionState): void {
    if (state.kind === "streaming") this.#setConnected(true);
    if (state.kind !== "waiting") return;
    this.#setConnected(false);
    this.#ports.log.info({
      event: "stream-ended",
      delayMs: Math.round(state.delayMs),
      ...endFields(state.end),
    });
  }

  #setConnected(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    this.#ports.onConnected(isConnected);
  }
}

function requestOf(start: Start, consumer: string): SubscribeRequest {
  const common = { consumer, maxBatchSize: 0 };
  switch (start.kind) {
    case "head":
      return { ...common, start: { $case: "fromHead", value: true }, journalId: "" };
    case "after":
      return {
        ...common,
        start: { $case: "afterSequence", value: start.sequence },
        journalId: start.journalId,
      };
  }
}

function endFields(end: StreamEnd): object {
  return end.kind === "failed"
    ? { end: end.kind, code: end.error.code, reason: end.error.reason }
    : { end: end.kind };
}
