import type { DisturbanceKind } from "../disturbances/disturbance.ts";
import type { SeededRandom } from "../messages/seeded-random.ts";
import type { ActKind } from "./draw-act.ts";

/** What people and Apple do; acts by their kind. */
export type StepKind = ActKind | "say" | "say-late" | "write-own" | "backfill" | "maintain";

/**
 * How often things happen relative to each other: much is said, read and touched up, little is deleted. No act is so rare
 * that a thousand steps do without it.
 */
const LIFE: Readonly<Record<StepKind, number>> = {
  say: 22,
  "say-late": 3,
  "write-own": 10,
  edit: 12,
  unsend: 6,
  receipt: 14,
  tapback: 10,
  "say-attachment": 6,
  "advance-attachment": 9,
  transcribe: 2,
  "recently-delete": 4,
  recover: 3,
  "hard-delete": 2,
  "delete-chat": 0.5,
  "rename-chat": 2,
  "change-membership": 3,
  "rewrite-chat-guid": 1,
  "rewrite-message-guid": 1.5,
  "schedule-create": 2,
  "schedule-send": 1.5,
  "schedule-cancel": 0.7,
  "change-photo": 1.5,
  "add-link-preview": 3,
  compose: 16,
  "say-app": 2,
  "poll-create": 2,
  "poll-add-option": 2,
  "poll-vote": 2.5,
  "change-background": 1.5,
  "change-number": 1.5,
  "change-own-membership": 1.5,
  "share-location": 1.5,
  call: 1,
  "keep-audio": 1.5,
  "add-to-chat": 1.5,
  "schedule-edit": 2,
  backfill: 1,
  maintain: 10,
};

const DISTURBANCE_WEIGHTS: Readonly<Partial<Record<DisturbanceKind, number>>> = {
  "checkpoint-passive": 1.5,
  "checkpoint-full": 1,
  "checkpoint-restart": 1.5,
  "checkpoint-truncate": 1.5,
  "reopen-persist": 0.7,
  "reopen-clean": 0.7,
  "writer-killed": 1,
  "schema-upgrade": 0.3,
  "reorder-columns": 0.3,
};

const REPLACEMENT_WEIGHTS: Readonly<Partial<Record<DisturbanceKind, number>>> = {
  "restore-copy": 0.4,
  "replace-empty": 0.4,
  "delete-recreate": 0.4,
};

/** What a program is made of beside what people and Apple do. */
export interface Mixture {
  /** Checkpoints, reopenings, killed writers and migrations. */
  readonly hasDisturbances: boolean;
  /** Other databases at the path. */
  readonly hasReplacements: boolean;
}

/** Draws what happens next, not yet to whom. */
export function drawKind(mixture: Mixture, random: SeededRandom): StepKind | DisturbanceKind {
  const weights = Object.entries({
    ...LIFE,
    ...(mixture.hasDisturbances ? DISTURBANCE_WEIGHTS : {}),
    ...(mixture.hasReplacements ? REPLACEMENT_WEIGHTS : {}),
  }) as [StepKind | DisturbanceKind, number][];
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  let left = random.next() * sum;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  // Rounding alone leads here.
  return "say";
}
