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
 * Delays between the checks that follow a hint. inotify and kqueue fire at each write of the log, the first of a transaction's as
 * well as its last, and coalesce them: the commit may be in the file some 0.1 ms to a few ms later, and no further hint
 * comes then. A naive watcher waits for the next commit (measured p99 50 ms against 1-2 ms with these checks). The first check,
 * at 0 ms, is the hint itself.
 */
const LADDER_MS = [1, 2, 4, 8, 16, 32] as const;

/** How often the path is compared with the open file. A replacement is rare and two stat(2) cost as much as three checks. */
const REPLACED_CHECK_MS = 500;

/** A timer that is so late means that the machine slept, or this process was held: anything may have happened meanwhile. */
const SLEPT_MS = 1_000;

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
 * Notices commits in chat.db: the poll is the guarantee, hints only shorten the wait (I2).
 *
 *     hint ─▶ check ─1─▶ check ─2─▶ check ─4─▶ check … ─▶ back to the poll
 *                │ moved: notice, and the ladder starts again, since the hint may have been for a commit after this one
 *     poll ─────▶ check every pollMs
 *
 * There is one timer at a time, whatever comes: a burst of hints re-arms it and piles up nothing. The probe may ask for an
 * earlier check: it has more to read, or waits for a commit to become visible. A failed check is an event and a state, never a
 * log-and-go-on: it backs off, reopens, and goes on where it was.
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
  #dueMs = Number.POSITIVE_INFINITY;
  #isDisposed = false;
  /** One for the watcher's life: a poll makes no closure. */
  readonly #onDue = () => this.#onTimer();

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
    this.#check("open");
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
    if (this.#ports.clock.monotonicMs() - this.#dueMs >= SLEPT_MS) this.#onWoken();
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

  /** After a sleep the file may be another one, and sources of hints may have lost theirs. */
  #onWoken(): void {
    this.#replacedCheckedMs = Number.NEGATIVE_INFINITY;
    this.#reopenAttempts = 0;
    this.#ports.hints?.rearm();
  }

  #check(source: DetectionSource): void {
    const { probe } = this.#ports;
    let isMoved: boolean;
    try {
      this.#reopenIfReplaced();
      isMoved = probe.hasCommitted();
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

  #reopenIfReplaced(): void {
    const { probe, clock, hints } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#replacedCheckedMs < REPLACED_CHECK_MS) return;
    this.#replacedCheckedMs = nowMs;
    if (this.#areHintsTroubled && nowMs - this.#rearmedMs >= REARM_MS) {
      this.#rearmedMs = nowMs;
      this.#areHintsTroubled = false;
      hints?.rearm();
    }
    if (!probe.isReplaced()) return;
    probe.reopen();
    hints?.rearm();
  }

  #nextDelayMs(): number {
    const { pollMs } = this.#options;
    const wishedMs = Math.min(this.#ports.probe.lookAgainMs() ?? pollMs, pollMs);
    const ladderMs = this.#ladderStep === undefined ? undefined : LADDER_MS[this.#ladderStep];
    if (ladderMs !== undefined) return Math.min(ladderMs, wishedMs);
    this.#ladderStep = undefined;
    this.#count();
    return wishedMs;
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
    const fault = probe.faultOf(error);
    if (fault === undefined) throw error;
    const before = this.#state.kind === "failing" ? this.#state : undefined;
    const sinceMs = before?.sinceMs ?? clock.monotonicMs();
    this.#state = { kind: "failing", fault, error: fault.error, sinceMs, attempts: this.#reopenAttempts };
    this.#ladderStep = undefined;
    this.#count();
    if (before === undefined || before.fault.code !== fault.code || before.fault.source !== fault.source) {
      log.warn({ event: "database-unreadable", fault: fault.code, source: fault.source, error: fault.error });
      this.#emit({ kind: "failed", fault, error: fault.error });
    }
    this.#arm(backoffDelayMs(this.#reopenAttempts, REOPEN_BACKOFF, random));
  }

  #tryReopen(): void {
    const { probe, hints, log, clock } = this.#ports;
    this.#reopenAttempts += 1;
    let isMoved: boolean;
    try {
      probe.reopen();
      isMoved = probe.hasCommitted();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const failedForMs = this.#state.kind === "failing" ? clock.monotonicMs() - this.#state.sinceMs : 0;
    log.info({ event: "database-readable", attempts: this.#reopenAttempts, failedForMs });
    this.#reopenAttempts = 0;
    this.#state = { kind: "watching" };
    this.#replacedCheckedMs = clock.monotonicMs();
    hints?.rearm();
    this.#emit({ kind: "recovered" });
    if (isMoved) this.#notice("poll");
    this.#arm(this.#nextDelayMs());
  }

  #emit(event: WatchEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#isDisposed) return;
    this.#dueMs = this.#ports.clock.monotonicMs() + delayMs;
    this.#timer = this.#ports.clock.setTimer(delayMs, this.#onDue);
  }

  /** In batches: a counter costs a microsecond, and one commit can bring dozens of hints. */
  #count(): void {
    if (this.#hintsUncounted > 0) this.#ports.counters.hints(this.#hintsUncounted);
    if (this.#emptyUncounted > 0) this.#ports.counters.emptyProbes(this.#emptyUncounted);
    this.#hintsUncounted = 0;
    this.#emptyUncounted = 0;
  }
}
