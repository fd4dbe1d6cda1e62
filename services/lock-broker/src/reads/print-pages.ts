import type { PageView } from "./page-view.ts";
import type { PrintPage, PrintRequest } from "./reads.ts";

/** Rows between two looks at the clock: some 3 ms with their bodies decoded, 1 ms without. */
const STEP_ROWS_MAX = 128;

/** Reads the next rows beyond a ROWID, in the direction of the scan; fewer than `limit` only at the end. */
export type ReadPrints<Print> = (rowid: bigint, limit: number) => readonly Print[];

/** A page of prints: as many as asked for, unless time is up before. */
export function readPrints<Print extends { readonly rowid: bigint }>(
  view: PageView,
  request: PrintRequest,
  read: ReadPrints<Print>,
): PrintPage<Print> {
  const prints: Print[] = [];
  let { rowid } = request;
  let isEnd = false;
  while (!isEnd && prints.length < request.limit) {
    const limit = Math.min(STEP_ROWS_MAX, request.limit - prints.length);
    const found = read(rowid, limit);
    prints.push(...found);
    rowid = found.at(-1)?.rowid ?? rowid;
    isEnd = found.length < limit;
    if (view.budget.isSpent) break;
  }
  const { databaseUid, headRowid } = view.facts;
  return { prints, isEnd, databaseUid, headRowid };
}
