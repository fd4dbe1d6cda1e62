import assert from "node:assert/strict";
import { test } from "node:test";
import { isPostponable, planCandidates } from "./plan-candidates.ts";
import {
  advanceOverflows,
  advancePlan,
  decodeScanPlan,
  encodeScanPlan,
  NO_SCAN,
  planBaseline,
  planOverflows,
  planScan,
  type ScanPlan,
  scanProgress,
  tablesOfMissed,
} from "./scan-plan.ts";

const HEADS = { message: 100_000n, chat: 40n, attachment: 500n };

function shown(plan: ScanPlan): string[] {
  return plan.ranges.map(
    ({ table, after, through, reason }) => `${table} ${after}..${through ?? "end"} ${reason}`,
  );
}

test("a baseline looks at all tables once, the newest messages first", () => {
  const plan = planBaseline(HEADS);
  assert.deepEqual(plan.baseline, HEADS);
  assert.deepEqual(shown(plan), [
    "message 100000..end baseline",
    "chat 0..end baseline",
    "message 80000..100000 baseline",
    "attachment 0..end baseline",
    "message 0..80000 baseline",
  ]);
  assert.equal(plan.span, 100_540n);
});

test("a small table is not cut", () => {
  assert.deepEqual(shown(planScan(NO_SCAN, ["message"], "joins", { ...HEADS, message: 5n })), [
    "message 5..end joins",
    "message 0..5 joins",
  ]);
});

test("a plan advances range by range, and a done one is forgotten with its baseline", () => {
  let plan = planBaseline({ message: 5n, chat: 2n, attachment: 0n });
  const steps: (string | undefined)[] = [];
  for (const through of [undefined, 1n, undefined, 3n, 5n, undefined]) {
    plan = advancePlan(plan, through);
    steps.push(shown(plan)[0]);
  }
  assert.deepEqual(steps, [
    "chat 0..end baseline",
    "chat 1..end baseline",
    "message 0..5 baseline",
    "message 3..5 baseline",
    "attachment 0..end baseline",
    undefined,
  ]);
  assert.deepEqual(plan, NO_SCAN);
  assert.deepEqual(advancePlan(plan, 9n), NO_SCAN);
});

test("what is asked for again is begun again, the rest stays", () => {
  const begun = advancePlan(advancePlan(advancePlan(planBaseline(HEADS), undefined), undefined), 90_000n);
  assert.equal(shown(begun)[0], "message 90000..100000 baseline");
  const again = planScan(begun, ["message"], "joins", HEADS);
  // Within a baseline it stays one: bodies have to be worked out.
  assert.deepEqual(shown(again), [
    "message 100000..end baseline",
    "message 80000..100000 baseline",
    "message 0..80000 baseline",
    "attachment 0..end baseline",
  ]);
  assert.deepEqual(again.baseline, HEADS);
});

test("progress rises from 0 to 1, and is none when nothing is owed", () => {
  let plan = planScan(NO_SCAN, tablesOfMissed(), "reset", HEADS);
  let last = -1;
  while (plan.ranges.length > 0) {
    const progress = scanProgress(plan, HEADS) ?? Number.NaN;
    assert(progress >= last && progress <= 1, `${progress} after ${last}`);
    last = progress;
    const [range] = plan.ranges;
    const end = range?.through ?? HEADS[range?.table ?? "chat"];
    const next = (range?.after ?? 0n) + 9_999n;
    plan = advancePlan(plan, next < end ? next : undefined);
  }
  assert(last > 0.8);
  assert.equal(scanProgress(plan, HEADS), undefined);
});

test("comes back from the ledger as it went in", () => {
  const plans = [
    NO_SCAN,
    planBaseline(HEADS),
    planOverflows(planScan(NO_SCAN, ["chat"], "memberships", HEADS)),
    advanceOverflows(planOverflows(NO_SCAN), 7n),
  ];
  for (const plan of plans) assert.deepEqual(decodeScanPlan(encodeScanPlan(plan)), plan);
  assert.equal(encodeScanPlan(NO_SCAN), null);
});

test("every doubt and a missed part of the log become a plan, with their reasons", () => {
  const few = { ...HEADS, message: 5_000n };
  const { plan, reasons } = planCandidates(
    NO_SCAN,
    { missed: undefined, doubts: new Set(["overflow", "memberships"]) },
    few,
  );
  assert.deepEqual(
    [reasons, shown(plan), plan.overflows.length],
    [["overflow", "memberships"], ["chat 0..end memberships"], 3],
  );
  assert.deepEqual(planCandidates(NO_SCAN, { missed: undefined, doubts: new Set() }, few), {
    plan: NO_SCAN,
    reasons: [],
  });
  const missed = planCandidates(plan, { missed: "reset", doubts: new Set(["emptied", "joins"]) }, few);
  assert.deepEqual(missed.reasons, ["emptied", "joins", "reset"]);
  assert.equal(shown(missed.plan)[0], "message 5000..end reset");
  assert.equal(missed.plan.overflows.length, 3);
});

test("where there is much to look through, doubts about joins wait, and no others", () => {
  const doubts = new Set(["overflow", "memberships", "emptied", "joins"] as const);
  const { reasons } = planCandidates(NO_SCAN, { missed: undefined, doubts }, HEADS);
  assert.deepEqual(reasons, ["overflow", "emptied"]);
  assert.deepEqual(
    [...doubts].filter((doubt) => isPostponable(doubt, HEADS)),
    ["memberships", "joins"],
  );
});
