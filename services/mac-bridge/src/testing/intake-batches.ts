import { RowBatch } from "@imesh/contracts/broker/v1";
import type { BatchContext } from "../intake/batch-context.ts";
import { changesOfWire } from "../intake/changes-of-wire.ts";
import { type BatchOutcome, type BatchState, eventsOfBatch } from "../intake/intake-batch.ts";
import { NOW_UNIX_NS } from "./commands.ts";

/** What the batches of the tests are read from and when. */
export const BATCH: BatchContext = {
  database: { databaseUid: "UID-1", generation: "1:1:0" },
  committedUnixNs: NOW_UNIX_NS + 1n,
  detectedUnixNs: NOW_UNIX_NS + 2n,
  readUnixNs: NOW_UNIX_NS + 3n,
  receivedUnixNs: NOW_UNIX_NS + 4n,
  phase: "live",
  lastSeenUnixNs: null,
  liveAgeMaxNs: 60_000_000_000n,
};

/** A journal without commands, in which nothing was told. */
export const EMPTY_JOURNAL: BatchState["journal"] = {
  provableCommands: () => [],
  commandsInFlight: () => [],
  commandOfRow: () => null,
  lastFingerprint: () => null,
  lastEventOfRow: () => null,
  newestEvents: () => [],
};

/** What a batch of lock-broker's becomes. */
export function outcomeOfBatch(
  wire: Partial<RowBatch>,
  options: {
    readonly journal?: BatchState["journal"];
    readonly suspects?: BatchState["suspects"];
    readonly batch?: Partial<BatchContext>;
  } = {},
): BatchOutcome {
  return eventsOfBatch(
    changesOfWire({ ...RowBatch.fromPartial({}), ...wire }),
    { ...BATCH, ...options.batch },
    { journal: options.journal ?? EMPTY_JOURNAL, suspects: options.suspects ?? new Map() },
    () => "trace",
  );
}
