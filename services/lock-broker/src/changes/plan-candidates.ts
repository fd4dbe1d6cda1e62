import type { CandidateDoubt, Candidates } from "../capture/candidates.ts";
import {
  planNewest,
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
 * Adds to a plan what candidates leave open, but for the doubts that {@link isPostponable}. Pure.
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
    reasons.push(doubt);
    plan = withDoubt(plan, doubt, moment);
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

function withDoubt(plan: ScanPlan, doubt: CandidateDoubt, { heads, nowUnixMs }: PlanMoment): ScanPlan {
  if (doubt === "overflow") return planOverflows(plan);
  // Apple's SQLite cuts the log off each time it is started anew: as a rule nothing is missing then.
  if (doubt === "cut" && heads.message > PROMPT_ROWS_MAX) return planNewest(plan, heads, nowUnixMs);
  return planScan(plan, tablesOfDoubt(doubt), doubt, heads);
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
  return (doubt === "joins" || doubt === "memberships") && heads.message > PROMPT_ROWS_MAX;
}
