import type { Metrics } from "@imesh/telemetry";
import type { CommitNotice, WatchCounters } from "./commits/commits.ts";
import type { EmissionReason, TailRead } from "./rows/rows.ts";
import type { TailCounters } from "./tail/tail.ts";

const NS_PER_S = 1e9;
const MS_PER_S = 1e3;

/** The broker's counters as its parts know them. */
export interface BrokerCounters {
  /** For the commit watcher; `watcher` labels the source of its hints. */
  forWatch(watcher: string): WatchCounters;
  readonly tail: TailCounters;
  /** A read transaction ended after this long. */
  onRead(durationMs: number): void;
  /** Another database was found in the place of the one before. */
  onReplaced(): void;
}

/** Translates what the parts of the broker tell into the product's metrics. Nothing here runs between detection and write. */
export function brokerCounters(metrics: Metrics): BrokerCounters {
  return {
    forWatch: (watcher) => ({
      detected: (source) => metrics.brokerCommitsDetected.add(1, { source }),
      hints: (count) => metrics.brokerHints.add(count, { watcher }),
      emptyProbes: (count) => metrics.brokerEmptyProbes.add(count),
    }),
    tail: {
      read: (read, notice, readAtUnixNs) => countRead(metrics, read, notice, readAtUnixNs),
      pendingRows: (count) => metrics.brokerPendingRows.set(count),
    },
    onRead: (durationMs) => metrics.brokerReadDuration.record(durationMs / MS_PER_S),
    onReplaced: () => metrics.brokerDatabaseChanges.add(1),
  };
}

function countRead(metrics: Metrics, read: TailRead, notice: CommitNotice, readAtUnixNs: bigint): void {
  for (const [reason, count] of countsByReason(read)) metrics.brokerRowsRead.add(count, { reason });
  if (read.followedDropped > 0) metrics.brokerFollowedDropped.add(read.followedDropped);
  if (read.rowsOversized > 0) metrics.brokerRowsOversized.add(read.rowsOversized);
  if (read.restarted !== undefined) metrics.brokerTailRestarts.add(1, { reason: read.restarted });
  metrics.brokerHeadRowid.set(read.headRowid);
  metrics.brokerLastCommitTime.set(Number(notice.committedAtUnixNs) / NS_PER_S);
  // A row of a catch-up was committed long before we looked; its hops would say nothing about how fast we are.
  if (read.rows.length === 0 || read.isCatchingUp || notice.source === "open") return;
  const { committedAtUnixNs, detectedAtUnixNs } = notice;
  const detecting = seconds(detectedAtUnixNs - committedAtUnixNs);
  metrics.hopDuration.record(detecting, { hop: "committed_to_detected" });
  metrics.hopDuration.record(seconds(readAtUnixNs - detectedAtUnixNs), { hop: "detected_to_read" });
}

function countsByReason(read: TailRead): Map<EmissionReason, number> {
  const counts = new Map<EmissionReason, number>();
  for (const { reason } of read.rows) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

/** Two clocks (the file system's and ours) may disagree by a tick; a hop is never negative. */
function seconds(durationNs: bigint): number {
  return durationNs <= 0n ? 0 : Number(durationNs) / NS_PER_S;
}
