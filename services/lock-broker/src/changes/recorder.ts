import { assert } from "@imesh/flow";
import type { Candidates, LogPlace } from "../capture/candidates.ts";
import type { CommitNotice } from "../commits/commits.ts";
import type { DatabaseIdentity } from "../rows/rows.ts";
import type { ScanPage, ScanPageOutcome, ScanRecorder } from "../scans/scans.ts";
import { LedgerError } from "./ledger-error.ts";
import { LedgerUpkeep } from "./ledger-upkeep.ts";
import { lookUpSome } from "./look-up-some.ts";
import { LookupWork } from "./lookup-work.ts";
import { knownHeads } from "./meet-database.ts";
import { missedRows } from "./missed-rows.ts";
import { planCandidates } from "./plan-candidates.ts";
import { PostponedDoubts } from "./postponed-doubts.ts";
import { recordPage } from "./scan-pages.ts";
import {
  advanceOverflows,
  advancePlan,
  planScan,
  type ScanRange,
  type ScanReason,
  scanProgress,
  tablesOfMissed,
} from "./scan-plan.ts";
import {
  type RecorderPorts,
  SLICE_ROWS_MAX,
  type SliceKind,
  type SliceResult,
  SliceRunner,
  type SliceWork,
  wallUnixMs,
} from "./slice-runner.ts";

/** What capture read of the log in one step. */
export interface LogStep {
  readonly candidates: Candidates;
  /**
   * Where reading the log goes on after a restart, once the candidates are recorded. It never lies behind a commit that a read
   * transaction might not have seen yet: until that is sure, the place stays before it. Undefined: as before.
   */
  readonly place: LogPlace | undefined;
  /** What made us look; its source is "open" for what was committed before the broker was there. */
  readonly notice: CommitNotice;
}

/** What a call has come to. */
export type RecordOutcome =
  /** `hasMore`: the step is longer than a slice; call {@link Recorder.tend} after a turn of the event loop, and no other step before. */
  | { readonly kind: "recorded"; readonly hasMore: boolean }
  /** chat.db or the ledger failed; nothing is lost. {@link Recorder.tend} goes on with it when {@link Recorder.dueInMs} says so. */
  | { readonly kind: "failed"; readonly error: Error };

/** Where a recorder stands. */
export type RecorderState =
  | { readonly kind: "recording" }
  /** Since `sinceMs` (monotonic) nothing could be recorded, though there is something. */
  | { readonly kind: "failing"; readonly error: Error; readonly sinceMs: number };

/** How it records. */
export interface RecorderOptions {
  /** How long a message waits for its chat before it is told without, in milliseconds. */
  readonly settleDeadlineMs: number;
  /** Changes the log keeps, at least. Default 1,000,000. */
  readonly changesMax?: number;
}

/** How soon something that failed is tried again. */
const RETRY_MS = 250;

const CHANGES_MAX_DEFAULT = 1_000_000;

const ROWID_MAX = 2n ** 63n - 1n;

/** A step of the log that is being recorded. */
interface OpenStep {
  readonly work: LookupWork;
  readonly step: LogStep;
  readonly sinceMs: number;
  /** What the pages could not tell has become a plan. */
  isPlanned: boolean;
}

/**
 * Turns candidates into changes (I14): looks the rows up, compares them with what was told last, and writes what differs to the
 * ledger, together with the place in the log. Only then tails hear of it (I4).
 *
 *     candidates ─▶ slice: 1 read transaction on chat.db, ≤ 256 rows ─▶ compare ─▶ 1 ledger transaction ─▶ ring ─▶ tails
 *     scan pages ─▶   │                                                            prints, changes, place
 *     settling   ─▶   │
 *
 * Exactly once: a kill at any point leaves prints, changes and place as of one moment; the log is read again from the place, and
 * rows that were told already look as they were told. Everything is synchronous; what is longer than a slice goes on with
 * {@link tend} after a turn of the event loop.
 */
