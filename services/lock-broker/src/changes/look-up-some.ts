import type { ChangeView, WatchedTable } from "./change-reader.ts";
import type { Ledger } from "./ledger.ts";
import type { LookupWork, NeighbourProbe } from "./lookup-work.ts";
import type { Slice } from "./slice.ts";

/** In this order changes are told: a message's chat before it, its attachments after it. */
const TABLES: readonly WatchedTable[] = ["chat", "message", "attachment"];

/** What there is within a slice. */
export interface SliceParts {
  readonly ledger: Ledger;
  readonly view: ChangeView;
  readonly slice: Slice;
  /** The slice's bounds are reached. */
  readonly isTimeUp: () => boolean;
}

/** Goes on with `work` until it is done or `isTimeUp`, which is asked after each row. */
export function lookUpSome(work: LookupWork, { ledger, view, slice, isTimeUp }: SliceParts): void {
  for (let leaf = work.takeLeaf(); leaf !== undefined; leaf = work.takeLeaf()) {
    const { table, rowids } = leaf;
    const [first, last] = [rowids.at(0), rowids.at(-1)];
    if (first === undefined || last === undefined) continue;
    const present = new Set(rowids);
    // A known row that is not on the page lives on another one now, or is gone.
    for (const rowid of ledger.tables[table].rowidsBetween(first, last)) {
      if (!present.has(rowid)) work.add(table, rowid);
    }
    work.addNeighbour({ table, side: "before", rowid: first });
    work.addNeighbour({ table, side: "after", rowid: last });
    if (isTimeUp()) return;
  }
  for (let probe = work.takeNeighbour(); probe !== undefined; probe = work.takeNeighbour()) {
    const neighbour = goneNeighbour(probe, ledger, view);
    if (neighbour === undefined) continue;
    slice.row(probe.table, neighbour);
    work.addNeighbour({ ...probe, rowid: neighbour });
    if (isTimeUp()) return;
  }
  for (const table of TABLES) {
    for (let rowid = work.takeRow(table); rowid !== undefined; rowid = work.takeRow(table)) {
      slice.row(table, rowid);
      if (isTimeUp()) return;
    }
  }
}

/** The known row next to a page, if it is gone: then the one beyond it may be too. */
function goneNeighbour({ table, side, rowid }: NeighbourProbe, ledger: Ledger, view: ChangeView) {
  const neighbour = ledger.tables[table].neighbour(side, rowid);
  return neighbour === undefined || view.reader.exists(table, neighbour) ? undefined : neighbour;
}
