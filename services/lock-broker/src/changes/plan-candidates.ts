import type { CandidateDoubt, Candidates } from "../capture/candidates.ts";
import {
  noteCut,
  planOverflows,
  planScan,
  type ScanPlan,
  type ScanReason,
  type TableHeads,
  tablesOfDoubt,
  tablesOfMissed,
} from "./scan-plan.ts";

/** A plan with what the pages of a step could not tell, and the reasons for what was added. */
export interface PlannedCandidates {
  readonly plan: ScanPlan;
  readonly reasons: readonly ScanReason[];
}

/**
 * Adds to a plan what candidates leave open, but for the doubts that {@link isPostponable}; of a log that was cut off, where there is
 * much to look through, only that it was: Apple's SQLite cuts it each time it is started anew, and as a rule nothing is missing then. Pure.
 */
export function planCandidates(
  before: ScanPlan,
  { missed, doubts }: Pick<Candidates, "missed" | "doubts">,
  moment: PlanMoment,
): PlannedCandidates {
  const { heads } = moment;
  let plan = before;
  const reasons: ScanReason[] = [];
  for (const doubt of doubts) {
    if (isPostponable(doubt, heads)) continue;
    if (doubt === "cut" && isLarge(heads)) {
      plan = noteCut(plan, moment.nowUnixMs);
      continue;
    }
    reasons.push(doubt);
    plan = doubt === "overflow" ? planOverflows(plan) : planScan(plan, tablesOfDoubt(doubt), doubt, heads);
  }
  if (missed !== undefined) {
    reasons.push(missed);
    plan = planScan(plan, tablesOfMissed(), missed, heads);
  }
  return { plan, reasons };
}

/** When a plan is made. */
export interface PlanMoment {
  /** The largest known rows. */
  readonly heads: TableHeads;
  readonly nowUnixMs: number;
}

/** A doubt that may wait. */
export type PostponableDoubt = Extract<CandidateDoubt, "joins" | "memberships">;

/** Looking through so many messages takes a tenth of a second of the other thread. */
const PROMPT_ROWS_MAX = 5_000n;

/**
 * Whether a doubt can wait, together with all others of the hour: what it is for (a join that ended, and nothing else of its
 * message or chat changed) hardly ever happens, while the doubt comes with the first message after a restart.
 */
export function isPostponable(doubt: CandidateDoubt, heads: TableHeads): doubt is PostponableDoubt {
  return (doubt === "joins" || doubt === "memberships") && isLarge(heads);
}

/** Whether there is so much to look through that what can wait does. */
export function isLarge(heads: TableHeads): boolean {
  return heads.message > PROMPT_ROWS_MAX;
}
