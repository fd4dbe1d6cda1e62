import type { BrokerServiceService, GetStatisticsResponse } from "@imesh/contracts/broker/v1";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { type ServiceImplementation, unary } from "@imesh/rpc";
import type { BrokerServicePorts, BrokerStatistics } from "./broker-ports.ts";
import { toDuration, toTimestamp } from "./wire-time.ts";

/** GetStatistics: what was counted. It waits for nobody and asks SQLite nothing, so that it answers while all else is stuck. */
export function statisticsRpc({
  statistics,
}: BrokerServicePorts): Pick<ServiceImplementation<typeof BrokerServiceService>, "getStatistics"> {
  return { getStatistics: unary(() => toWireStatistics(statistics())) };
}

function toWireStatistics(now: BrokerStatistics): GetStatisticsResponse {
  const scans = Object.entries(now.scans).map(([reason, count]) => [reason, BigInt(count)] as const);
  return {
    database: now.database,
    walBytes: BigInt(now.walBytes),
    walFrames: BigInt(now.walFrames),
    walResets: BigInt(now.walResets),
    commitsSeen: BigInt(now.commitsSeen),
    commitsIrrelevant: BigInt(now.commitsIrrelevant),
    lastCommitTime: toOptionalTimestamp(now.lastCommitAtUnixNs),
    lastReadTime: toOptionalTimestamp(now.lastReadAtUnixNs),
    candidatesLookedUp: BigInt(now.candidatesLookedUp),
    changesFound: BigInt(now.changesFound),
    changesFoundByScan: BigInt(now.changesFoundByScan),
    scans: Object.fromEntries(scans),
    scanProgress: now.scanProgress,
    reads: BigInt(now.reads),
    statements: BigInt(now.statements),
    longestRead: toDuration(now.longestReadMs),
    queueDepth: now.queueDepth,
    requestsRefused: BigInt(now.requestsRefused),
    headSequence: now.headSequence,
    oldestSequence: now.oldestSequence,
    tails: now.tails,
  };
}

function toOptionalTimestamp(unixNs: bigint | undefined): Timestamp | undefined {
  return unixNs === undefined ? undefined : toTimestamp(unixNs);
}
