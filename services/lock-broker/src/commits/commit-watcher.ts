import type { Logger } from "@imesh/lifecycle";
import { type Backoff, backoffDelayMs, type Clock, type Random, type Timer } from "@imesh/time";
import type {
  CommitFeed,
  CommitProbe,
  DetectionSource,
  Hint,
  HintSource,
  WatchCounters,
  WatchEvent,
  WatchState,
} from "./commits.ts";

/**
 * Delays between the checks that follow a hint. inotify and kqueue fire at the write of the log, before the commit is visible:
 * it shows some 0.1 ms to a few ms later, and no further hint comes then. A naive watcher waits for the next commit
 * (measured p99 50 ms against 1-2 ms with these checks). The first check, at 0 ms, is the hint itself.
 */
const LADDER_MS = [1, 2, 4, 8, 16, 32] as const;

/** How often the path is compared with the open file. A replacement is rare and two stat(2) cost as much as three checks. */
const REPLACED_CHECK_MS = 500;

/** How often a source of hints that failed is asked to try again. */
const REARM_MS = 10_000;

/** How soon a failing database is tried again. */
const REOPEN_BACKOFF: Backoff = { baseMs: 100, maxMs: 5_000 };

/** Collaborators of a {@link CommitWatcher}. */
export interface CommitWatcherPorts {
  readonly probe: CommitProbe;
  /** Undefined: none; the poll alone keeps I2. */
  readonly hints: HintSource | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: WatchCounters;
  readonly log: Logger;
}

/** How it watches. */
export interface CommitWatcherOptions {
  /** Bound on lateness when every hint is lost (I2), in milliseconds. */
  readonly pollMs: number;
}

/**
 * Notices commits in chat.db (design §3.1): the poll is the guarantee, hints only shorten the wait (I2).
 *
 *     hint ─▶ check ─1─▶ check ─2─▶ check ─4─▶ check … ─▶ back to the poll
 *                │ moved: notice, and the ladder starts again, since the hint may have been for a commit after this one
 *     poll ─────▶ check every pollMs
 *
 * There is one timer at a time, whatever comes: a burst of hints re-arms it and piles up nothing. A failed check is an event and a
 * state, never a log-and-go-on: it backs off, reopens, and what was committed meanwhile is noticed as one commit.
 */
export class CommitWatcher implements CommitFeed, Disposable {
  readonly #ports: CommitWatcherPorts;
  readonly #options: CommitWatcherOptions;
  readonly #listeners = new Set<(event: WatchEvent) => void>();
  #state: WatchState = { kind: "watching" };
  #timer: Timer | undefined;
  /** Steps of the ladder taken since the last hint or detection; undefined while polling. */
  #ladderStep: number | undefined;
  #replacedCheckedMs: number;
  #reopenAttempts = 0;
  #hintsUncounted = 0;
  #emptyUncounted = 0;
  #areHintsTroubled = false;
  #rearmedMs = Number.NEGATIVE_INFINITY;
  #isDisposed = false;

  constructor(ports: CommitWatcherPorts, options: CommitWatcherOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#replacedCheckedMs = ports.clock.monotonicMs();
  }

