import type { Clock } from "@imesh/time";
import type { Journal } from "../journal/journal.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";
import type { WriteFrame } from "./subscription-frame.ts";

/** What the feed tells about itself; called synchronously, must not throw. */
export interface FeedObserver {
  /** Events were handed to a live subscriber, `journaledToStreamedMs` after the append that made them durable. */
  streamed(events: number, journaledToStreamedMs: number | null): void;
  /** How many subscriptions are open now. */
  subscribersChanged(subscribers: number): void;
  /** Events in the journal that a consumer was not sent yet; told with each batch, and as they grow while one stalls. */
  lagChanged(consumer: string, lag: bigint): void;
}

/** How one subscription runs. */
export interface FeedCall {
  /** Ends it at once: the subscriber is gone. */
  readonly signal: AbortSignal;
  /** Ends it politely: it is told where it stood. */
  readonly draining: AbortSignal;
  readonly write: WriteFrame;
}

/** Wakes the subscriptions when the journal grew. It holds no events: each reads the journal by its own position. */
export class EventFeed {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #observer: FeedObserver;
  readonly #subscriptions = new Set<Subscription>();
  #appendedMs: number | null = null;

  constructor(collaborators: {
    readonly journal: Journal;
    readonly clock: Clock;
    readonly observer: FeedObserver;
  }) {
    this.#journal = collaborators.journal;
    this.#clock = collaborators.clock;
    this.#observer = collaborators.observer;
  }

  /** Open now. */
  get subscribers(): readonly Subscription[] {
    return [...this.#subscriptions];
  }

  /** The journal grew. Called in the tick of the append; each live subscription writes in the same tick. */
  notify(): void {
    this.#appendedMs = this.#clock.monotonicMs();
    for (const subscription of this.#subscriptions) {
      subscription.wake();
      if (subscription.isWriting) this.#observer.lagChanged(subscription.consumer, subscription.lag);
    }
  }

  /**
   * Runs a subscription until the subscriber is gone (rejects with its reason) or the server drains (resolves after the
   * drain frame). Rejects with JournalError when the journal cannot be read.
   */
  async run(options: SubscriptionOptions, call: FeedCall): Promise<void> {
    const subscription: Subscription = new Subscription(
      {
        journal: this.#journal,
        clock: this.#clock,
        write: call.write,
        onStreamed: (events, isLive) => {
          this.#streamed(events, isLive);
          this.#observer.lagChanged(options.consumer, subscription.lag);
        },
      },
      options,
    );
    this.#subscriptions.add(subscription);
    this.#observer.subscribersChanged(this.#subscriptions.size);
    const drain = () => subscription.drain();
    call.draining.addEventListener("abort", drain);
    if (call.draining.aborted) drain();
    try {
      await subscription.run(call.signal);
    } finally {
      call.draining.removeEventListener("abort", drain);
      this.#subscriptions.delete(subscription);
      this.#observer.subscribersChanged(this.#subscriptions.size);
      this.#observer.lagChanged(options.consumer, 0n);
    }
  }

  #streamed(events: number, isLive: boolean): void {
    const sinceMs = isLive && this.#appendedMs !== null ? this.#clock.monotonicMs() - this.#appendedMs : null;
    this.#observer.streamed(events, sinceMs);
  }
}
