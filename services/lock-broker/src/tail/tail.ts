import { Signal } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import type { CommitFeed, CommitNotice, WatchEvent } from "../commits/commits.ts";
import type { DatabaseIdentity, EmittedRow, RowTail, TailRead } from "../rows/rows.ts";

/** Rows read in one snapshot, or a cursor that moved past rows there is nothing to say about. */
export interface BatchFrame {
  readonly kind: "batch";
  readonly rows: readonly EmittedRow[];
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
  /** A read ended; `notice` is what it answered. */
  read(read: TailRead, notice: CommitNotice, readAtUnixNs: bigint): void;
  /** Rows beside the position changed to this many. */
  pendingRows(count: number): void;
}

/** Collaborators of a {@link Tail}. */
export interface TailPorts {
  readonly rows: RowTail;
  readonly commits: CommitFeed;
  readonly clock: Clock;
  readonly counters: TailCounters;
}

/** Longest silence on the stream, in milliseconds (broker.proto). */
export const HEARTBEAT_MS = 5_000;

/**
 * One consumer's stream: read, write, wait, for ever. A commit notice leads to a read and a written frame in the same turn of
 * the event loop; between them there are no timers and no hops. While the consumer is slow, nothing is read: the write's
 * promise holds the loop, and notices meanwhile amount to one (I8: it buffers nothing itself).
 */
export class Tail {
  readonly #ports: TailPorts;
  readonly #wake = new Signal();
  /** The first notice that no read has answered yet. */
  #notice: CommitNotice | undefined;
  #unreadSinceMs: number | undefined;
  #failure: Error | undefined;
  /** The last notice that was read, for reads without one. */
  #lastNotice: CommitNotice;
  #sentCursor: Uint8Array | undefined;
  #lastRead: TailRead | undefined;
  /** The consumer is told at once when it has reached the head. */
  #isFirstBeat = true;
  #writtenMs: number;

  constructor(ports: TailPorts) {
    this.#ports = ports;
    const nowUnixNs = ports.clock.wallUnixNs();
    this.#lastNotice = { source: "open", committedAtUnixNs: nowUnixNs, detectedAtUnixNs: nowUnixNs };
    this.#notice = this.#lastNotice;
    this.#writtenMs = ports.clock.monotonicMs();
  }

  /** For how long something was committed that this tail has not read, in milliseconds; 0 when it has read everything. */
  unreadForMs(): number {
    return this.#unreadSinceMs === undefined ? 0 : this.#ports.clock.monotonicMs() - this.#unreadSinceMs;
  }

  /**
   * Runs until `draining` aborts (then resolves) or something fails (then rejects): the database cannot be read, the consumer
   * is gone, or `signal` aborts. Called once.
   */
  async run(write: WriteFrame, signal: AbortSignal, draining: AbortSignal): Promise<void> {
    // Before the first read, so that a commit between the two is not missed.
    using _subscription = this.#ports.commits.subscribe((event) => this.#onWatchEvent(event));
    const drain = () => this.#wake.notify();
    draining.addEventListener("abort", drain);
    try {
      while (!draining.aborted) {
        if (this.#isReadDue()) await this.#readAll(write, draining);
        if (this.#isHeartbeatDue()) await this.#beat(write);
        if (!draining.aborted) await this.#wait(signal);
        if (this.#failure !== undefined) throw this.#failure;
      }
    } finally {
      draining.removeEventListener("abort", drain);
    }
  }

  #onWatchEvent(event: WatchEvent): void {
    if (event.kind === "failed") {
      this.#failure = event.error;
    } else {
      this.#failure = undefined;
      this.#notice ??= event.notice;
      this.#unreadSinceMs ??= this.#ports.clock.monotonicMs();
    }
    this.#wake.notify();
  }

  #isReadDue(): boolean {
    return this.#notice !== undefined || this.#ports.rows.dueInMs() === 0;
  }

  /** Reads and writes page by page until the head; each page is a transaction of its own. */
  async #readAll(write: WriteFrame, draining: AbortSignal): Promise<void> {
    const { rows, clock, counters } = this.#ports;
    for (let hasMore = true; hasMore && !draining.aborted; ) {
      const notice = this.#takeNotice();
      const read = rows.read();
      const readAtUnixNs = clock.wallUnixNs();
      this.#unreadSinceMs = undefined;
      this.#lastRead = read;
      hasMore = read.hasMore;
      // A cursor that moved without rows can wait for the heartbeat, unless there is a page of progress or news in it.
      const isWorthAFrame =
        read.rows.length > 0 || read.restarted !== undefined || (hasMore && read.rowsScanned > 0);
      if (isWorthAFrame) {
        const cursor = rows.cursor();
        const written = this.#write(write, {
          kind: "batch",
          rows: read.rows,
          cursor,
          database: read.database,
          notice,
          readAtUnixNs,
          isCatchingUp: read.isCatchingUp,
        });
        this.#sentCursor = cursor;
        counters.read(read, notice, readAtUnixNs);
        await written;
      } else {
        counters.read(read, notice, readAtUnixNs);
      }
    }
    counters.pendingRows(rows.pendingRows);
  }

  /** The notice this read answers: the first unanswered one, since its commit has waited longest; else what is known of the last. */
  #takeNotice(): CommitNotice {
    if (this.#notice !== undefined) {
      this.#lastNotice = this.#notice;
      this.#notice = undefined;
      return this.#lastNotice;
    }
    if (this.#lastRead?.hasMore === true) return this.#lastNotice;
    // A deadline passed: nothing was committed, we only looked again.
    const { committedAtUnixNs } = this.#lastNotice;
    return { source: "poll", committedAtUnixNs, detectedAtUnixNs: this.#ports.clock.wallUnixNs() };
  }

  #isHeartbeatDue(): boolean {
    if (this.#lastRead === undefined) return false;
    return this.#isFirstBeat || this.#silentForMs() >= HEARTBEAT_MS;
  }

  async #beat(write: WriteFrame): Promise<void> {
    const { rows, clock } = this.#ports;
    if (this.#lastRead === undefined) return;
    this.#isFirstBeat = false;
    const cursor = rows.cursor();
    const isNews = cursor !== this.#sentCursor;
    this.#sentCursor = cursor;
    await this.#write(write, {
      kind: "heartbeat",
      headRowid: this.#lastRead.headRowid,
      cursor: isNews ? cursor : undefined,
      pendingRows: rows.pendingRows,
      atUnixNs: clock.wallUnixNs(),
      database: this.#lastRead.database,
    });
  }

  #write(write: WriteFrame, frame: TailFrame): Promise<void> {
    this.#writtenMs = this.#ports.clock.monotonicMs();
    return write(frame);
  }

  #silentForMs(): number {
    return this.#ports.clock.monotonicMs() - this.#writtenMs;
  }

  /** Until something is committed, something is due, or the stream ends. */
  async #wait(signal: AbortSignal): Promise<void> {
    const { rows, clock } = this.#ports;
    const dueMs = Math.min(HEARTBEAT_MS - this.#silentForMs(), rows.dueInMs() ?? HEARTBEAT_MS);
    const timer = clock.setTimer(Math.max(0, dueMs), () => this.#wake.notify());
    try {
      await this.#wake.wait(signal);
    } finally {
      timer.cancel();
    }
  }
}
