import type {
  DisturbRequest,
  ListVisibleChangesRequest,
  Maintain,
  PlayRequest,
  Backfill as WireBackfill,
} from "@imesh/contracts/simulator/v1";
import {
  DisturbanceKind as WireDisturbanceKind,
  MaintenanceKind as WireMaintenanceKind,
} from "@imesh/contracts/simulator/v1";
import type { DisturbanceKind, DisturbanceOrder } from "../disturbances/disturbance.ts";
import type { MaintenanceKind, MaintenanceOrder } from "../maintenance/maintenance.ts";
import type { BackfillOrder } from "../messages/backfill.ts";
import type { PlayOrder } from "../play/player.ts";
import { isWithin, refuse, violation } from "./field-checks.ts";
import { durationNs } from "./wire-time.ts";

const DISTURBED_ROWS_DEFAULT = 50;
const MAINTENANCE_ROWS_DEFAULT = 1;
const BATCH_DEFAULT = 50;
const CHANGES_DEFAULT = 1_000;
const CHANGES_MAX = 10_000;
const ROWS_MAX = 10_000;
const STEPS_MAX = 1_000_000;
const RATE_MAX = 1_000_000;
const BACKFILL_MESSAGES_MAX = 100_000;
const CHATS_MAX = 1_000;
const BATCH_MAX = 1_000;
const ROWS_BOUND = `must be 0 to ${ROWS_MAX}`;

/** No date before 2001, where Apple's begin, until 2031: all ages and gaps together stay below it. */
const AGE_NS_MAX = 20n * 365n * 86_400_000_000_000n;

const DISTURBANCES: Readonly<Partial<Record<WireDisturbanceKind, DisturbanceKind>>> = {
  [WireDisturbanceKind.CHECKPOINT_PASSIVE]: "checkpoint-passive",
  [WireDisturbanceKind.CHECKPOINT_FULL]: "checkpoint-full",
  [WireDisturbanceKind.CHECKPOINT_RESTART]: "checkpoint-restart",
  [WireDisturbanceKind.CHECKPOINT_TRUNCATE]: "checkpoint-truncate",
  [WireDisturbanceKind.REOPEN_PERSIST]: "reopen-persist",
  [WireDisturbanceKind.REOPEN_CLEAN]: "reopen-clean",
  [WireDisturbanceKind.WRITER_KILLED]: "writer-killed",
  [WireDisturbanceKind.SCHEMA_UPGRADE]: "schema-upgrade",
  [WireDisturbanceKind.REORDER_COLUMNS]: "reorder-columns",
  [WireDisturbanceKind.RESTORE_COPY]: "restore-copy",
  [WireDisturbanceKind.REPLACE_EMPTY]: "replace-empty",
  [WireDisturbanceKind.DELETE_RECREATE]: "delete-recreate",
};

const MAINTENANCES: Readonly<Partial<Record<WireMaintenanceKind, MaintenanceKind>>> = {
  [WireMaintenanceKind.CLOUDKIT]: "cloudkit",
  [WireMaintenanceKind.SPOTLIGHT]: "spotlight",
  [WireMaintenanceKind.DATA_DETECTION]: "data-detection",
  [WireMaintenanceKind.CHAT_COUNTERS]: "chat-counters",
  [WireMaintenanceKind.TASKS]: "tasks",
  [WireMaintenanceKind.VACUUM]: "vacuum",
};

/** Throws INVALID_ARGUMENT. */
export function parseDisturb({ kind, rows, seed }: DisturbRequest): DisturbanceOrder {
  const known = DISTURBANCES[kind];
  refuse([
    known === undefined && violation("kind", "must be one of the kinds of DisturbanceKind"),
    !isWithin(rows, 0, ROWS_MAX) && violation("rows", ROWS_BOUND),
  ]);
  return { kind: known ?? "checkpoint-passive", rows: rows === 0 ? DISTURBED_ROWS_DEFAULT : rows, seed };
}

/** Throws INVALID_ARGUMENT. */
export function parseMaintain({ kind, rows, seed }: Maintain): MaintenanceOrder {
  const known = MAINTENANCES[kind];
  refuse([
    known === undefined && violation("maintain.kind", "must be one of the kinds of MaintenanceKind"),
    !isWithin(rows, 0, ROWS_MAX) && violation("maintain.rows", ROWS_BOUND),
  ]);
  return { kind: known ?? "cloudkit", rows: rows === 0 ? MAINTENANCE_ROWS_DEFAULT : rows, seed };
}

/** Throws INVALID_ARGUMENT. */
export function parseBackfill({
  messages,
  chats,
  newestAge,
  spacing,
  batch,
  seed,
}: WireBackfill): BackfillOrder {
  const newestAgeNs = newestAge === undefined ? 0n : durationNs(newestAge);
  const spacingNs = spacing === undefined ? 0n : durationNs(spacing);
  const oldestAgeNs = newestAgeNs + spacingNs * BigInt(Math.max(messages, 0));
  refuse([
    !isWithin(messages, 1, BACKFILL_MESSAGES_MAX) &&
      violation("backfill.messages", `must be 1 to ${BACKFILL_MESSAGES_MAX}`),
    !isWithin(chats, 1, CHATS_MAX) && violation("backfill.chats", `must be 1 to ${CHATS_MAX}`),
    !isWithin(newestAgeNs, 0n, AGE_NS_MAX) &&
      violation("backfill.newest_age", "must be within 0 s and 20 years"),
    !(spacingNs >= 0n && oldestAgeNs <= AGE_NS_MAX) &&
      violation("backfill.spacing", "must not be negative and keep the oldest within 20 years"),
    !isWithin(batch, 0, BATCH_MAX) && violation("backfill.batch", `must be 0 to ${BATCH_MAX}`),
  ]);
  return { messages, chats, newestAgeNs, spacingNs, batch: batch === 0 ? BATCH_DEFAULT : batch, seed };
}

/** Throws INVALID_ARGUMENT. */
export function parsePlay(request: PlayRequest): PlayOrder {
  const { seed, steps, ratePerSecond, hasDisturbances, hasReplacements } = request;
  refuse([
    !isWithin(steps, 1, STEPS_MAX) && violation("steps", `must be 1 to ${STEPS_MAX}`),
    !isWithin(ratePerSecond, 0, RATE_MAX) && violation("rate_per_second", `must be 0 to ${RATE_MAX}`),
  ]);
  return { seed, steps, ratePerSecond, hasDisturbances, hasReplacements };
}

/** Throws INVALID_ARGUMENT. */
export function parseChangesPage({ afterSequence, pageSize }: ListVisibleChangesRequest): {
  readonly afterSequence: bigint;
  readonly limit: number;
} {
  refuse([
    pageSize < 0 && violation("page_size", "must not be negative"),
    // SQLite's integers end there, and no log gets that far.
    afterSequence >= 2n ** 63n && violation("after_sequence", "must be the sequence of a change"),
  ]);
  return { afterSequence, limit: Math.min(pageSize === 0 ? CHANGES_DEFAULT : pageSize, CHANGES_MAX) };
}
