import { Signal } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type { Journal } from "../journal/journal.ts";
import type { WriteFrame } from "./subscription-frame.ts";

/** Where a subscription starts and how it is served. */
export interface SubscriptionOptions {
  /** Name for logs and metrics. */
  readonly consumer: string;
  /** Everything after this is sent. At most the head at the time of opening. */
  readonly afterSequence: bigint;
  /** Most events in a frame, 1..256. */
  readonly batchItemsMax: number;
}

/** Collaborators of a {@link Subscription}. */
export interface SubscriptionPorts {
  readonly journal: Pick<Journal, "head" | "read">;
  readonly clock: Clock;
  readonly write: WriteFrame;
  /** After each batch; `isLive`: it was written in the phase where events come as they are journaled. */
  readonly onStreamed: (events: number, isLive: boolean) => void;
}

/**
 * How far a subscription is.
 * - catching-up: there is more in the journal than was sent
 * - live: the head was reached once; events go out as they become durable
 * - drained: the last frame is out
 */
export type SubscriptionPhase =
  | { readonly kind: "catching-up" }
  | { readonly kind: "live" }
  | { readonly kind: "drained" };

/** A frame's events, measured in the journal's bytes; well below the 4 MiB that any gRPC client takes. */
const BATCH_BYTES_MAX = 256 * 1024;

/** The contract: a heartbeat at least every 5 s without events. A little less, because timers are late, not early. */
const HEARTBEAT_MS = 4_900;

/**
 * One subscriber, as a position in the journal and nothing else: no queue, no copy, no list of what it missed.
 *
 *     catching-up ──head reached: CaughtUp──▶ live ──drain──▶ drained
 *
 * Both phases are the same loop: read what comes after the position, write it, move the position; when there is nothing,
 * wait to be woken. Being woken is a hint, the position is the truth, so no cut-over can lose or double an event:
 * there is none. While a slow subscriber's buffers are full, `write` does not resolve and the loop stands still; what it
 * misses stays in the journal and costs no memory (I8).
 *
 * A subscription that waits writes in the tick in which it is woken.
 */
export class Subscription {
  readonly consumer: string;
  readonly #ports: SubscriptionPorts;
  readonly #batchItemsMax: number;
  readonly #wake = new Signal();
  #position: bigint;
  #lastSent: bigint | null = null;
  #phase: SubscriptionPhase = { kind: "catching-up" };
  #isDraining = false;
  #isWriting = false;
  #lastWriteMs: number;

  constructor(ports: SubscriptionPorts, options: SubscriptionOptions) {
    this.consumer = options.consumer;
    this.#ports = ports;
    this.#batchItemsMax = options.batchItemsMax;
    this.#position = options.afterSequence;
    this.#lastWriteMs = ports.clock.monotonicMs();
  }

  get phase(): SubscriptionPhase {
    return this.#phase;
  }

  /** A frame is under way: the subscriber's buffers are full, or it was given one just now. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Events in the journal that were not sent yet. */
  get lag(): bigint {
    return this.#ports.journal.head - this.#position;
  }

  /** There may be more to send. */
  wake(): void {
    this.#wake.notify();
  }

  /** Ends the stream with a drain frame as soon as the frame being written is out. */
  drain(): void {
    this.#isDraining = true;
    this.#wake.notify();
  }

  /** Called once. Resolves after the drain frame; rejects with what `signal`, `write` or the journal say. */
  async run(signal: AbortSignal): Promise<void> {
    while (this.#phase.kind !== "drained") {
      const sent = this.#nextFrame();
      this.#isWriting = sent !== null;
      await (sent ?? this.#idle(signal));
    }
  }

  /** Writes the next frame there is; null when there is nothing to say now. Synchronous up to the write. */
  #nextFrame(): Promise<void> | null {
    if (this.#isDraining) {
      this.#phase = { kind: "drained" };
      return this.#ports.write({ kind: "drain", lastSequence: this.#lastSent ?? 0n });
    }
    return this.#nextBatch() ?? this.#nextSign();
  }

  #nextBatch(): Promise<void> | null {
    const events = this.#ports.journal.read({
      afterSequence: this.#position,
      itemsMax: this.#batchItemsMax,
      bytesMax: BATCH_BYTES_MAX,
    });
    const last = events.at(-1);
    if (last === undefined) return null;
    this.#position = last.sequence;
    this.#lastSent = last.sequence;
    this.#lastWriteMs = this.#ports.clock.monotonicMs();
    const written = this.#ports.write({ kind: "batch", events });
    this.#ports.onStreamed(events.length, this.#phase.kind === "live");
    return written;
  }

  /** At the head: the caught-up frame once, then heartbeats when they are due. */
  #nextSign(): Promise<void> | null {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#phase.kind === "catching-up") {
      this.#phase = { kind: "live" };
      this.#lastWriteMs = nowMs;
      return this.#ports.write({ kind: "caught-up", headSequence: this.#position });
    }
    if (nowMs - this.#lastWriteMs < HEARTBEAT_MS) return null;
    this.#lastWriteMs = nowMs;
    return this.#ports.write({ kind: "heartbeat", headSequence: this.#ports.journal.head });
  }

  /** Until there may be something: an event, a drain, the next heartbeat. */
  async #idle(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const dueMs = Math.max(0, this.#lastWriteMs + HEARTBEAT_MS - clock.monotonicMs());
    const timer = clock.setTimer(dueMs, () => this.#wake.notify());
    try {
      await this.#wake.wait(signal);
    } finally {
      timer.cancel();
    }
  }
}
