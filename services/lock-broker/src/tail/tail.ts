import { Signal } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type { ToldChange } from "../changes/changes.ts";
import type { CommitFeed, CommitNotice } from "../commits/commits.ts";
import type { DatabaseIdentity } from "../rows/rows.ts";
import type { ReadPauses } from "../scheduling/read-gaps.ts";
import type { ChangeFeed, ChangePage, ChangeSource } from "./change-source.ts";

/** Changes of one database in their order, or none when the tail had to start again at the head. */
export interface BatchFrame {
  readonly kind: "batch";
  readonly changes: readonly ToldChange[];
  readonly cursor: Uint8Array;
  readonly database: DatabaseIdentity;
  readonly notice: CommitNotice;
  readonly readAtUnixNs: bigint;
  readonly isCatchingUp: boolean;
}

/** The reader is alive and at the head. */
export interface HeartbeatFrame {
  readonly kind: "heartbeat";
  readonly headRowid: bigint;
  /** Undefined when it is the one of the last frame. */
  readonly cursor: Uint8Array | undefined;
  readonly pendingRows: number;
  readonly atUnixNs: bigint;
  readonly database: DatabaseIdentity;
}

/** One frame of a tail. */
export type TailFrame = BatchFrame | HeartbeatFrame;

/** Sends one frame. Resolves when the next may be sent; rejects when the consumer is gone. */
export type WriteFrame = (frame: TailFrame) => Promise<void>;

/** What the tail counts. Must not throw. */
export interface TailCounters {
  /** A page was read and handed over for writing; `notice` is what it answered. */
  read(page: ChangePage, notice: CommitNotice): void;
  /** Messages that wait for their chat, as of now. */
  pendingRows(count: number): void;
}

/** Collaborators of a {@link Tail}. */
export interface TailPorts {
  readonly source: ChangeSource;
  readonly changes: ChangeFeed;
  /** Only its failures are heard: while the database cannot be read, no tail is open. */
  readonly commits: CommitFeed;
  /** When the writer's log needs a moment without readers, nothing is read. */
  readonly pauses: ReadPauses;
  readonly clock: Clock;
  readonly counters: TailCounters;
}

/** How it reads. */
export interface TailOptions {
  /** Most changes in a batch, 1..1024. */
  readonly changesMax: number;
}

/** Longest silence on the stream, in milliseconds (broker.proto). */
export const HEARTBEAT_MS = 5_000;

/**
 * One consumer's stream: read, write, wait, for ever. What was recorded leads to a written frame in the same turn of the event
 * loop; between them there are no timers and no hops. While the consumer is slow, nothing is read: the write's promise holds the
 * loop, notices meanwhile amount to one, and the changes wait in the ring or, beyond its bounds, in the ledger (I8).
 */
export class Tail {
  readonly #ports: TailPorts;
  readonly #changesMax: number;
  readonly #wake = new Signal();
  /** The first notice that no read has answered yet. */
  #notice: CommitNotice | undefined;
  #unreadSinceMs: number | undefined;
  #isWriting = false;
  #failure: Error | undefined;
  /** The last notice that was answered, for changes that nobody remembers one of. */
  #lastNotice: CommitNotice;
  #sentCursor: Uint8Array | undefined;
  #sentDatabase: DatabaseIdentity | undefined;
  #isFirstRead = true;
  #writtenMs: number;

  constructor(ports: TailPorts, options: TailOptions) {
    this.#ports = ports;
    this.#changesMax = options.changesMax;
    const nowUnixNs = ports.clock.wallUnixNs();
    this.#lastNotice = { source: "open", committedAtUnixNs: nowUnixNs, detectedAtUnixNs: nowUnixNs };
    this.#writtenMs = ports.clock.monotonicMs();
  }

  /**
   * For how long something was told that this tail has not read, in milliseconds; 0 when it is reading or has read everything, and
   * while its consumer is what it waits for: a client that does not read is no fault of ours.
   */
  unreadForMs(): number {
    return this.#unreadSinceMs === undefined || this.#isWriting
      ? 0
      : this.#ports.clock.monotonicMs() - this.#unreadSinceMs;
  }

