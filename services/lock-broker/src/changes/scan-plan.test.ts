import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { isPostponable, planCandidates } from "./plan-candidates.ts";
import {
  advanceOverflows,
  advancePlan,
  decodeScanPlan,
  encodeScanPlan,
  NO_SCAN,
  planBaseline,
  planNewest,
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

test("what is asked for again goes on where it is, and then through what lies before; the rest stays", () => {
  const begun = advancePlan(advancePlan(advancePlan(planBaseline(HEADS), undefined), undefined), 90_000n);
  assert.equal(shown(begun)[0], "message 90000..100000 baseline");
  const again = planScan(begun, ["message"], "joins", HEADS);
  // Within a baseline it stays one: bodies have to be worked out.
  assert.deepEqual(shown(again), [
    "message 100000..end baseline",
    "message 90000..100000 baseline",
    "message 0..80000 baseline",
    "message 80000..90000 baseline",
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
    { ...NO_SCAN, cutUnixMs: 7 },
  ];
  for (const plan of plans) assert.deepEqual(decodeScanPlan(encodeScanPlan(plan)), plan);
  assert.equal(encodeScanPlan(NO_SCAN), null);
});

test("every doubt and a missed part of the log become a plan, with their reasons", () => {
  const few = { ...HEADS, message: 5_000n };
  const { plan, reasons } = planCandidates(
    NO_SCAN,
    { missed: undefined, doubts: new Set(["overflow", "memberships"]) },
    { heads: few, nowUnixMs: 7 },
  );
  assert.deepEqual(
    [reasons, shown(plan), plan.overflows.length],
    [["overflow", "memberships"], ["chat 0..end memberships"], 3],
  );
  assert.deepEqual(
    planCandidates(NO_SCAN, { missed: undefined, doubts: new Set() }, { heads: few, nowUnixMs: 7 }),
    {
      plan: NO_SCAN,
      reasons: [],
    },
  );
  const missed = planCandidates(
    plan,
    { missed: "reset", doubts: new Set(["emptied", "joins"]) },
    { heads: few, nowUnixMs: 7 },
  );
  assert.deepEqual(missed.reasons, ["emptied", "joins", "reset"]);
  assert.equal(shown(missed.plan)[0], "message 5000..end reset");
  assert.equal(missed.plan.overflows.length, 3);
});

test("where there is much to look through, doubts about joins wait, and no others", () => {
  const doubts = new Set(["overflow", "memberships", "emptied", "joins"] as const);
  const { reasons } = planCandidates(NO_SCAN, { missed: undefined, doubts }, { heads: HEADS, nowUnixMs: 7 });
  assert.deepEqual(reasons, ["overflow", "emptied"]);
  assert.deepEqual(
    [...doubts].filter((doubt) => isPostponable(doubt, HEADS)),
    ["memberships", "joins"],
  );
});

test("a log that was cut off leaves a look at every row owed since the first time, or has it at once where there are few", () => {
  const cut = { missed: undefined, doubts: new Set(["cut"] as const) };
  const first = planCandidates(NO_SCAN, cut, { heads: HEADS, nowUnixMs: 7 });
  assert.deepEqual([first.reasons, first.plan], [[], { ...NO_SCAN, cutUnixMs: 7 }]);
  const second = planCandidates(first.plan, cut, { heads: HEADS, nowUnixMs: 9 });
  assert.equal(second.plan.cutUnixMs, 7);
  assert.equal(planScan(second.plan, tablesOfMissed(), "reset", HEADS).cutUnixMs, undefined);
  assert.equal(planScan(second.plan, ["chat"], "memberships", HEADS).cutUnixMs, 7);
  const few = planCandidates(NO_SCAN, cut, { heads: { ...HEADS, message: 5_000n }, nowUnixMs: 7 });
  assert.deepEqual(
    [few.reasons, shown(few.plan)[0], few.plan.cutUnixMs],
    [["cut"], "message 5000..end cut", undefined],
  );
});

test("the newest messages are looked through before anything else, and a page that is being read then again", () => {
  const owed = { ...NO_SCAN, cutUnixMs: 7 };
  const first = planNewest(owed, HEADS);
  assert.deepEqual(shown(first), ["message 100000..end cut", "message 99800..100000 cut"]);
  const looked = advancePlan(advancePlan(first, undefined), undefined);
  assert.deepEqual([looked.ranges, looked.cutUnixMs], [[], 7]);
  const during = planNewest(first, HEADS);
  assert.deepEqual(shown(during), shown(first));
  assert.notEqual(during.ranges[0], first.ranges[0]);
});

test("every row has its turn after what was missed last, and however often something is missed", () => {
  const seeds = SeededRandom.fromEnvironment("scan plans");
  for (let round = 0; round < 200; round += 1) {
    const random = new SeededRandom(seeds.integer(0, 0xffff_ffff));
    const heads = { message: BigInt(random.integer(0, 60)) * 1_000n, chat: 7n, attachment: 900n };
    const missChance = random.pick([0, 0.1, 1]);
    let plan = planScan(NO_SCAN, tablesOfMissed(), "reset", heads);
    /** Rows of messages looked at since something was missed last, and at all, in thousands. */
    let since = new Set<bigint>();
    const ever = new Set<bigint>();
    for (let pages = 0; plan.ranges.length > 0 && pages < 400; pages += 1) {
      const [range] = plan.ranges;
      assert.ok(range !== undefined);
      const end = range.through ?? (range.table === "message" ? range.after : heads[range.table]);
      const next = range.after + 1_000n < end ? range.after + 1_000n : end;
      if (range.table === "message") {
        for (let rowid = range.after + 1_000n; rowid <= next; rowid += 1_000n) {
          since.add(rowid);
          ever.add(rowid);
        }
      }
      plan = advancePlan(plan, next >= end ? undefined : next);
      // New rows come first each time: a page of them, and one of the others.
      const isNew = range.table === "message" && range.through === undefined;
      if (plan.ranges.length > 0 && pages < 300 && !isNew && random.chance(missChance)) {
        plan = planScan(plan, tablesOfMissed(), "reset", heads);
        since = new Set();
      }
      if (pages === 300) assert.equal(BigInt(ever.size), heads.message / 1_000n, `seed ${random.seed}`);
    }
    assert.deepEqual(plan.ranges, [], `seed ${random.seed}`);
    assert.equal(BigInt(since.size), heads.message / 1_000n, `seed ${random.seed}`);
  }
});
