import type { Metrics } from "@imesh/telemetry";
import type { BrokerTally } from "./broker-tally.ts";
import type { LogCapture } from "./capture/log-capture.ts";
import type { Ledger } from "./changes/ledger.ts";
import type { Recorder } from "./changes/recorder.ts";
import type { Recording } from "./recording/recording.ts";
import type { ChatDb } from "./rows/chat-db.ts";
import type { BrokerStatistics } from "./rpc/broker-ports.ts";
import type { ReadScheduler } from "./scheduling/read-scheduler.ts";
import type { OpenTails } from "./tail/open-tails.ts";

/** The parts that are asked. */
export interface StatisticsParts {
  readonly db: ChatDb;
  readonly capture: LogCapture;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly recording: Recording;
  readonly scheduler: ReadScheduler;
  readonly tails: OpenTails;
  readonly tally: BrokerTally;
  /** Of `-wal`, by stat(2). */
  readonly walBytes: () => number;
}

/** How the broker is doing now, from what its parts know of themselves: no query, no lock. */
export function brokerStatistics(parts: StatisticsParts): BrokerStatistics {
  const { db, capture, ledger, recorder, recording, scheduler, tails, tally } = parts;
  const { lastCommitAtUnixNs, ...counts } = tally.counts;
  const isRead = !capture.hasStep && !capture.hasMore && recording.unrecordedForMs() === 0;
  return {
    database: recorder.database.generation === "" ? undefined : recorder.database,
    walBytes: parts.walBytes(),
    walFrames: capture.statistics.framesInGeneration,
    walResets: capture.statistics.resets,
    commitsSeen: capture.statistics.commits,
    commitsIrrelevant: capture.statistics.irrelevantCommits,
    lastCommitAtUnixNs,
    lastReadAtUnixNs: isRead ? lastCommitAtUnixNs : recording.lastReadAtUnixNs,
    candidatesLookedUp: counts.candidatesLookedUp,
    changesFound: counts.changesFound,
    changesFoundByScan: counts.changesFoundByScan,
    scans: counts.scans,
    scanProgress: recorder.scanProgress(),
    reads: db.statistics.reads + counts.threadReads,
    statements: statementsOf(parts),
    longestReadMs: Math.max(db.statistics.longestReadMs, counts.threadLongestReadMs),
    queueDepth: scheduler.queueDepth,
    requestsRefused: counts.requestsRefused,
    headSequence: headSequenceOf(ledger),
    oldestSequence: ledger.log.lastingSequence(ledger.log.oldestSequence),
    tails: tails.size,
  };
}

/** The metrics that are asked for when somebody reads them; GetStatistics says the same numbers. Until disposed. */
export function observeBroker(parts: StatisticsParts, metrics: Metrics): Disposable {
  const { capture, ledger, scheduler } = parts;
  const stack = new DisposableStack();
  stack.use(metrics.brokerCommitsIrrelevant.observe(() => capture.statistics.irrelevantCommits));
  stack.use(metrics.brokerLogResets.observe(() => capture.statistics.resets));
  stack.use(metrics.brokerStatements.observe(() => statementsOf(parts)));
  stack.use(metrics.brokerHeadSequence.observe(() => Number(headSequenceOf(ledger))));
  stack.use(metrics.brokerQueueDepth.observe(() => scheduler.queueDepth));
  return stack;
}

function statementsOf({ db, tally }: StatisticsParts): number {
  return db.statistics.statements + tally.counts.threadStatements;
}

function headSequenceOf({ log }: Ledger): bigint {
  return log.lastingSequence(log.headSequence);
}
