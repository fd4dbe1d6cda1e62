import { Worker } from "node:worker_threads";
import { assert } from "@imesh/flow";
import { type Backoff, backoffDelayMs, type Clock, type Random, type Timer } from "@imesh/time";
import { reviveBuffers } from "./page-transfer.ts";
import { fromReaderFault } from "./reader-fault.ts";
import {
  type AnyPageRequest,
  PAGE_STATE,
  type PageAnswer,
  type PageKind,
  type PageRequest,
  type ReaderCommand,
  type ReaderReply,
  type ReaderStart,
} from "./reader-protocol.ts";
import { ReaderThreadError } from "./reader-thread-error.ts";

/** How the thread is run. */
export interface ReaderThreadOptions {
  /** Absolute path of chat.db. */
  readonly databasePath: string;
  /** Without work for so long it is ended, for its memory. Default 10 s: another takes some 50 ms to start. */
  readonly idleMs?: number;
  /** A page without an answer for so long is given up, and the thread with it. Default 10 s, 500 times what a page may take. */
  readonly pageMs?: number;
  /** The thread's program. Default: the reader; tests give a worse one. */
  readonly program?: URL;
}

/** What becomes of the thread. */
export type ReaderThreadEvent =
  | { readonly kind: "started" }
  | { readonly kind: "idle" }
  | { readonly kind: "lost"; readonly code: "crashed" | "stalled"; readonly error: Error | undefined };

/** Collaborators of a {@link ReaderThread}. */
export interface ReaderThreadPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** After each page: how long its read transactions were open, in milliseconds, and the statements it ran. Must not throw. */
  readonly onReads: (readsMs: readonly number[], statements: number) => void;
  /** For logs. Must not throw. */
  readonly onEvent: (event: ReaderThreadEvent) => void;
}

/** A thread that keeps crashing is tried less and less often: 100 ms to 5 s, random below. */
const RESTART_BACKOFF: Backoff = { baseMs: 100, maxMs: 5_000 };

/** How long a thread may take to close the database and go, in milliseconds; then it is ended by force. */
const END_MS = 1_000;

/** Threads that do not go although they were told to (their disk hangs); with so many no further one is started. */
const ENDING_MAX = 2;

/**
 * Measured with a million rows: the thread takes 21 MB when it has answered once, 45 MB at most while it scans, and gives nearly
 * all of it back when it ends. Its heap then is 15 MB, some of it garbage; one answer of 3 MiB takes about 10 more.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32, stackSizeMb: 2 };

interface PendingPage {
  readonly settle: (reply: ReaderReply) => void;
  readonly fail: (error: Error) => void;
}

/**
 * The thread that reads for everybody but the tail, so that the main thread's event loop stays free for it: its own read-only
 * connection to chat.db in the same process and SQLite library (I1; the locks of one do not suffer from the other's closing).
 * Started when first needed, ended when nobody needed it for ten seconds. One page at a time; the caller is the scheduler.
 *
 * Whatever happens to the thread, each page is answered: by it, or by an error once it has ended or taken too long.
 */
