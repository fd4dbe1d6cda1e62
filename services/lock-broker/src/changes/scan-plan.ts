import type { CandidateDoubt, MissedReason } from "../capture/candidates.ts";
import type { WatchedTable } from "./change-reader.ts";

/**
 * Why rows are looked through: what the log could not tell, or
 * - baseline: a ledger begins, and must know what is there
 * - moved: chat.db is another file with the same content, or nearly
 * - reconcile: a routine look, in case anything was missed unnoticed
 */
export type ScanReason = "baseline" | "moved" | "reconcile" | MissedReason | CandidateDoubt;

/** Rows to look through: `after` < ROWID ≤ `through`, or to the table's end. */
export interface ScanRange {
  readonly table: WatchedTable;
  readonly after: bigint;
  readonly through: bigint | undefined;
  readonly reason: ScanReason;
}

/** Overflowing rows below `before`, or all. */
export interface OverflowRange {
  readonly table: WatchedTable;
  readonly before: bigint | undefined;
}

/** Largest ROWIDs at some moment. */
export type TableHeads = Readonly<Record<WatchedTable, bigint>>;

/** The looking through that is owed, kept in the ledger so that a restart goes on with it. */
export interface ScanPlan {
  /** Rows up to here that were never seen are no news; undefined when the baseline is done. */
  readonly baseline: TableHeads | undefined;
  /** In this order; pages of them are asked of scans/. */
  readonly ranges: readonly ScanRange[];
  /** Tables whose overflowing rows are to be looked up, the newest first, and how far that is. */
  readonly overflows: readonly OverflowRange[];
  /** Wall clock, milliseconds: since then a look at every row is owed for a log that was cut off, though not at once; or undefined. */
  readonly cutUnixMs: number | undefined;
  /** ROWIDs to look through when the plan was made, as a measure of progress. */
  readonly span: bigint;
}

/** Nothing is owed. */
export const NO_SCAN: ScanPlan = {
  baseline: undefined,
  ranges: [],
  overflows: [],
  cutUnixMs: undefined,
  span: 0n,
};

/** The newest messages go before the others: what happens to them while a scan runs is what somebody waits for. */
const RECENT_ROWS = 20_000n;

/** What happens in the moment before a log is started anew is nearly always about one of these. */
const NEWEST_ROWS = 200n;

const ALL_TABLES: readonly WatchedTable[] = ["chat", "message", "attachment"];

/** The plan of a ledger that begins with a database that reaches to `heads`. */
export function planBaseline(heads: TableHeads): ScanPlan {
  return {
    baseline: heads,
    ...withSpan(rangesOf(ALL_TABLES, heads, "baseline"), heads),
    overflows: [],
    cutUnixMs: undefined,
  };
}

/**
 * Adds a look through `tables`. One that was begun goes on from where it is, and then through what lies before, because what was
 * missed may be there, too: so that every row has its turn, however often something is missed. `heads` are the largest known rows:
 * those above are new and come first.
 */
export function planScan(
  plan: ScanPlan,
  tables: readonly WatchedTable[],
  reason: ScanReason,
  heads: TableHeads,
): ScanPlan {
  const others = plan.ranges.filter(({ table }) => !tables.includes(table));
  const begun = plan.ranges.find(({ table }) => tables.includes(table));
  const isBaseline = plan.baseline !== undefined;
  const fresh = goingOnFrom(begun, rangesOf(tables, heads, isBaseline ? "baseline" : reason));
  const isWhole = ALL_TABLES.every((table) => tables.includes(table));
  const cutUnixMs = isWhole ? undefined : plan.cutUnixMs;
  return { ...plan, cutUnixMs, ...withSpan([...fresh, ...others], heads) };
}

/** Notes that the log was cut off: a look at every row is owed since `nowUnixMs`, or before. */
export function noteCut(plan: ScanPlan, nowUnixMs: number): ScanPlan {
  return { ...plan, cutUnixMs: plan.cutUnixMs ?? nowUnixMs };
}

/** Adds a look at the newest messages and at those that are new, before anything else, for a log that was cut off. */
export function planNewest(plan: ScanPlan, heads: TableHeads): ScanPlan {
  const reason = plan.baseline === undefined ? "cut" : "baseline";
  const head = heads.message;
  const after = head > NEWEST_ROWS ? head - NEWEST_ROWS : 0n;
  const newest: readonly ScanRange[] = [
    { table: "message", after: head, through: undefined, reason },
    { table: "message", after, through: head, reason },
  ];
  const isPlanned = plan.ranges.some((range) => range.table === "message" && range.through === undefined);
  // Other objects even so: a page of one of them that is being read now may have been begun before that commit.
  const ranges = [...(isPlanned ? [] : newest), ...plan.ranges.map((range) => ({ ...range }))];
  return { ...plan, ...withSpan(ranges, heads) };
}

/** Adds a look at every overflowing row: one of them was written, and the log does not say which. */
export function planOverflows(plan: ScanPlan): ScanPlan {
  return { ...plan, overflows: ALL_TABLES.map((table) => ({ table, before: undefined })) };
}

