import { type Backoff, backoffDelayMs, type Clock, type Random } from "@imesh/time";
import { RpcError, type RpcErrorCode } from "./rpc-error.ts";
import { type Bark, Watchdog } from "./watchdog.ts";

/**
 * Full jitter from 100 ms to 5 s: fast enough that nobody notices a restart, slow enough that a herd spreads.
 */
const BACKOFF: Backoff = { baseMs: 100, maxMs: 5_000 };

/** For a server on this machine: there is no herd, and a refused connection costs microseconds. */
const LOCAL_BACKOFF: Backoff = { baseMs: 50, maxMs: 250 };

/** The back-off that fits a server at `target` ("unix:/path", "host:port"): see {@link SubscriptionOptions.backoff}. */
export function backoffTo(target: string): Backoff {
  return target.startsWith("unix:") ? LOCAL_BACKOFF : BACKOFF;
}

/** A stream that gave messages for this long was a good one: the next failure starts the back-off anew. */
const GOOD_STREAM_MS = 10_000;

/** Longest hint of a server that is obeyed. */
const RETRY_DELAY_MS_MAX = 60_000;

/** Codes that the same request will meet again, however often it is sent. */
const FINAL_CODES: ReadonlySet<RpcErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "DATA_LOSS",
]);

/** Why a stream is over. */
export type StreamEnd =
  /** The server ended it well: it drains. */
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: RpcError }
  /** No message, not even a heartbeat, for `idleTimeoutMs`: half open, or the producer hangs. */
  | { readonly kind: "silent" }
  /** The machine slept (or somebody set its clock): the connection may be dead without knowing. */
  | { readonly kind: "clock-jumped" };

/** What a subscription is doing, for status and metrics. */
export type SubscriptionState =
  /** Opening a stream; `failures` is the number of bad ones since the last good one. */
  | { readonly kind: "connecting"; readonly failures: number }
  /** The first message of a stream arrived. */
  | { readonly kind: "streaming" }
  /** Until the next attempt. */
  | { readonly kind: "waiting"; readonly delayMs: number; readonly end: StreamEnd };

/** One attempt to open a stream; fits `StreamOptions`, so it can be handed to `RpcClient.stream` as it is. */
export interface StreamAttempt {
  /**
   * Aborts when the stream must end, be it ours or the subscription's wish. The iteration must then end or
   * throw soon.
   */
  readonly signal: AbortSignal;
  /** The last stream died without an error, so its connection is not to be trusted. */
  readonly freshConnection: boolean;
}

/** What {@link subscribeForever} needs. */
export interface SubscriptionOptions<Message, Cursor> {
  /** Where to start. */
  readonly cursor: Cursor;
  /**
   * Opens the stream after `cursor`: `(cursor, attempt) => client.stream("subscribe", request(cursor),
   * attempt)`.
   */
  readonly open: (cursor: Cursor, attempt: StreamAttempt) => AsyncIterable<Message>;
  /**
   * Handles one message (heartbeats too) and returns the cursor to resume after from now on; the same one for
   * a message that does not move it. The next message waits for it. A throw ends the subscription.
   */
  readonly onMessage: (message: Message, cursor: Cursor) => Cursor | Promise<Cursor>;
  /**
   * Silence after which a stream counts as dead, in milliseconds: about three heartbeats. Time spent in
   * `onMessage` does not count.
   */
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborting it ends the subscription; the promise then resolves. */
  readonly signal: AbortSignal;
  /** Told of each change, synchronously; must not throw. */
  readonly onState?: (state: SubscriptionState) => void;
  /** Delays between attempts, with full jitter. Default 100 ms to 5 s; {@link backoffTo} knows better. */
  readonly backoff?: Backoff;
  /**
   * Whether to give up on an error. Default: on codes that the same request meets again (FAILED_PRECONDITION,
   * OUT_OF_RANGE, …).
   */
  readonly isFinal?: (error: RpcError) => boolean;
}

/**
 * Keeps a stream open until `signal` aborts: resumes after the last handled message, backs off with full
 * jitter, by default from 100 ms to 5 s (a RetryInfo counts if it is longer; after a clock jump it does not
 * wait at all), and takes a silent stream for dead.
 *
 * Resolves when `signal` has aborted and the message in hand is handled. Rejects with the error of
 * `onMessage`, or with the RpcError that is final: the request itself must change, which only the caller can
 * do.
 */
