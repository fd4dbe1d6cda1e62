import type { ChangeFacts, ChangeView, WatchedTable } from "./change-reader.ts";
import type { Ledger } from "./ledger.ts";
import {
  NO_SCAN,
  planBaseline,
  planScan,
  type ScanReason,
  type TableHeads,
  tablesOfMissed,
} from "./scan-plan.ts";

/**
 * How the database that is read now stands to the one the ledger follows.
 * - same
 * - first: it follows none yet
 * - moved: another file with the same rows, more or less: a restored copy
 * - other: rows of the one have nothing to do with rows of the other
 * - renewed: the same, or moved, but what is kept of its rows is of another {@link PRINTS_VERSION}
 */
export type Meeting = "same" | "first" | "moved" | "other" | "renewed";

/** Rows compared when a file is another one; a wrong guess in either direction needs half of them. */
const SAMPLE_ROWS = 64n;

/**
 * Makes sure that the ledger follows the database that is read now; called at the start of each transaction, within it. For a
 * database that it does not know, all rows are forgotten and a baseline is owed, or, for a young one, a look that tells them; the
 * change log goes on (docs/chat-db.md §4).
 */
export function meetDatabase(ledger: Ledger, view: ChangeView): Meeting {
  const meeting = meet(ledger, view);
  if (ledger.store.arePrintsCurrent) return meeting;
  if (meeting === "same" || meeting === "moved") renewPrints(ledger, view);
  ledger.store.renewPrints();
  return meeting === "same" || meeting === "moved" ? "renewed" : meeting;
}

/** Rows that wait are carried over, at most so many: they are still to be told. */
const WAITING_ROWS_MAX = 4_096;

/**
 * Forgets all rows, and owes a baseline up to the last that was known: what came after it is told as ever, what changed before it
 * while nobody looked is not.
 */
function renewPrints(ledger: Ledger, { reader }: ChangeView): void {
  const heads = knownHeads(ledger);
  const waiting = ledger.waiting.lowest(WAITING_ROWS_MAX).map((rowid) => {
    return { rowid, sinceUnixMs: ledger.waiting.since(rowid) ?? 0 };
  });
  ledger.clearRows();
  for (const { rowid, sinceUnixMs } of waiting) {
    const seen = reader.observe(rowid, undefined);
    if (seen === undefined) continue;
    ledger.putMessage(undefined, { print: seen.print, stage: "waiting", sinceUnixMs });
  }
  ledger.store.putScan(planBaseline(heads));
}

function meet(ledger: Ledger, view: ChangeView): Meeting {
  const { store } = ledger;
  const { facts, file } = view;
  const { binding } = store;
  const isSameUid = binding?.databaseUid === facts.databaseUid;
  if (isSameUid && binding.inode === file.inode && binding.device === file.device) return "same";
  const next = { databaseUid: facts.databaseUid, device: file.device, inode: file.inode };
  if (isSameUid && isSameContent(ledger, view)) {
    store.bind(next, store.generation, view.identity);
    const heads = knownHeads(ledger);
    store.putScan(planScan(store.scan, tablesOfMissed(), "moved" satisfies ScanReason, heads));
    return "moved";
  }
  if (binding !== undefined) ledger.clearRows();
  store.bind(next, store.generation + 1n, view.identity);
  if (binding !== undefined && !isSameUid && facts.headRowid <= YOUNG_ROWS_MAX) {
    store.putScan(planScan(NO_SCAN, tablesOfMissed(), "replaced" satisfies ScanReason, NO_ROWS));
    return "other";
  }
  store.putScan(planBaseline(headsOf(facts)));
  return binding === undefined ? "first" : "other";
}

/**
 * A database with so few messages that took another's place was begun just now: Messages gave up the old one, and what is in it
 * came since, live messages among it. A larger one was there before, and what it holds is no news.
 */
const YOUNG_ROWS_MAX = 1_000n;

const NO_ROWS: TableHeads = { message: 0n, chat: 0n, attachment: 0n };

/** Largest ROWIDs that the ledger has to do with: known, or left to the baseline. */
export function knownHeads(ledger: Ledger): TableHeads {
  return {
    message: knownHead(ledger, "message"),
    chat: knownHead(ledger, "chat"),
    attachment: knownHead(ledger, "attachment"),
  };
}

/** As {@link knownHeads}, of one table. */
export function knownHead(ledger: Ledger, table: WatchedTable): bigint {
  const last = ledger.tables[table].last();
  const baseline = ledger.store.scan.baseline?.[table] ?? 0n;
  return baseline > last ? baseline : last;
}

function headsOf(facts: ChangeFacts): TableHeads {
  return { message: facts.headRowid, chat: facts.headChatRowid, attachment: facts.headAttachmentRowid };
}

/** Whether most of a sample of known rows that can be there have their guids. */
function isSameContent(ledger: Ledger, view: ChangeView): boolean {
  const { message } = ledger.tables;
  const last = message.last();
  if (last === 0n) return true;
  const end = last < view.facts.headRowid ? last : view.facts.headRowid;
  let compared = 0;
  let matching = 0;
  let before: bigint | undefined;
  for (let step = SAMPLE_ROWS; step > 0n; step -= 1n) {
    const rowid = message.neighbour("before", (end * step) / SAMPLE_ROWS + 1n);
    if (rowid === undefined || rowid === before) continue;
    before = rowid;
    const seen = view.reader.observe(rowid, undefined);
    // A row that is gone proves nothing: rows are deleted.
    if (seen === undefined) continue;
    compared += 1;
    if (seen.print.guid === message.get(rowid)?.guid) matching += 1;
  }
  return compared > 0 && matching * 2 >= compared;
}