/** The plan when the first table's overflowing rows were looked up down to `before` (undefined: all). */
export function advanceOverflows(plan: ScanPlan, before: bigint | undefined): ScanPlan {
  const [current, ...rest] = plan.overflows;
  if (current === undefined) return plan;
  return { ...plan, overflows: before === undefined ? rest : [{ ...current, before }, ...rest] };
}

/** Which tables a doubt of the pages concerns; overflow is answered row by row. */
export function tablesOfDoubt(doubt: Exclude<CandidateDoubt, "overflow">): readonly WatchedTable[] {
  switch (doubt) {
    case "memberships":
      return ["chat"];
    case "joins":
      return ["message", "attachment"];
    case "emptied":
    case "cut":
      return ALL_TABLES;
  }
}

/** Every table: what a missed part of the log concerns. */
export function tablesOfMissed(): readonly WatchedTable[] {
  return ALL_TABLES;
}

/** The plan when its first range was looked through up to `through` (undefined: to its end). */
export function advancePlan(plan: ScanPlan, through: bigint | undefined): ScanPlan {
  const [current, ...rest] = plan.ranges;
  if (current === undefined) return plan;
  const isDone = through === undefined || (current.through !== undefined && through >= current.through);
  const ranges = isDone ? rest : [{ ...current, after: through }, ...rest];
  if (ranges.length > 0) return { ...plan, ranges };
  return { ...NO_SCAN, overflows: plan.overflows, cutUnixMs: plan.cutUnixMs };
}

/** How far a plan is, 0 to 1, by ROWIDs; undefined when nothing is owed. */
export function scanProgress(plan: ScanPlan, heads: TableHeads): number | undefined {
  if (plan.ranges.length === 0) return undefined;
  const left = spanOf(plan.ranges, heads);
  if (plan.span <= 0n) return 0;
  return Math.min(1, Math.max(0, 1 - Number(left) / Number(plan.span)));
}

/** As the ledger stores it. */
export function encodeScanPlan(plan: ScanPlan): string | null {
  const isNothingOwed = plan.ranges.length === 0 && plan.overflows.length === 0;
  if (isNothingOwed && plan.cutUnixMs === undefined) return null;
  return JSON.stringify(plan, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** What {@link encodeScanPlan} wrote. */
export function decodeScanPlan(text: string | null): ScanPlan {
  if (text === null) return NO_SCAN;
  const plan: ScanPlan = JSON.parse(text, (_key, value: unknown) =>
    typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
  // JSON leaves undefined out.
  return {
    baseline: plan.baseline,
    ranges: plan.ranges.map(({ table, after, through, reason }) => ({ table, after, through, reason })),
    overflows: plan.overflows.map(({ table, before }) => ({ table, before })),
    cutUnixMs: plan.cutUnixMs,
    span: plan.span,
  };
}

function withSpan(ranges: readonly ScanRange[], heads: TableHeads): Pick<ScanPlan, "ranges" | "span"> {
  return { ranges, span: spanOf(ranges, heads) };
}

function rangesOf(tables: readonly WatchedTable[], heads: TableHeads, reason: ScanReason): ScanRange[] {
  const ranges: ScanRange[] = [];
  const head = heads.message;
  const recent = head > RECENT_ROWS ? head - RECENT_ROWS : 0n;
  const hasMessages = tables.includes("message");
  if (hasMessages) ranges.push({ table: "message", after: head, through: undefined, reason });
  if (tables.includes("chat")) ranges.push({ table: "chat", after: 0n, through: undefined, reason });
  if (hasMessages) ranges.push({ table: "message", after: recent, through: head, reason });
  if (tables.includes("attachment")) {
    ranges.push({ table: "attachment", after: 0n, through: undefined, reason });
  }
  if (hasMessages && recent > 0n) ranges.push({ table: "message", after: 0n, through: recent, reason });
  return ranges;
}

/** The same rows, from the one that `begun` has come to on; rows above the largest known one stay first. */
function goingOnFrom(begun: ScanRange | undefined, ranges: readonly ScanRange[]): readonly ScanRange[] {
  if (begun === undefined) return ranges;
  const { table, after } = begun;
  const at = ranges.findIndex((range) => range.table === table && isWithin(after, range));
  const current = ranges[at];
  if (current === undefined) return ranges;
  const isNew = (range: ScanRange) => range.table === "message" && range.through === undefined;
  return [
    ...ranges.filter(isNew),
    { ...current, after },
    ...[...ranges.slice(at + 1), ...ranges.slice(0, at)].filter((range) => !isNew(range)),
    ...(after > current.after ? [{ ...current, through: after }] : []),
  ];
}

function isWithin(rowid: bigint, { table, after, through }: ScanRange): boolean {
  if (table === "message" && through === undefined) return false;
  return rowid >= after && (through === undefined || rowid < through);
}

function spanOf(ranges: readonly ScanRange[], heads: TableHeads): bigint {
  let span = 0n;
  for (const { table, after, through } of ranges) {
    const end = through ?? heads[table];
    if (end > after) span += end - after;
  }
  return span;
}