  /** Begins to watch; called once, when everyone who must hear the first event has subscribed. */
  start(): void {
    this.#ports.hints?.start({
      onHint: (hint) => this.#onHint(hint),
      onTrouble: (error) => {
        // Hints may be lost; that they are all lost is worth knowing and changes nothing.
        this.#ports.log.warn({ event: "hints-failed", watcher: this.#ports.hints?.watcher, error });
        this.#areHintsTroubled = true;
      },
    });
    try {
      // What was committed until now is no news: a tail reads it when it opens.
      this.#ports.probe.hasCommitted();
      this.#arm(this.#options.pollMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  get state(): WatchState {
    return this.#state;
  }

  subscribe(listener: (event: WatchEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer?.cancel();
    this.#ports.hints?.[Symbol.dispose]();
    this.#count();
  }

  #onHint(hint: Hint): void {
    if (this.#isDisposed) return;
    this.#hintsUncounted += 1;
    if (this.#state.kind === "failing") {
      // A file came: start the back-off anew, once. Writes do not count, a rebuild hints a thousand times.
      if (hint === "written" || this.#reopenAttempts === 0) return;
      this.#reopenAttempts = 0;
      this.#arm(REOPEN_BACKOFF.baseMs);
      return;
    }
    this.#ladderStep = 0;
    if (hint === "renamed") this.#replacedCheckedMs = Number.NEGATIVE_INFINITY;
    this.#check("hint");
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#state.kind === "failing") {
      this.#tryReopen();
      return;
    }
    if (this.#ladderStep === undefined) {
      this.#check("poll");
      return;
    }
    this.#ladderStep += 1;
    this.#check("hint");
  }

  #check(source: DetectionSource): void {
    const { probe } = this.#ports;
    let isMoved: boolean;
    try {
      isMoved = this.#reopenIfReplaced() || probe.hasCommitted();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (isMoved) {
      // What we saw may be an earlier commit than the one the hint was for.
      if (this.#ladderStep !== undefined) this.#ladderStep = 0;
      this.#notice(source);
    } else if (source === "hint") {
      this.#emptyUncounted += 1;
    }
    this.#arm(this.#nextDelayMs());
  }

  /** True when another file was opened: everything in it may be news. */
  #reopenIfReplaced(): boolean {
    const { probe, clock, hints } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#replacedCheckedMs < REPLACED_CHECK_MS) return false;
    this.#replacedCheckedMs = nowMs;
    if (this.#areHintsTroubled && nowMs - this.#rearmedMs >= REARM_MS) {
      this.#rearmedMs = nowMs;
      this.#areHintsTroubled = false;
      hints?.rearm();
    }
    if (!probe.isReplaced()) return false;
    probe.reopen();
    hints?.rearm();
    // So that the new connection's version is the known one, and its first commit is not noticed twice.
    probe.hasCommitted();
    return true;
  }

  #nextDelayMs(): number {
    const { pollMs } = this.#options;
    const ladderMs = this.#ladderStep === undefined ? undefined : LADDER_MS[this.#ladderStep];
    if (ladderMs !== undefined) return Math.min(ladderMs, pollMs);
    this.#ladderStep = undefined;
    this.#count();
    return pollMs;
  }

  #notice(source: DetectionSource): void {
    const { probe, clock, counters } = this.#ports;
    const detectedAtUnixNs = clock.wallUnixNs();
    const committedAtUnixNs = probe.committedAtUnixNs() ?? detectedAtUnixNs;
    this.#emit({ kind: "committed", notice: { source, committedAtUnixNs, detectedAtUnixNs } });
    counters.detected(source);
  }

  #fail(error: unknown): void {
    const { clock, log, random, probe } = this.#ports;
    if (!probe.isUnreadable(error)) throw error;
    const sinceMs = this.#state.kind === "failing" ? this.#state.sinceMs : clock.monotonicMs();
    const isFirst = this.#state.kind === "watching";
    this.#state = { kind: "failing", error, sinceMs };
    this.#ladderStep = undefined;
    this.#count();
    if (isFirst) {
      log.warn({ event: "database-unreadable", error });
      this.#emit({ kind: "failed", error });
    }
    this.#arm(backoffDelayMs(this.#reopenAttempts, REOPEN_BACKOFF, random));
  }

  #tryReopen(): void {
    const { probe, hints, log, clock } = this.#ports;
    this.#reopenAttempts += 1;
    try {
      probe.reopen();
      probe.hasCommitted();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const failedForMs = this.#state.kind === "failing" ? clock.monotonicMs() - this.#state.sinceMs : 0;
    log.info({ event: "database-readable", attempts: this.#reopenAttempts, failedForMs });
    this.#reopenAttempts = 0;
    this.#state = { kind: "watching" };
    hints?.rearm();
    this.#notice("poll");
    this.#arm(this.#options.pollMs);
  }

  #emit(event: WatchEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#isDisposed) return;
    this.#timer = this.#ports.clock.setTimer(delayMs, () => this.#onTimer());
  }

  /** In batches: a counter costs a microsecond, and one commit can bring dozens of hints. */
  #count(): void {
    if (this.#hintsUncounted > 0) this.#ports.counters.hints(this.#hintsUncounted);
    if (this.#emptyUncounted > 0) this.#ports.counters.emptyProbes(this.#emptyUncounted);
    this.#hintsUncounted = 0;
    this.#emptyUncounted = 0;
  }
}