  /**
   * Runs until `draining` aborts (then resolves) or something fails (then rejects): the database cannot be read, the consumer
   * is gone, or `signal` aborts. Called once.
   */
  async run(write: WriteFrame, signal: AbortSignal, draining: AbortSignal): Promise<void> {
    // Before the first read, so that nothing between the two is missed.
    using _told = this.#ports.changes.subscribe((notice) => this.#onTold(notice));
    using _watch = this.#ports.commits.subscribe((event) => {
      this.#failure = event.kind === "failed" ? event.error : undefined;
      if (event.kind === "failed") this.#wake.notify();
    });
    using _pauses = this.#ports.pauses.subscribe(() => this.#wake.notify());
    const drain = () => this.#wake.notify();
    draining.addEventListener("abort", drain);
    try {
      while (!draining.aborted) {
        const isPaused = await this.#readAll(write, draining);
        if (!isPaused && this.#isHeartbeatDue()) await this.#beat(write);
        if (!draining.aborted) await this.#wait(signal);
        if (this.#failure !== undefined) throw this.#failure;
      }
    } finally {
      draining.removeEventListener("abort", drain);
    }
  }

  #onTold(notice: CommitNotice): void {
    this.#notice ??= notice;
    this.#unreadSinceMs ??= this.#ports.clock.monotonicMs();
    this.#wake.notify();
  }

  /** Reads and writes page by page until the head, or until nobody is to read for a moment: then it says true. */
  async #readAll(write: WriteFrame, draining: AbortSignal): Promise<boolean> {
    const { source, counters, pauses } = this.#ports;
    while ((this.#isFirstRead || !source.isAtHead) && !draining.aborted) {
      if (!pauses.mayRead()) return true;
      const page = source.read(this.#changesMax);
      this.#isFirstRead = false;
      this.#unreadSinceMs = undefined;
      if (page.isBlocked) break;
      if (page.changes.length === 0 && page.restarted === undefined) continue;
      const notice = this.#noticeOf(page);
      const written = this.#writeBatch(write, page, notice);
      counters.read(page, notice);
      await written;
    }
    if (source.isAtHead) this.#notice = undefined;
    counters.pendingRows(source.pendingRows);
    return false;
  }

  #writeBatch(write: WriteFrame, page: ChangePage, notice: CommitNotice): Promise<void> {
    const cursor = this.#ports.source.cursor();
    this.#sentCursor = cursor;
    const { changes, database, readAtUnixNs, isCatchingUp } = page;
    return this.#write(write, {
      kind: "batch",
      changes,
      cursor,
      database,
      notice,
      readAtUnixNs,
      isCatchingUp,
    });
  }

  /** The page's own; else the first unanswered one, since its commit has waited longest; else the last one. */
  #noticeOf(page: ChangePage): CommitNotice {
    const notice = page.notice ?? this.#notice ?? this.#lastNotice;
    this.#lastNotice = notice;
    this.#notice = undefined;
    return notice;
  }

  /** At once when the head is first reached or the database became another, then after each silence. */
  #isHeartbeatDue(): boolean {
    return this.#ports.source.database !== this.#sentDatabase || this.#silentForMs() >= HEARTBEAT_MS;
  }

  async #beat(write: WriteFrame): Promise<void> {
    const { source, clock } = this.#ports;
    const { database, headRowid, pendingRows } = source;
    const cursor = source.cursor();
    const isNews = cursor !== this.#sentCursor;
    this.#sentCursor = cursor;
    this.#sentDatabase = database;
    const atUnixNs = clock.wallUnixNs();
    await this.#write(write, {
      kind: "heartbeat",
      headRowid,
      cursor: isNews ? cursor : undefined,
      pendingRows,
      atUnixNs,
      database,
    });
  }

  async #write(write: WriteFrame, frame: TailFrame): Promise<void> {
    this.#writtenMs = this.#ports.clock.monotonicMs();
    this.#isWriting = true;
    try {
      await write(frame);
    } finally {
      this.#isWriting = false;
      if (this.#unreadSinceMs !== undefined) this.#unreadSinceMs = this.#ports.clock.monotonicMs();
    }
  }

  #silentForMs(): number {
    return this.#ports.clock.monotonicMs() - this.#writtenMs;
  }

  /** Until something is told, a heartbeat is due, or the stream ends. */
  async #wait(signal: AbortSignal): Promise<void> {
    const restMs = Math.max(0, HEARTBEAT_MS - this.#silentForMs());
    const timer = this.#ports.clock.setTimer(restMs, () => this.#wake.notify());
    try {
      await this.#wake.wait(signal);
    } finally {
      timer.cancel();
    }
  }
}
