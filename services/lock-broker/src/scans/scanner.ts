import { assert, type Signal } from "@imesh/flow";
import { type Logger, Loop, UnrecoverableError } from "@imesh/lifecycle";
import { type Backoff, type Clock, DELAY_MS_MAX, type Random } from "@imesh/time";
import { LedgerError } from "../changes/ledger-error.ts";
import type { ScanRange, ScanReason } from "../changes/scan-plan.ts";
import type { PrintReads } from "../reads/reads.ts";
import { readScanPage, ScanStalledError } from "./read-scan-page.ts";
import type { ScanCounters, ScanPage, ScanRecorder } from "./scans.ts";

/** Collaborators of a {@link Scanner}. */
export interface ScannerPorts {
  readonly reads: PrintReads;
  readonly recorder: ScanRecorder;
  /** Notified whenever the recorder has planned a scan: something may be owed. The scanner alone waits for it. */
  readonly wanted: Signal;
  readonly counters: ScanCounters;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How it scans. */
export interface ScannerOptions {
  /** Rows of a page, 1 to 1,000. Default 1,000. */
  readonly pageRowsMax?: number;
  /** How often a routine look is due, in milliseconds, 1 to 2^31 - 1; undefined: never. */
  readonly reconcileMs: number | undefined;
}

const PAGE_ROWS_MAX = 1_000;

/** chat.db may stay unreadable for days (no grant), and a scan is in no hurry: half a minute at most, so that it ends soon after. */
const SCAN_BACKOFF: Backoff = { baseMs: 100, maxMs: 30_000 };

/** One scan: from something being owed until nothing is. */
interface RunningScan {
  readonly startedMs: number;
  /** In the order they came up. */
  readonly reasons: Set<ScanReason>;
  pages: number;
  rows: number;
  changes: number;
}

/**
 * Looks through known rows when the log could not tell what changed: what is owed, and how far it is, the recorder keeps in
 * the ledger, so a kill costs a page. This asks what is next, has a page of it read by the reader thread behind everybody else,
 * and gives it to the recorder:
 *
 *     owed ─▶ read a page (bulk, other thread) ─▶ record it ─▶ its rest, after a turn ─▶ … ─▶ nothing owed: wait
 *                 ▲                                   │ stale: planned anew meanwhile
 *                 └───────────────────────────────────┘
 *
 * A request that comes while a page is read makes that page stale: what was missed may lie in rows that it read before. Failures
 * back off and go on at the same place. Holds one page at a time (at most 1,000 prints).
 *
 * When nothing is owed for long, and something was committed since the last time, it has the recorder plan a routine look
 * (every `reconcileMs`, if at all); what that finds was missed by capture, which should be nothing.
 */
export class Scanner implements AsyncDisposable {
  readonly #ports: ScannerPorts;
  readonly #pageRowsMax: number;
  readonly #reconcileMs: number | undefined;
  #loop: Loop | undefined;
  #scan: RunningScan | undefined;
  #hasCommitted = false;
  #reconcileAtMs = 0;

  constructor(ports: ScannerPorts, options: ScannerOptions) {
    const { pageRowsMax = PAGE_ROWS_MAX, reconcileMs } = options;
    assert(pageRowsMax >= 1 && pageRowsMax <= PAGE_ROWS_MAX, "a page of a scan has 1 to 1,000 rows");
    const isTimed = reconcileMs === undefined || (reconcileMs >= 1 && reconcileMs <= DELAY_MS_MAX);
    assert(isTimed, "a routine look is due within what a timer can");
    this.#ports = ports;
    this.#pageRowsMax = pageRowsMax;
    this.#reconcileMs = reconcileMs;
  }