export class ReaderThread implements AsyncDisposable {
  readonly #ports: ReaderThreadPorts;
  readonly #options: Required<ReaderThreadOptions>;
  /** Threads that have been told to go and have not; the promise resolves when they have or had the time for it. */
  readonly #ending = new Map<Worker, Promise<void>>();
  #worker: Worker | undefined;
  /** See {@link ReaderStart.pageState}: one a thread, so that one that was given up says nothing. */
  #pageState = newPageState();
  #pending: PendingPage | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #restartAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(ports: ReaderThreadPorts, options: ReaderThreadOptions) {
    this.#ports = ports;
    const program = new URL("./reader-worker.ts", import.meta.url);
    this.#options = { idleMs: 10_000, pageMs: 10_000, program, ...options };
  }

  /** Whether a thread runs now. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Whether the thread has a read transaction open, or will at any moment. False of a thread that was given up. */
  get isPageOut(): boolean {
    return this.#worker !== undefined && Atomics.load(this.#pageState, 0) !== PAGE_STATE.none;
  }

  /** The page that is out, if one is, ends with the rows that it has: some milliseconds from now instead of 20. */
  endPage(): void {
    Atomics.compareExchange(this.#pageState, 0, PAGE_STATE.out, PAGE_STATE.ending);
  }

  /**
   * Reads one page. Rejects with ChatDbError when chat.db cannot be read, ReadRefusal when the page cannot be had as asked,
   * ReaderThreadError when the thread gave no answer. Asserts that no other page is out.
   */
  async read<Kind extends PageKind>(kind: Kind, request: PageRequest<Kind>): Promise<PageAnswer<Kind>> {
    assert(this.#pending === undefined, "the reader thread is asked one page at a time");
    const { clock, onReads } = this.#ports;
    if (this.#isClosed) throw new ReaderThreadError("closed", END_MS);
    const restMs = this.#restartAtMs - clock.monotonicMs();
    if (restMs > 0) throw new ReaderThreadError("resting", Math.ceil(restMs));
    if (this.#worker === undefined && this.#ending.size >= ENDING_MAX) {
      throw new ReaderThreadError("stalled", END_MS);
    }
    const worker = this.#worker ?? this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<ReaderReply>();
    this.#pending = { settle: resolve, fail: reject };
    this.#setTimer(this.#options.pageMs, () => this.#lose(worker, "stalled", undefined));
    // The pair is one of AnyPageRequest: what fits Kind the compiler knows, what it is in the union it does not.
    const page = { kind, request } as unknown as AnyPageRequest;
    const command: ReaderCommand = { kind: "read", page };
    Atomics.store(this.#pageState, 0, PAGE_STATE.out);
    worker.postMessage(command);
    const { outcome, readsMs, statements } = await promise;
    onReads(readsMs, statements);
    if (outcome.kind === "fault") throw fromReaderFault(outcome.fault);
    reviveBuffers(outcome.answer);
    return outcome.answer as PageAnswer<Kind>;
  }

  /** Takes no more pages, fails the one that is out, and ends the thread: within a second, by force if need be. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#fail(new ReaderThreadError("closed", END_MS));
    if (this.#worker !== undefined) this.#end(this.#worker);
    await Promise.all(this.#ending.values());
  }

  #start(): Worker {
    this.#pageState = newPageState();
    const start: ReaderStart = { databasePath: this.#options.databasePath, pageState: this.#pageState };
    const worker = new Worker(this.#options.program, {
      name: "reader",
      workerData: start,
      // Neither a test runner's flags nor an inspector's are for it.
      execArgv: [],
      resourceLimits: RESOURCE_LIMITS,
    });
    worker.on("message", (reply: ReaderReply) => this.#onReply(worker, reply));
    worker.on("error", (error: unknown) => this.#lose(worker, "crashed", asError(error)));
    worker.on("exit", () => this.#lose(worker, "crashed", undefined));
    this.#worker = worker;
    this.#ports.onEvent({ kind: "started" });
    return worker;
  }

  #onReply(worker: Worker, reply: ReaderReply): void {
    // A thread that was given up may still answer; nobody asks any more.
    if (worker !== this.#worker || this.#pending === undefined) return;
    const { settle } = this.#pending;
    this.#pending = undefined;
    this.#failures = 0;
    this.#setTimer(this.#options.idleMs, () => {
      this.#end(worker);
      this.#ports.onEvent({ kind: "idle" });
    });
    settle(reply);
  }

  #lose(worker: Worker, code: "crashed" | "stalled", error: Error | undefined): void {
    if (worker !== this.#worker) return;
    const { clock, random, onEvent } = this.#ports;
    const delayMs = backoffDelayMs(this.#failures, RESTART_BACKOFF, random);
    this.#failures += 1;
    this.#restartAtMs = clock.monotonicMs() + delayMs;
    this.#end(worker);
    onEvent({ kind: "lost", code, error });
    this.#fail(new ReaderThreadError(code, Math.ceil(delayMs), error));
  }

  #fail(error: Error): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.fail(error);
  }

  /** It is ours no more; the next page starts another. Two at once harm nobody: both only read. */
  #end(worker: Worker): void {
    this.#timer?.cancel();
    this.#worker = undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const force = this.#ports.clock.setTimer(END_MS, () => {
      // Its promise may hang in a native call that does not return (a dead disk); nobody waits for that.
      void worker.terminate();
      resolve();
    });
    const onExit = () => {
      force.cancel();
      this.#ending.delete(worker);
      resolve();
    };
    this.#ending.set(worker, promise);
    if (worker.threadId < 0) {
      onExit();
      return;
    }
    worker.once("exit", onExit);
    const command: ReaderCommand = { kind: "end" };
    worker.postMessage(command);
  }

  #setTimer(delayMs: number, callback: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.setTimer(delayMs, callback);
  }
}

function newPageState(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