export async function subscribeForever<Message, Cursor>(
  options: SubscriptionOptions<Message, Cursor>,
): Promise<void> {
  const { clock, random, signal, backoff = BACKOFF } = options;
  const isFinal = options.isFinal ?? ((error: RpcError) => FINAL_CODES.has(error.code));
  let cursor = options.cursor;
  let failures = 0;
  let freshConnection = false;
  while (!signal.aborted) {
    options.onState?.({ kind: "connecting", failures });
    const run = new StreamRun(options, cursor);
    const end = await run.end(freshConnection);
    cursor = run.cursor;
    if (signal.aborted) return;
    if (end.kind === "failed" && isFinal(end.error)) throw end.error;
    if (run.livedMs >= GOOD_STREAM_MS) failures = 0;
    const delayMs = end.kind === "clock-jumped" ? 0 : retryDelayMs(end, failures, { random, backoff });
    failures += 1;
    freshConnection = end.kind === "silent" || end.kind === "clock-jumped";
    options.onState?.({ kind: "waiting", delayMs, end });
    // It rejects only because `signal` aborted, which ends the loop.
    await clock.sleep(delayMs, signal).catch(() => {});
  }
}

function retryDelayMs(
  end: StreamEnd,
  failures: number,
  { random, backoff }: { readonly random: Random; readonly backoff: Backoff },
): number {
  const hintMs = end.kind === "failed" ? (end.error.retryDelayMs ?? 0) : 0;
  const delayMs = backoffDelayMs(failures, backoff, random);
  return Math.max(delayMs, Math.min(hintMs, RETRY_DELAY_MS_MAX));
}

/** One stream of a subscription, from open to end. */
class StreamRun<Message, Cursor> {
  readonly #options: SubscriptionOptions<Message, Cursor>;
  readonly #controller = new AbortController();
  readonly #watchdog: Watchdog;
  #bark: Bark | undefined;
  #cursor: Cursor;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(options: SubscriptionOptions<Message, Cursor>, cursor: Cursor) {
    this.#options = options;
    this.#cursor = cursor;
    const { clock, idleTimeoutMs } = options;
    const onBark = (bark: Bark) => {
      this.#bark = bark;
      this.#controller.abort(new Error(`Stream given up (${bark})`));
    };
    this.#watchdog = new Watchdog({ clock, idleTimeoutMs, onBark });
  }

  /** Where to resume. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** From the first to the last message, in milliseconds. */
  get livedMs(): number {
    return this.#firstMs === undefined ? 0 : this.#lastMs - this.#firstMs;
  }

  /** Reads the stream to its end, whoever ends it, and leaves nothing open. */
  async end(freshConnection: boolean): Promise<StreamEnd> {
    const { signal } = this.#options;
    const abort = () => this.#controller.abort(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      const end = await this.#read({ signal: this.#controller.signal, freshConnection });
      return this.#bark === undefined ? end : { kind: this.#bark };
    } finally {
      this.#watchdog.stop();
      signal.removeEventListener("abort", abort);
    }
  }

  async #read(attempt: StreamAttempt): Promise<StreamEnd> {
    let iterator: AsyncIterator<Message> | undefined;
    try {
      for (;;) {
        this.#watchdog.expect();
        let result: IteratorResult<Message>;
        try {
          iterator ??= this.#options.open(this.#cursor, attempt)[Symbol.asyncIterator]();
          result = await iterator.next();
        } catch (error) {
          if (error instanceof RpcError) return { kind: "failed", error };
          if (this.#controller.signal.aborted) return { kind: "ended" };
          throw error;
        }
        this.#watchdog.rest();
        if (result.done) return { kind: "ended" };
        await this.#handle(result.value);
        if (this.#controller.signal.aborted) return { kind: "ended" };
      }
    } finally {
      await iterator?.return?.();
    }
  }

  async #handle(message: Message): Promise<void> {
    this.#lastMs = this.#options.clock.monotonicMs();
    if (this.#firstMs === undefined) {
      this.#firstMs = this.#lastMs;
      this.#options.onState?.({ kind: "streaming" });
    }
    this.#cursor = await this.#options.onMessage(message, this.#cursor);
  }
}
