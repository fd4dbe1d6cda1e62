import type { Metrics } from "@imesh/telemetry";
import type { ToldChange } from "./changes/changes.ts";
import type { ScanReason } from "./changes/scan-plan.ts";
import type { RecorderCounters } from "./changes/slice-runner.ts";
import type { CommitNotice, WatchCounters } from "./commits/commits.ts";
import type { ScanCounters } from "./scans/scans.ts";
import type { ChangePage } from "./tail/change-source.ts";
import type { TailCounters } from "./tail/tail.ts";

const NS_PER_S = 1e9;
const MS_PER_S = 1e3;

/** What the broker counts over all its parts, since the process began. */
export interface TallyCounts {
  readonly candidatesLookedUp: number;
  readonly changesFound: number;
  readonly changesFoundByScan: number;
  readonly requestsRefused: number;
  /** Read transactions of the reader thread. */
  readonly threadReads: number;
  readonly threadStatements: number;
  readonly threadLongestReadMs: number;
  /** When the last commit was noticed that touched what is followed, Unix nanoseconds; undefined before the first. */
  readonly lastCommitAtUnixNs: bigint | undefined;
  /** By reason. */
  readonly scans: Readonly<Record<string, number>>;
}

/**
 * Translates what the parts of the broker tell into the product's metrics, and adds it up for GetStatistics. Cheap: some of it
 * runs between a commit and its row.
 */
export class BrokerTally {
  readonly #metrics: Metrics;
  readonly #scans: Record<string, number> = {};
  #candidatesLookedUp = 0;
  #changesFound = 0;
  #changesFoundByScan = 0;
  #requestsRefused = 0;
  #threadReads = 0;
  #threadStatements = 0;
  #threadLongestReadMs = 0;
  #lastCommitAtUnixNs: bigint | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  get counts(): TallyCounts {
    return {
      candidatesLookedUp: this.#candidatesLookedUp,
      changesFound: this.#changesFound,
      changesFoundByScan: this.#changesFoundByScan,
      requestsRefused: this.#requestsRefused,
      threadReads: this.#threadReads,
      threadStatements: this.#threadStatements,
      threadLongestReadMs: this.#threadLongestReadMs,
      lastCommitAtUnixNs: this.#lastCommitAtUnixNs,
      scans: { ...this.#scans },
    };
  }

  /** For the commit watcher; `watcher` labels the source of its hints. */
  forWatch(watcher: string): WatchCounters {
    const metrics = this.#metrics;
    return {
      detected: (source) => metrics.brokerCommitsDetected.add(1, { source }),
      hints: (count) => metrics.brokerHints.add(count, { watcher }),
      emptyProbes: (count) => metrics.brokerEmptyProbes.add(count),
    };
  }

  readonly recorder: RecorderCounters = {
    lookedUp: (rows) => {
      this.#candidatesLookedUp += rows;
      this.#metrics.brokerCandidates.add(rows);
    },
    told: (changes, isScanned) => {
      this.#changesFound += changes.length;
      if (!isScanned) return;
      this.#changesFoundByScan += changes.length;
      this.#metrics.brokerChangesByScan.add(changes.length);
    },
  };

  readonly scanner: ScanCounters = {
    begun: (reason: ScanReason) => {
      this.#scans[reason] = (this.#scans[reason] ?? 0) + 1;
      this.#metrics.brokerScans.add(1, { reason });
    },
  };

  readonly tail: TailCounters = {
    read: (page, notice) => this.#countPage(page, notice),
    pendingRows: (count) => this.#metrics.brokerPendingRows.set(count),
  };

  /** The watcher noticed a commit that touched what is followed. */
  onCommit({ detectedAtUnixNs }: CommitNotice): void {
    this.#lastCommitAtUnixNs = detectedAtUnixNs;
    this.#metrics.brokerLastCommitTime.set(Number(detectedAtUnixNs) / NS_PER_S);
  }

  /** A read transaction of the tail's connection ended. */
  onRead(durationMs: number): void {
    this.#metrics.brokerReadDuration.record(durationMs / MS_PER_S);
  }

  /** The reader thread answered a page. */
  onThreadReads(readsMs: readonly number[], statements: number): void {
    for (const readMs of readsMs) {
      this.#threadReads += 1;
      this.#threadLongestReadMs = Math.max(this.#threadLongestReadMs, readMs);
      this.#metrics.brokerReadDuration.record(readMs / MS_PER_S);
    }
    this.#threadStatements += statements;
  }

  /** Another database was found in the place of the one before. */
  onReplaced(): void {
    this.#metrics.brokerDatabaseChanges.add(1);
  }

  onRefused(queue: string): void {
    this.#requestsRefused += 1;
    this.#metrics.brokerRequestsRefused.add(1, { queue });
  }

  #countPage(page: ChangePage, notice: CommitNotice): void {
    const metrics = this.#metrics;
    const reasons = new Map<ToldChange["change"]["reason"], number>();
    let oversized = 0;
    for (const told of page.changes) {
      const { reason } = told.change;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if ("message" in told && told.message?.isOversized === true) oversized += 1;
    }
    for (const [reason, count] of reasons) metrics.brokerChangesTold.add(count, { reason });
    if (oversized > 0) metrics.brokerRowsOversized.add(oversized);
    if (page.restarted !== undefined) metrics.brokerTailRestarts.add(1, { reason: page.restarted });
    // A row of a catch-up was committed long before we looked; its hops would say nothing about how fast we are.
    if (page.changes.length === 0 || page.isCatchingUp || notice.source === "open") return;
    const { committedAtUnixNs, detectedAtUnixNs } = notice;
    const detecting = seconds(detectedAtUnixNs - committedAtUnixNs);
    metrics.hopDuration.record(detecting, { hop: "committed_to_detected" });
    metrics.hopDuration.record(seconds(page.readAtUnixNs - detectedAtUnixNs), { hop: "detected_to_read" });
  }
}

/** Two clocks (the file system's and ours) may disagree by a tick; a hop is never negative. */
function seconds(durationNs: bigint): number {
  return durationNs <= 0n ? 0 : Number(durationNs) / NS_PER_S;
}
