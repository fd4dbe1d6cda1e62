import type { Clock, Timer } from "@imesh/time";
import type { LogPlace } from "../capture/candidates.ts";
import type { CaptureStep } from "../capture/log-capture.ts";
import type { LogStep, RecordOutcome } from "../changes/recorder.ts";
import type { CommitFeed, CommitNotice, WatchEvent } from "../commits/commits.ts";
import type { ReadPauses } from "../scheduling/read-gaps.ts";

/** Where steps come from; capture/ is it. */
export interface StepSource {
  /** There is something to take. */
  readonly hasStep: boolean;
  /** The last commit may be hidden from readers, or be written over. */
  readonly isLastOpen: boolean;
  /** After the last commit that was read. */
  readonly place: LogPlace | undefined;
  take(): CaptureStep | undefined;
}

/** Where steps go; changes/ is it. */
export interface StepRecorder {
  record(step: LogStep): RecordOutcome;
  notePlace(place: LogPlace): void;
  tend(): RecordOutcome;
  dueInMs(): number | undefined;
  /** How long candidates have been unrecorded, in milliseconds. */
  unrecordedForMs(): number;
}

/** Collaborators of a {@link Recording}. */
export interface RecordingPorts {
  readonly capture: StepSource;
  readonly recorder: StepRecorder;
  readonly commits: CommitFeed;
  /** When the writer's log needs a moment without readers, nothing is recorded. */
  readonly pauses: ReadPauses;
  readonly clock: Clock;
  /** A step was recorded to its end. */
  readonly onStep: (step: CaptureStep) => void;
  /** Something failed that no other try mends; nothing is recorded from now on. Must not throw. */
  readonly onBroken: (error: unknown) => void;
}

/**
 * Hands what capture reads to the recorder, one step at a time, and calls the recorder again when something is due:
 *
 *     committed ─▶ take ─▶ record ──▶ done: the next step, if one waits
 *                            │ more, or failed: tend when it is due, after a turn of the event loop
 *
 * A commit's rows are told in the turn in which the commit was noticed. While a step is open none is taken, and then capture
 * reads no further: what waits is in the log (I8).
 */
export class Recording implements Disposable {
  readonly #ports: RecordingPorts;
  #subscription: Disposable | undefined;
  #pauseEnds: Disposable | undefined;
  #timer: Timer | undefined;
  #notice: CommitNotice | undefined;
  #open: CaptureStep | undefined;
  #waitingSinceMs: number | undefined;
  #lastReadAtUnixNs: bigint | undefined;
  #isBroken = false;

  constructor(ports: RecordingPorts) {
    this.#ports = ports;
  }

  /** Begins to listen; called once, before the watcher starts. */
  start(): void {
    this.#subscription = this.#ports.commits.subscribe((event) => this.#onWatchEvent(event));
    this.#pauseEnds = this.#ports.pauses.subscribe(() => this.#guard(() => this.#advance()));
    this.#guard(() => this.#arm());
  }

  /** For how long something committed has not been recorded, in milliseconds; 0 when everything that was noticed is. */
  unrecordedForMs(): number {
    const { recorder, clock } = this.#ports;
    const waitedMs = this.#waitingSinceMs === undefined ? 0 : clock.monotonicMs() - this.#waitingSinceMs;
    return Math.max(waitedMs, recorder.unrecordedForMs());
  }

  /** When the last commit was noticed of which everything is recorded; undefined before the first. */
  get lastReadAtUnixNs(): bigint | undefined {
    return this.#lastReadAtUnixNs;
  }

  /**
   * Commits that touch nothing bring no step; so that a restart need not read them all again, the place behind them is noted
   * now and then. Called twice a second; costs nothing while the place is the same.
   */
  notePlace(): void {
    const { capture, recorder } = this.#ports;
    if (this.#open !== undefined || capture.hasStep || capture.isLastOpen) return;
    const { place } = capture;
    if (place === undefined) return;
    this.#guard(() => {
      recorder.notePlace(place);
      this.#arm();
    });
  }

  [Symbol.dispose](): void {
    this.#isBroken = true;
    this.#timer?.cancel();
    this.#subscription?.[Symbol.dispose]();
    this.#pauseEnds?.[Symbol.dispose]();
  }

  #onWatchEvent(event: WatchEvent): void {
    if (event.kind !== "committed") return;
    this.#notice ??= event.notice;
    this.#waitingSinceMs ??= this.#ports.clock.monotonicMs();
    this.#guard(() => this.#advance());
  }

  /** Takes step after step while they are recorded at once. What comes in a pause goes on when it ends. */
  #advance(): void {
    const { capture, recorder, pauses } = this.#ports;
    while (this.#open === undefined) {
      if (this.#notice !== undefined && !pauses.mayRead()) return;
      const step = this.#notice === undefined ? undefined : capture.take();
      if (step === undefined || this.#notice === undefined) {
        this.#waitingSinceMs = undefined;
        if (this.#notice !== undefined) this.#lastReadAtUnixNs = this.#notice.detectedAtUnixNs;
        this.#notice = undefined;
        break;
      }
      this.#open = step;
      const { candidates, place } = step;
      this.#after(recorder.record({ candidates, place, notice: this.#notice }));
    }
    this.#arm();
  }

  #onDue(): void {
    this.#timer = undefined;
    if (!this.#ports.pauses.mayRead()) return;
    this.#after(this.#ports.recorder.tend());
    this.#advance();
  }

  #after(outcome: RecordOutcome): void {
    if (outcome.kind === "failed" || outcome.hasMore || this.#open === undefined) return;
    const step = this.#open;
    this.#open = undefined;
    this.#ports.onStep(step);
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const dueMs = this.#ports.recorder.dueInMs();
    if (dueMs === undefined) return;
    this.#timer = this.#ports.clock.setTimer(dueMs, () => this.#guard(() => this.#onDue()));
  }

  #guard(work: () => void): void {
    if (this.#isBroken) return;
    try {
      work();
    } catch (error) {
      this.#isBroken = true;
      this.#timer?.cancel();
      this.#ports.onBroken(error);
    }
  }
}
