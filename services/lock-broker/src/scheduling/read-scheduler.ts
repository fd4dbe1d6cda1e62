import { type Clock, DeadlineError, type Timer } from "@imesh/time";
import type { ReadGaps } from "./read-gaps.ts";
import { type Priority, Schedule, type ScheduleBounds, type ScheduledRequest } from "./schedule.ts";
import { QueueFullError, SchedulerClosedError } from "./scheduler-error.ts";

/**
 * Requests that may wait: what the server lets in at most is more (1,024 calls), and those beyond are better told at once. A
 * request is below 8 KiB (rpc/ refuses longer names), so the queue is below 2 MiB a class (I8).
 */
export const SCHEDULE_BOUNDS: ScheduleBounds = {
  requestsMax: 256,
  clientRequestsMax: 64,
  // Each may hold up to 3 MiB of an answer: 24 MiB in all.
  begunMax: 8,
  clientBegunMax: 2,
  interactivePagesMax: 8,
};

/** Of a refused request: 256 pages at 20 ms would take 5 s, most take a tenth of that. */
const RETRY_DELAY_MS = 500;

/** Who asks, how urgently, and until when. */
export interface ReadTerms extends Pick<ScheduledRequest, "isMultiPage"> {
  /** See {@link ScheduledRequest.client}. */
  readonly client: string;
  readonly priority: Priority;
  /** By the monotonic clock, in milliseconds; Infinity for none. */
  readonly deadlineMs: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What one page came to: the whole answer, or a reason for another page. */
export type PageOutcome<T> = { readonly kind: "more" } | { readonly kind: "done"; readonly value: T };

/** Collaborators of a {@link ReadScheduler}. */
export interface ReadSchedulerPorts {
  readonly clock: Clock;
  /** A request was refused. Must not throw. */
  readonly onRefused: (queue: QueueFullError["queue"]) => void;
  /** When the writer's log needs a moment without readers, no page is begun. */
  readonly gaps: Pick<ReadGaps, "mayBeginPage" | "subscribe">;
}

interface PendingRead extends ScheduledRequest {
  /** How long it was given, in milliseconds. */
  readonly allowedMs: number;
  /** Runs the next page and says whether it was the last. Never rejects. */
  readonly runPage: () => Promise<"more" | "settled">;
  /** Ends it early, once. */
  readonly fail: (reason: unknown) => void;
}

/**
 * The one way to chat.db for everybody but the tail. The tail has its own connection on the main thread and goes before
 * everything by construction: it waits for no one here. All others queue for the reader thread, which runs one page at a
 * time, each a read transaction of at most 20 ms, in the order {@link Schedule} says; an interactive request waits for one bulk
 * page at most. Nothing here blocks: between two pages the event loop turns.
 */
export class ReadScheduler implements Disposable {
  readonly #ports: ReadSchedulerPorts;
  readonly #bounds: ScheduleBounds;
  readonly #schedule: Schedule<PendingRead>;
  readonly #gapEnds: Disposable;
  #isRunning = false;
  #isClosed = false;
  #timer: Timer | undefined;
  #timerAtMs = Infinity;

  constructor(ports: ReadSchedulerPorts, bounds: ScheduleBounds = SCHEDULE_BOUNDS) {
    this.#ports = ports;
    this.#bounds = bounds;
    this.#schedule = new Schedule(bounds);
    this.#gapEnds = ports.gaps.subscribe(() => this.#pump());
  }

  /** Requests that wait for their turn. */
  get queueDepth(): number {
    return this.#schedule.waiting;
  }

  /**
   * Runs `page` again and again, one turn each, until it is done; resolves with what it then gives. Rejects with
   * - what `page` throws: then it is not called again;
   * - QueueFullError at once when a bound is reached;
   * - DeadlineError when the deadline passes, and the signal's reason when that aborts: both at once, waiting or running. A page
   *   that is out then runs to its end (it is short) and is forgotten.
   * - SchedulerClosedError when this is disposed.
   */
  run<T>(terms: ReadTerms, page: () => Promise<PageOutcome<T>> | PageOutcome<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new SchedulerClosedError());
    if (terms.signal.aborted) return Promise.reject(terms.signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { signal, deadlineMs } = terms;
    const release = () => signal.removeEventListener("abort", abort);
    const fail = (reason: unknown) => {
      release();
      reject(reason);
    };
    const runPage = async () => {
      try {
        const outcome = await page();
        if (outcome.kind === "more") return "more";
        release();
        resolve(outcome.value);
      } catch (error) {
        // Of a request that was given up meanwhile the promise is rejected already: this is then without effect.
        fail(error);
      }
      return "settled";
    };
    const allowedMs = deadlineMs - this.#ports.clock.monotonicMs();
    const { client, priority, isMultiPage } = terms;
    const read: PendingRead = { client, priority, isMultiPage, deadlineMs, allowedMs, runPage, fail };
    const abort = () => {
      this.#schedule.remove(read);
      fail(signal.reason);
    };
    const refusal = this.#refusal(read);
    if (refusal !== undefined) return Promise.reject(refusal);
    signal.addEventListener("abort", abort);
    this.#watchDeadline(deadlineMs);
    this.#pump();
    return promise;
  }

  /** Refuses what comes and gives up what waits or runs. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#gapEnds[Symbol.dispose]();
    this.#rest();
    for (const read of this.#schedule.all()) {
      this.#schedule.remove(read);
      read.fail(new SchedulerClosedError());
    }
  }

  #refusal(read: PendingRead): QueueFullError | undefined {
    const admission = this.#schedule.offer(read);
    if (admission === "admitted") return undefined;
    const queue = admission === "queue-full" ? "requests" : "client";
    this.#ports.onRefused(queue);
    const requestsMax = queue === "client" ? this.#bounds.clientRequestsMax : this.#bounds.requestsMax;
    return new QueueFullError({ queue, requestsMax, retryDelayMs: RETRY_DELAY_MS });
  }

  /** Starts the next page unless one is out. */
  #pump(): void {
    if (this.#isRunning) return;
    const { clock, gaps } = this.#ports;
    // Deadlines have their own timer.
    if (this.#schedule.waiting > 0 && !gaps.mayBeginPage()) return;
    const { next, expired } = this.#schedule.take(clock.monotonicMs());
    failAll(expired);
    if (next === undefined) {
      this.#rest();
      return;
    }
    this.#isRunning = true;
    // Never rejects: runPage does not, and what follows are our own facts.
    void next.runPage().then((outcome) => {
      this.#isRunning = false;
      if (outcome === "more") this.#schedule.putBack(next);
      else this.#schedule.remove(next);
      this.#pump();
    });
  }

  /** Nobody waits: no timer keeps the process awake. */
  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  /** One timer for all, at the earliest deadline: requests leave at it even while a page is stuck. */
  #watchDeadline(deadlineMs: number): void {
    if (deadlineMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = deadlineMs;
    const { clock } = this.#ports;
    const delayMs = Math.max(0, deadlineMs - clock.monotonicMs());
    this.#timer = clock.setTimer(Math.min(delayMs, DEADLINE_DELAY_MS_MAX), () => {
      this.#timerAtMs = Infinity;
      failAll(this.#schedule.expire(clock.monotonicMs()));
      this.#watchDeadline(this.#schedule.nextDeadlineMs());
    });
  }
}

/** Longer waits look again on the way; a timer takes no more than 2³¹ − 1 ms. */
const DEADLINE_DELAY_MS_MAX = 3_600_000;

function failAll(expired: readonly PendingRead[]): void {
  for (const read of expired) read.fail(new DeadlineError(read.allowedMs));
}
