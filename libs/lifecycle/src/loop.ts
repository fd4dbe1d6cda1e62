import { AssertionError } from "@imesh/flow";
import { type Backoff, backoffDelayMs, type Clock, type Random } from "@imesh/time";
import type { Logger } from "./logger.ts";

/** Thrown by a step to say: trying again cannot help. Wrap the reason as `cause`. */
export class UnrecoverableError extends Error {
  override readonly name = "UnrecoverableError";
}

/** Collaborators of a {@link Loop}. */
export interface LoopPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What a {@link Loop} does and how patient it is. */
export interface LoopOptions {
  /** Kebab-case, in every log record of it: "intake", "commit-watch". */
  readonly name: string;
  /**
   * One round. Called again as soon as it resolves, so it waits itself when there is nothing to do, on something that
   * heeds `signal`. Any throw is a failed round; once the signal is aborted a throw is simply the end.
   */
  readonly step: (signal: AbortSignal) => Promise<void>;
  /** Called after every failed round, before the back-off; for metrics and state. Must not throw. */
  readonly onError?: (failure: LoopFailure) => void;
  /** Delays between failed rounds. Default {@link LOOP_BACKOFF}. */
  readonly backoff?: Backoff;
  /** From this long without a good round, failures are warnings. Default 10 000 ms; before that they are info. */
  readonly warnAfterMs?: number;
  /** From this long, failures are errors. Default 60 000 ms. */
  readonly errorAfterMs?: number;
  /** A round that lived this long before it failed was a good one: the back-off starts anew. Default 10 000 ms. */
  readonly healthyAfterMs?: number;
}

/** One failed round. */
export interface LoopFailure {
  readonly error: unknown;
  /** Failed rounds in a row before this one. */
  readonly attempt: number;
  /** Milliseconds since the first failure of the row; 0 at the first. */
  readonly failingForMs: number;
}

/** Back-off of a {@link Loop} by default: reconnects in a blink, bothers a dead peer every 2.5 s on average. */
export const LOOP_BACKOFF: Backoff = { baseMs: 100, maxMs: 5_000 };

const WARN_AFTER_MS = 10_000;
const ERROR_AFTER_MS = 60_000;
const HEALTHY_AFTER_MS = 10_000;

/**
 * A thing the process does for as long as it lives: runs its step again and again until disposed; a failure is logged,
 * at a level that follows how long it has been wrong, and tried again after a back-off with jitter.
 *
 * It ends early for two kinds of error only: {@link UnrecoverableError}, and a broken assertion, which is our bug and
 * must not be retried. Then `ended` rejects. If nobody listens to `ended`, that is an unhandled rejection, which ends the
 * process: a loop never dies in silence.
 */
export class Loop implements AsyncDisposable {
  /** Resolves when the loop was disposed; rejects with the error that ended it. */
  readonly ended: Promise<void>;
  readonly #ports: LoopPorts;
  readonly #options: LoopOptions;
  readonly #controller = new AbortController();

  /** Starts by itself; the first round begins when the caller's synchronous work is done, so the step sees it finished. */
  constructor(ports: LoopPorts, options: LoopOptions) {
    this.#ports = ports;
    this.#options = options;
    this.ended = Promise.resolve().then(() => this.#run(this.#controller.signal));
  }

  /** Aborts the running round and waits until it has ended. Never throws: a failure was already told through `ended`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new Error(`Loop disposed: ${this.#options.name}`));
    await this.ended.catch(() => {});
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#ports;
    const { healthyAfterMs = HEALTHY_AFTER_MS, backoff = LOOP_BACKOFF } = this.#options;
    let row: FailureRow | undefined;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        await this.#options.step(signal);
        if (row !== undefined) this.#recovered(row);
        row = undefined;
      } catch (error) {
        if (error instanceof AssertionError) throw this.#fatal(error);
        if (signal.aborted) return;
        if (error instanceof UnrecoverableError) throw this.#fatal(error);
        const nowMs = clock.monotonicMs();
        if (row === undefined || nowMs - startedMs >= healthyAfterMs) row = { sinceMs: nowMs, attempts: 0 };
        this.#failed({ error, attempt: row.attempts, failingForMs: nowMs - row.sinceMs });
        const delayMs = backoffDelayMs(row.attempts, backoff, random);
        row = { sinceMs: row.sinceMs, attempts: row.attempts + 1 };
        // The only rejection of this sleep is our own abort, and the loop condition sees that.
        await clock.sleep(delayMs, signal).catch(() => {});
      }
    }
  }

  #failed(failure: LoopFailure): void {
    const { warnAfterMs = WARN_AFTER_MS, errorAfterMs = ERROR_AFTER_MS } = this.#options;
    const { failingForMs } = failure;
    const level = failingForMs >= errorAfterMs ? "error" : failingForMs >= warnAfterMs ? "warn" : "info";
    this.#ports.log[level]({ event: "loop-step-failed", loop: this.#options.name, ...failure });
    this.#options.onError?.(failure);
  }

  #recovered(row: FailureRow): void {
    const failedForMs = this.#ports.clock.monotonicMs() - row.sinceMs;
    this.#ports.log.info({
      event: "loop-recovered",
      loop: this.#options.name,
      attempts: row.attempts,
      failedForMs,
    });
  }

  #fatal(error: Error): Error {
    this.#ports.log.fatal({ event: "loop-ended", loop: this.#options.name, error });
    return error;
  }
}

/** Failed rounds with no good one between. */
interface FailureRow {
  /** Monotonic time of the first. */
  readonly sinceMs: number;
  readonly attempts: number;
}