  /**
   * Begins, with what the ledger owes; called once. What it returns rejects when the ledger is damaged (the process is to end), and
   * resolves when the scanner is disposed.
   */
  start(): Promise<void> {
    assert(this.#loop === undefined, "a scanner starts once");
    const { clock, random, log } = this.#ports;
    this.#reconcileAtMs = clock.monotonicMs() + (this.#reconcileMs ?? 0);
    this.#loop = new Loop(
      { clock, random, log },
      { name: "scan", step: (signal) => this.#step(signal), backoff: SCAN_BACKOFF },
    );
    return this.#loop.ended;
  }

  /** Whether something is looked through now. */
  get isScanning(): boolean {
    return this.#scan !== undefined;
  }

  /** Something was committed, so a routine look is worth it. Called at each commit; costs nothing. */
  committed(): void {
    this.#hasCommitted = true;
  }

  /** Ends the page that is read; how far the scan is stays in the ledger. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop?.[Symbol.asyncDispose]();
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { recorder, reads } = this.#ports;
    const range = recorder.nextScanRange();
    if (range === undefined) {
      this.#end();
      await this.#idle(signal);
      return;
    }
    this.#begin(range);
    const page = await readScanPage(reads, range, this.#pageRowsMax, signal);
    await this.#record(page, signal);
  }

  async #record(page: ScanPage, signal: AbortSignal): Promise<void> {
    const { recorder, clock } = this.#ports;
    for (let left: ScanPage | undefined = page; left !== undefined; ) {
      const outcome = this.#recordOnce(left);
      const { range, prints } = left;
      if (outcome.kind === "stale") {
        // Planned anew is another range; the same one again would be read for nothing again and again.
        if (recorder.nextScanRange() === range) throw new ScanStalledError("refused", range.table);
        return;
      }
      assert(recorder.nextScanRange() !== range, "a recorded page moves its scan on");
      const rows = prints.length - (outcome.rest?.prints.length ?? 0);
      this.#count(rows, outcome.changes);
      assert(
        outcome.rest === undefined || outcome.rest.range.table === page.table,
        "a rest is of its page's range",
      );
      left = outcome.rest;
      // Live capture and tails come in between.
      if (left !== undefined) await clock.sleep(0, signal);
    }
  }

  #recordOnce(page: ScanPage) {
    try {
      return this.#ports.recorder.recordScanPage(page);
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== "corrupt") throw error;
      throw new UnrecoverableError("Cannot go on scanning: the ledger is damaged", { cause: error });
    }
  }

  /** Waits until a scan is wanted or a routine look is due, and has that planned. */
  async #idle(signal: AbortSignal): Promise<void> {
    const { clock, recorder, wanted } = this.#ports;
    if (this.#reconcileMs === undefined) {
      await wanted.wait(signal);
      return;
    }
    const restMs = Math.max(0, this.#reconcileAtMs - clock.monotonicMs());
    const timer = clock.setTimer(restMs, () => wanted.notify());
    try {
      await wanted.wait(signal);
    } finally {
      timer.cancel();
    }
    if (clock.monotonicMs() < this.#reconcileAtMs) return;
    this.#reconcileAtMs = clock.monotonicMs() + this.#reconcileMs;
    // Whatever was asked for meanwhile goes first; a routine look would begin it again.
    if (!this.#hasCommitted || recorder.nextScanRange() !== undefined) return;
    this.#hasCommitted = false;
    recorder.reconcile();
  }

  #begin({ reason }: ScanRange): void {
    const { clock, log, counters } = this.#ports;
    this.#scan ??= { startedMs: clock.monotonicMs(), reasons: new Set(), pages: 0, rows: 0, changes: 0 };
    if (this.#scan.reasons.has(reason)) return;
    this.#scan.reasons.add(reason);
    counters.begun(reason);
    log.info({ event: "scan-started", reason });
  }

  #count(rows: number, changes: number): void {
    assert(this.#scan !== undefined, "a page belongs to a scan");
    this.#scan.pages += 1;
    this.#scan.rows += rows;
    this.#scan.changes += changes;
  }

  #end(): void {
    if (this.#scan === undefined) return;
    const { clock, log } = this.#ports;
    const { startedMs, reasons, pages, rows, changes } = this.#scan;
    this.#scan = undefined;
    const durationMs = Math.round(clock.monotonicMs() - startedMs);
    log.info({ event: "scan-ended", reasons: [...reasons], pages, rows, changes, durationMs });
  }
}
