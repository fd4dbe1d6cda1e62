import type { Clock } from "@imesh/time";
import type { CommitProbe, WatchFault } from "../commits/commits.ts";
import type { LogCapture } from "./log-capture.ts";
import { type LogFile, LogFileError } from "./log-file.ts";

/** How soon a commit is tried again that SQLite shows no schema for yet. */
const SCHEMA_LOOK_MS = 5;

/** A step that nobody takes is told again after so long. */
const REMIND_MS = 1_000;

/**
 * After so long a last commit that touched nothing watched is taken to stay (a dead writer's can be written over); SQLite is asked
 * once when it touched messages that look as they are known.
 */
const IRRELEVANT_SETTLES_MS = 60_000;

/** Delays of the questions whether readers see the last commit: it shows 0.1 ms to a few ms after its frames. Then every poll. */
const ASK_LADDER_MS = [1, 2, 4, 8, 16] as const;

/** Hidden for so long: its writer was stopped, or had died, between the two writes. Then a question a second will do. */
const HIDDEN_LONG_MS = 1_000;
const ASK_SELDOM_MS = 1_000;

/** chat.db as far as the watch asks it (port; rows/). Synchronous; what it throws, {@link WatchedDatabase.faultOf} knows. */
export interface WatchedDatabase {
  /** True when the path names another file than the open one, or the open connection reads a dead log. Two stat(2), twice a second. */
  isReplaced(): boolean;
  /** Closes what is open and opens what is at the path now. */
  reopen(): void;
  /**
   * How many frames of the log readers see: `log` of `PRAGMA wal_checkpoint(NOOP)`, some 4 µs. Asked after commits that touch
   * watched rows until it covers them; never while idle.
   */
  visibleFrames(): number;
  /** What an error of its own means; undefined for one that is not its own. */
  faultOf(error: unknown): WatchFault | undefined;
}

/** What the probe does with the capture. */
export type ProbedCapture = Pick<
  LogCapture,
  | "look"
  | "hasStep"
  | "hasMore"
  | "isLastHidden"
  | "isLastOpen"
  | "isLastAlike"
  | "isWaitingForSchema"
  | "isMoved"
  | "follow"
  | "reopen"
  | "replaced"
  | "show"
  | "settle"
>;

/** Collaborators of a {@link LogProbe}. */
export interface LogProbePorts {
  readonly capture: ProbedCapture;
  readonly log: Pick<LogFile, "databaseIdentity" | "inodeAtPath" | "modifiedAtUnixNs">;
  readonly database: WatchedDatabase;
  readonly clock: Clock;
}

/** How it looks. */
export interface LogProbeOptions {
  /** How often the watcher polls, in milliseconds. */
  readonly pollMs: number;
}

/** The last commit touched watched rows and is hidden: when it was read, and when SQLite is asked the next time. */
interface HiddenCommit {
  readonly sinceMs: number;
  readonly nextAskMs: number;
  readonly asks: number;
}

/**
 * The commit watcher's probe: looks into the log, and asks SQLite only about commits that touched something, whether readers see
 * them. "Has committed" means that the capture has a step to take; it says so once, and then each second.
 */
export class LogProbe implements CommitProbe {
  readonly #ports: LogProbePorts;
  readonly #pollMs: number;
  #hidden: HiddenCommit | undefined;
  #databaseIdentity: string | undefined;
  /** When a last commit was read that touched nothing. */
  #irrelevantSinceMs: number | undefined;
  /** When the step that waits was told. */
  #toldMs: number | undefined;

  constructor(ports: LogProbePorts, options: LogProbeOptions) {
    this.#ports = ports;
    this.#pollMs = options.pollMs;
    this.#databaseIdentity = ports.log.databaseIdentity();
  }

  faultOf(error: unknown): WatchFault | undefined {
    if (error instanceof LogFileError) return { code: error.code, source: "log", error };
    return this.#ports.database.faultOf(error);
  }

  hasCommitted(): boolean {
    const { capture, clock } = this.#ports;
    if (capture.look()) {
      this.#toldMs = undefined;
      this.#onRead();
    }
    if (this.#hidden !== undefined) this.#askWhenDue(this.#hidden);
    else if (this.#irrelevantSinceMs !== undefined) this.#settleIrrelevant(this.#irrelevantSinceMs);
    if (!capture.hasStep) return false;
    const nowMs = clock.monotonicMs();
    if (this.#toldMs !== undefined && nowMs - this.#toldMs < REMIND_MS) return false;
    this.#toldMs = nowMs;
    return true;
  }

  lookAgainMs(): number | undefined {
    const { capture, clock } = this.#ports;
    if (capture.hasMore && !capture.hasStep) return 0;
    if (capture.isWaitingForSchema) return SCHEMA_LOOK_MS;
    return this.#hidden === undefined ? undefined : Math.max(0, this.#hidden.nextAskMs - clock.monotonicMs());
  }

  isReplaced(): boolean {
    const { database, capture, log } = this.#ports;
    if (database.isReplaced()) return true;
    // A log that is gone may be on its way with its database; the database says when it has been gone for long.
    return log.inodeAtPath() !== undefined && capture.isMoved();
  }

  /** Opens chat.db anew, then the log: another one when chat.db is another file, else what took the path of the one before. */
  reopen(): void {
    const { database, capture, log } = this.#ports;
    database.reopen();
    const identity = log.databaseIdentity();
    if (identity !== this.#databaseIdentity) {
      this.#databaseIdentity = identity;
      this.#hidden = undefined;
      this.#irrelevantSinceMs = undefined;
      capture.replaced();
    } else if (capture.isMoved()) {
      capture.follow();
    } else {
      capture.reopen();
    }
  }

  committedAtUnixNs(): bigint | undefined {
    return this.#ports.log.modifiedAtUnixNs();
  }

  #onRead(): void {
    const { capture, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    this.#hidden = capture.isLastHidden ? { sinceMs: nowMs, nextAskMs: nowMs, asks: 0 } : undefined;
    this.#irrelevantSinceMs = capture.isLastOpen && !capture.isLastHidden ? nowMs : undefined;
  }

  #askWhenDue({ sinceMs, nextAskMs, asks }: HiddenCommit): void {
    const { capture, database, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs < nextAskMs) return;
    capture.show(database.visibleFrames());
    this.#hidden = capture.isLastHidden
      ? { sinceMs, nextAskMs: nowMs + this.#askDelayMs(asks, nowMs - sinceMs), asks: asks + 1 }
      : undefined;
    // What a commit showed is another step than the one that was told before it.
    if (this.#hidden === undefined) this.#toldMs = undefined;
  }

  #askDelayMs(asks: number, hiddenMs: number): number {
    const ladderMs = ASK_LADDER_MS[asks];
    if (ladderMs !== undefined) return ladderMs;
    return hiddenMs < HIDDEN_LONG_MS ? this.#pollMs : Math.max(ASK_SELDOM_MS, this.#pollMs);
  }

  #settleIrrelevant(sinceMs: number): void {
    const { capture, clock, database } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs - sinceMs < IRRELEVANT_SETTLES_MS) return;
    // Rows that looked as they were known by the log alone do so for readers only once these see it.
    if (capture.isLastAlike) capture.show(database.visibleFrames());
    else capture.settle();
    this.#irrelevantSinceMs = capture.isLastOpen ? nowMs : undefined;
  }
}
