import type { Clock } from "@imesh/time";
import type { CommitProbe, WatchFault } from "../commits/commits.ts";
import { commitsAppeared, pending, SETTLED, type Visibility, versionProbed } from "./commit-visibility.ts";
import type { LogCapture } from "./log-capture.ts";
import { type LogFile, LogFileError } from "./log-file.ts";

/** How soon a commit is tried again that SQLite shows no schema for yet. */
const SCHEMA_LOOK_MS = 5;

/** A step that nobody takes is told again after so long. */
const REMIND_MS = 1_000;

/** After so long a last commit that touched nothing watched is taken to stay (a dead writer's can be written over). */
const IRRELEVANT_SETTLES_MS = 60_000;

/** chat.db as far as the watch asks it (port; rows/). Synchronous; what it throws, {@link WatchedDatabase.faultOf} knows. */
export interface WatchedDatabase {
  /** True when the path names another file than the open one, or the open connection reads a dead log. Two stat(2), twice a second. */
  isReplaced(): boolean;
  /** Closes what is open and opens what is at the path now. */
  reopen(): void;
  /** `PRAGMA data_version`, some 3 µs. Asked after commits that touch watched rows, and for a while after; never while idle. */
  dataVersion(): bigint;
  /** What an error of its own means; undefined for one that is not its own. */
  faultOf(error: unknown): WatchFault | undefined;
}

/** What the probe does with the capture. */
export type ProbedCapture = Pick<
  LogCapture,
  | "look"
  | "hasStep"
  | "hasMore"
  | "isLastConfirmed"
  | "isWaitingForSchema"
  | "isMoved"
  | "follow"
  | "reopen"
  | "replaced"
  | "confirm"
  | "recheck"
  | "giveUp"
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

/**
 * The commit watcher's probe: looks into the log, and asks SQLite only about commits that touched something (see
 * commit-visibility.ts). "Has committed" means that the capture has a step to take; it says so once, and then each second.
 */
export class LogProbe implements CommitProbe {
  readonly #ports: LogProbePorts;
  readonly #pollMs: number;
  #visibility: Visibility = SETTLED;
  #commitsSinceProbe = 0;
  #isContinuous = true;
  #databaseIdentity: string | undefined;
  #irrelevantSinceMs: number | undefined;
  /** When the step that waits was told. */
  #toldMs: number | undefined;

  constructor(ports: LogProbePorts, options: LogProbeOptions) {
    this.#ports = ports;
    this.#pollMs = options.pollMs;
    this.#databaseIdentity = ports.log.databaseIdentity();
  }

  /** Whether the last commit that touched watched rows is known to be seen by readers. */
  get isLastConfirmed(): boolean {
    return this.#ports.capture.isLastConfirmed;
  }

  faultOf(error: unknown): WatchFault | undefined {
    if (error instanceof LogFileError) return { code: error.code, source: "log", error };
    return this.#ports.database.faultOf(error);
  }

  hasCommitted(): boolean {
    const { capture, clock } = this.#ports;
    const look = capture.look();
    if (look.hasRead) {
      this.#toldMs = undefined;
      this.#onRead(look.commits, look.isContinuous);
    } else if (this.#visibility.kind === "pending") this.#probeWhenDue(this.#visibility.nextProbeMs);
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
    if (this.#visibility.kind === "settled") return undefined;
    return Math.max(0, this.#visibility.nextProbeMs - clock.monotonicMs());
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
      this.#visibility = SETTLED;
      capture.replaced();
    } else if (capture.isMoved()) {
      capture.follow();
    } else {
      capture.reopen();
    }
    if (capture.isLastConfirmed) {
      // Another connection counts differently.
      this.#visibility = SETTLED;
      return;
    }
    // Whether the new connection sees the last commit is as open as before.
    this.#visibility = pending(database.dataVersion(), this.#pace());
  }

  /**
   * A row among the candidates of the step that was just taken, which was of a single commit, was found changed against what was
   * known: the commit is visible, and need not be waited for. Only when all that is known was complete: while a scan is owed, the
   * change may be one that was missed. Throws what the database throws.
   */
  confirmShown(): void {
    const { capture, database } = this.#ports;
    if (capture.isLastConfirmed) return;
    capture.confirm();
    this.#visibility = { kind: "settled", version: database.dataVersion() };
  }

  committedAtUnixNs(): bigint | undefined {
    return this.#ports.log.modifiedAtUnixNs();
  }

  #onRead(commits: number, isContinuous: boolean): void {
    const { capture, database, clock } = this.#ports;
    this.#commitsSinceProbe += commits;
    this.#isContinuous &&= isContinuous;
    if (capture.isLastConfirmed) {
      // The last commit touched nothing, so nothing is waited for; what data_version says of the next one is not known.
      this.#visibility = SETTLED;
      this.#irrelevantSinceMs = clock.monotonicMs();
      return;
    }
    this.#irrelevantSinceMs = undefined;
    const seen = {
      commits: this.#commitsSinceProbe,
      isContinuous: this.#isContinuous,
      version: database.dataVersion(),
    };
    this.#visibility = commitsAppeared(this.#visibility, seen, this.#pace());
    this.#commitsSinceProbe = 0;
    this.#isContinuous = true;
    if (this.#visibility.kind === "settled") capture.confirm();
  }

  #probeWhenDue(nextProbeMs: number): void {
    const { capture, database, clock } = this.#ports;
    if (clock.monotonicMs() < nextProbeMs) return;
    const { state, outcome } = versionProbed(this.#visibility, database.dataVersion(), this.#pace());
    this.#visibility = state;
    if (outcome === "recheck") {
      this.#toldMs = undefined;
      capture.recheck();
    }
    // Its candidates stay with the capture, which gives them again with the next commit.
    if (outcome === "given-up") capture.giveUp();
  }

  #settleIrrelevant(sinceMs: number): void {
    if (this.#ports.clock.monotonicMs() - sinceMs < IRRELEVANT_SETTLES_MS) return;
    this.#irrelevantSinceMs = undefined;
    this.#ports.capture.confirm();
  }

  #pace() {
    return { nowMs: this.#ports.clock.monotonicMs(), pollMs: this.#pollMs };
  }
}
