import { unreachable } from "@imesh/flow";
import type { ScanRange } from "../changes/scan-plan.ts";
import type { PrintPage, PrintReads, PrintRequest } from "../reads/reads.ts";
import type { ScanPage } from "./scans.ts";

/**
 * Reads the first page of a range, at most `rowsMax` rows. Bodies are decoded for a baseline alone: it keeps what it reads, while
 * other scans compare, and equal bytes are equal bodies. Rejects as {@link PrintReads} does, and with {@link ScanStalledError}
 * when the page has no rows and is not the last.
 */
export async function readScanPage(
  reads: PrintReads,
  range: ScanRange,
  rowsMax: number,
  signal: AbortSignal,
): Promise<ScanPage> {
  const { table } = range;
  const request: PrintRequest = {
    rowid: range.after,
    limit: rowsMax,
    content: range.reason === "baseline",
  };
  switch (table) {
    case "message":
      return { table, range, ...cut(range, await reads.messagePrintsAfter(request, signal)) };
    case "chat":
      return { table, range, ...cut(range, await reads.chatPrintsAfter(request, signal)) };
    case "attachment":
      return { table, range, ...cut(range, await reads.attachmentPrintsAfter(request, signal)) };
    default:
      return unreachable(table);
  }
}

/** What of a page lies in the range, and how far the range is then looked through. */
function cut<Print extends { readonly rowid: bigint }>(
  range: ScanRange,
  { prints, isEnd, databaseUid }: PrintPage<Print>,
): Pick<ScanPage, "through" | "databaseUid"> & { readonly prints: readonly Print[] } {
  const last = prints.at(-1)?.rowid;
  if (last === undefined && !isEnd) throw new ScanStalledError("empty-page", range.table);
  const end = range.through;
  const isWhole = isEnd || (end !== undefined && last !== undefined && last >= end);
  const inside = end === undefined ? prints : prints.filter(({ rowid }) => rowid <= end);
  return { prints: inside, through: isWhole ? undefined : last, databaseUid };
}

/**
 * Why a scan does not come on; worth another try after a while.
 * - empty-page: a page took all its time and read no row
 * - refused: the recorder does not take pages of the database that is read now; it has not met it yet
 */
export type ScanStall = "empty-page" | "refused";

/** A scan does not come on. Nothing is lost: it goes on where it was. */
export class ScanStalledError extends Error {
  override readonly name = "ScanStalledError";
  readonly code: ScanStall;

  constructor(code: ScanStall, table: string) {
    super(`Cannot scan table: ${table} (${code})`);
    this.code = code;
  }
}