export class Recorder implements ScanRecorder, Disposable {
  readonly #ports: RecorderPorts;
  readonly #settleDeadlineMs: number;
  readonly #runner: SliceRunner;
  readonly #upkeep: LedgerUpkeep;
  readonly #postponed: PostponedDoubts;
  #open: OpenStep | undefined;
  #state: RecorderState = { kind: "recording" };
  #retryAtMs = 0;
  #lastNotice: CommitNotice;

  constructor(ports: RecorderPorts, options: RecorderOptions) {
    const { settleDeadlineMs, changesMax = CHANGES_MAX_DEFAULT } = options;
    this.#ports = ports;
    this.#settleDeadlineMs = settleDeadlineMs;
    this.#runner = new SliceRunner(ports, { settleDeadlineMs });
    this.#upkeep = new LedgerUpkeep(ports, { changesMax });
    this.#postponed = new PostponedDoubts(ports);
    const nowUnixNs = ports.clock.wallUnixNs();
    this.#lastNotice = { source: "open", committedAtUnixNs: nowUnixNs, detectedAtUnixNs: nowUnixNs };
  }

  /** Meets the database, once, before the first step, and asks for what scans are owed from before. Throws ChatDbError, LedgerError. */
  begin(): void {
    const { ledger } = this.#ports;
    this.#runner.run(this.#kind(false), (_slice, { identity }) => {
      const { binding, generation } = ledger.store;
      // The label counts replacements since the process began, so it may be another one.
      if (binding !== undefined) ledger.store.bind(binding, generation, identity);
    });
    const [range] = ledger.store.scan.ranges;
    if (range !== undefined) this.#ports.requestScan(range.reason);
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** Place from which capture goes on at a start; undefined: nothing is known, and capture says "missed". */
  get logPlace(): LogPlace | undefined {
    return this.#upkeep.logPlace;
  }

  /** Largest ROWID of `message` when it was last read. */
  get headRowid(): bigint {
    return this.#runner.headRowid;
  }

  /** The database that is followed. The same object until it is another. */
  get database(): DatabaseIdentity {
    return this.#runner.database;
  }

  /** For how long candidates have been unrecorded, in milliseconds; 0 when none are. */
  unrecordedForMs(): number {
    return this.#open === undefined ? 0 : this.#ports.clock.monotonicMs() - this.#open.sinceMs;
  }

  /** How far the scans that are owed are, 0 to 1; undefined when none are. */
  scanProgress(): number | undefined {
    const { scan } = this.#ports.ledger.store;
    return scan.ranges.length === 0 ? undefined : scanProgress(scan, knownHeads(this.#ports.ledger));
  }

  /** Calls `listener` after each slice that told something or met another database, until disposed. It must not throw or block. */
  subscribe(listener: (notice: CommitNotice) => void): Disposable {
    return this.#runner.subscribe(listener);
  }

  /**
   * Records what capture read. Asserts that the step before is done. The same candidates again tell nothing. Throws LedgerError
   * "corrupt", which ends the process.
   */
  record(step: LogStep): RecordOutcome {
    assert(this.#open === undefined, "a step is recorded to its end before the next");
    this.#lastNotice = step.notice;
    const { missed, doubts } = step.candidates;
    const missedRowids = missed === undefined ? [] : missedRows(this.#ports);
    const work = LookupWork.ofCandidates(step.candidates, missedRowids);
    const isPlanned = missed === undefined && doubts.size === 0;
    if (work.isDone && isPlanned) {
      // Nothing that is followed was written: chat.db is not asked at all.
      this.#upkeep.noteLogPlace(step.place);
      return { kind: "recorded", hasMore: false };
    }
    this.#open = { work, step, sinceMs: this.#ports.clock.monotonicMs(), isPlanned };
    return this.#attempt(() => this.#recordOpen());
  }

  /** Capture has come to `place` without anything to record. Written when there is time, so that a restart need not go back. */
  notePlace(place: LogPlace): void {
    if (this.#open === undefined) this.#upkeep.noteLogPlace(place);
  }

  /**
   * Does what is due: goes on with an open step, tells rows whose settling deadline passed, looks up overflowing rows in doubt,
   * keeps the ledger in shape. One slice a call. Called after a turn of the event loop while there is more, and when
   * {@link dueInMs} has passed; harmless at any time. Throws LedgerError "corrupt".
   */
  tend(): RecordOutcome {
    return this.#attempt(() => {
      if (this.#open !== undefined) this.#recordOpen();
      else if (this.#settleInMs() === 0) this.#settle();
      else if (this.#postponed.dueInMs() === 0) this.#announce(this.#postponed.plan());
      else if (this.#ports.ledger.store.scan.overflows.length > 0) this.#lookUpOverflowing();
      else this.#upkeep.run();
    });
  }

  /** Milliseconds until {@link tend} is worth it; undefined: not before the next step. */
  dueInMs(): number | undefined {
    if (this.#state.kind === "failing") return Math.max(0, this.#retryAtMs - this.#ports.clock.monotonicMs());
    if (this.#open !== undefined || this.#ports.ledger.store.scan.overflows.length > 0) return 0;
    const dueMs = [this.#settleInMs(), this.#upkeep.dueInMs(), this.#postponed.dueInMs()];
    const waits = dueMs.filter((waitMs) => waitMs !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  nextScanRange(): ScanRange | undefined {
    return this.#ports.ledger.store.scan.ranges[0];
  }

  recordScanPage(page: ScanPage): ScanPageOutcome {
    const { store } = this.#ports.ledger;
    if (page.range !== this.nextScanRange()) return { kind: "stale" };
    if (page.databaseUid !== store.binding?.databaseUid) return { kind: "stale" };
    const { result, changes } = this.#run(true, (slice, view, isTimeUp) => {
      // Another database was met just now, and its plan is another one.
      if (page.range !== this.nextScanRange()) return undefined;
      const progress = recordPage(page, { ledger: this.#ports.ledger, view, slice, isTimeUp });
      store.putScan(advancePlan(store.scan, progress.through));
      return progress;
    });
    if (result === undefined) return { kind: "stale" };
    const { rest, through } = result;
    const range = this.nextScanRange();
    const isGoingOn = rest !== undefined && range?.table === page.table && range.after === through;
    return { kind: "recorded", changes, rest: isGoingOn ? { ...rest, range } : undefined };
  }

  reconcile(): void {
    const { ledger } = this.#ports;
    ledger.transaction(() => {
      const { store } = ledger;
      store.putScan(planScan(store.scan, tablesOfMissed(), "reconcile", knownHeads(ledger)));
    });
    this.#runner.announceScan("reconcile");
  }

  /** Writes what was put off. The ledger is closed by its owner. */
  [Symbol.dispose](): void {
    this.#upkeep.flush();
  }

  /** One slice of the open step. */
  #recordOpen(): void {
    const open = this.#open;
    assert(open !== undefined, "there is an open step");
    const { work, step } = open;
    const { ledger } = this.#ports;
    const mark = work.mark();
    let reasons: readonly ScanReason[] = [];
    let isPlacePut = false;
    try {
      this.#run(false, (slice, view, isTimeUp) => {
        if (!open.isPlanned) {
          const planned = planCandidates(ledger.store.scan, step.candidates, {
            heads: knownHeads(ledger),
            nowUnixMs: wallUnixMs(this.#ports.clock),
          });
          ledger.store.putScan(planned.plan);
          slice.isWritten = true;
          reasons = planned.reasons;
        }
        lookUpSome(work, { ledger, view, slice, isTimeUp });
        isPlacePut = work.isDone && slice.isWritten && step.place !== undefined;
        if (isPlacePut && step.place !== undefined) ledger.store.putLogPlace(step.place);
      });
    } catch (error) {
      work.rewind(mark);
      throw error;
    }
    if (!open.isPlanned) this.#postponed.note(step.candidates.doubts);
    open.isPlanned = true;
    if (work.isDone) {
      this.#open = undefined;
      if (isPlacePut) this.#upkeep.placeWritten();
      else this.#upkeep.noteLogPlace(step.place);
    }
    this.#announce(reasons);
  }

  /** Scans of these reasons are in the plan. */
  #announce(reasons: readonly ScanReason[]): void {
    for (const reason of reasons) this.#runner.announceScan(reason);
  }

  #settle(): void {
    const { ledger, clock } = this.#ports;
    const nowUnixMs = wallUnixMs(clock);
    const first = ledger.waiting.firstSinceUnixMs() ?? 0;
    // The wall clock was set back: they have waited since now at the latest.
    const since = first > nowUnixMs ? Number.MAX_SAFE_INTEGER : nowUnixMs - this.#settleDeadlineMs;
    const rowids = ledger.waiting.waitingSince(since, SLICE_ROWS_MAX);
    this.#run(false, (slice, _view, isTimeUp) => {
      for (const rowid of rowids) {
        slice.row("message", rowid);
        if (isTimeUp()) return;
      }
    });
  }

  #lookUpOverflowing(): void {
    const { ledger } = this.#ports;
    const [current] = ledger.store.scan.overflows;
    if (current === undefined) return;
    const { table, before } = current;
    const rowids = ledger.tables[table].overflowingBefore(before ?? ROWID_MAX, SLICE_ROWS_MAX);
    this.#run(true, (slice, _view, isTimeUp) => {
      let last: bigint | undefined;
      for (const rowid of rowids) {
        slice.row(table, rowid);
        last = rowid;
        if (isTimeUp()) break;
      }
      ledger.store.putScan(advanceOverflows(ledger.store.scan, last));
      slice.isWritten = true;
    });
  }

  #run<T>(isScanned: boolean, work: SliceWork<T>): SliceResult<T> {
    const run = this.#runner.run(this.#kind(isScanned), work);
    if (run.isWritten) this.#upkeep.noteWrite();
    return run;
  }

  #attempt(work: () => void): RecordOutcome {
    try {
      work();
      this.#state = { kind: "recording" };
      return { kind: "recorded", hasMore: this.#open !== undefined };
    } catch (error) {
      if (!this.#isPassing(error)) throw error;
      const nowMs = this.#ports.clock.monotonicMs();
      const sinceMs = this.#state.kind === "failing" ? this.#state.sinceMs : nowMs;
      this.#state = { kind: "failing", error, sinceMs };
      this.#retryAtMs = nowMs + RETRY_MS;
      return { kind: "failed", error };
    }
  }

  #isPassing(error: unknown): error is Error {
    if (error instanceof LedgerError) return error.code !== "corrupt";
    return this.#ports.reader.isUnreadable(error);
  }

  /** Undefined: nothing waits. */
  #settleInMs(): number | undefined {
    const since = this.#ports.ledger.waiting.firstSinceUnixMs();
    if (since === undefined) return undefined;
    const waitedMs = wallUnixMs(this.#ports.clock) - since;
    return waitedMs < 0 ? 0 : Math.max(0, this.#settleDeadlineMs - waitedMs);
  }

  /** Without a step that is open nothing was committed, we only look again. */
  #kind(isScanned: boolean): SliceKind {
    if (this.#open !== undefined && !isScanned) return { isScanned, notice: this.#lastNotice };
    const { committedAtUnixNs } = this.#lastNotice;
    const detectedAtUnixNs = this.#ports.clock.wallUnixNs();
    return { isScanned, notice: { source: "poll", committedAtUnixNs, detectedAtUnixNs } };
  }
}
