import type { ScanRange, ScanReason } from "../changes/scan-plan.ts";
import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";

/** Prints of one table as a page read them: all rows with `range.after` < ROWID ≤ `through` that were there then, rising. */
interface TablePage<Table extends string, Print> {
  readonly table: Table;
  /** The very object that {@link ScanRecorder.nextScanRange} gave: a page of a range that was planned anew since is stale. */
  readonly range: ScanRange;
  readonly prints: readonly Print[];
  /** Undefined: to the end of the range. A known row in between that has no print here may be gone. */
  readonly through: bigint | undefined;
  /** Whose rows they are. */
  readonly databaseUid: string;
}

/**
 * A page of a scan. It is older than the moment it is recorded at: the rows may have changed since, and live capture may know.
 * So a print in it is never news by itself, only a reason to look the row up.
 */
export type ScanPage =
  | TablePage<"message", MessagePrint>
  | TablePage<"chat", ChatPrint>
  | TablePage<"attachment", AttachmentPrint>;

/** What became of a page. */
export type ScanPageOutcome =
  /**
   * Recorded; the next range begins where it ended, unless there is a `rest`: then the time for one step was up, and the
   * rest (with the range as it is now) is to be recorded after a turn of the event loop. `changes` were found.
   */
  | { readonly kind: "recorded"; readonly changes: number; readonly rest: ScanPage | undefined }
  /** Nothing was recorded: the range is not the one that is looked through now, or another database took the place. */
  | { readonly kind: "stale" };

/**
 * The owner of prints and of the plan what to look through (port); changes/ implements it. Called by the {@link Scanner}
 * alone, one call at a time.
 */
export interface ScanRecorder {
  /** What to look through next; undefined when nothing is owed. Asked before each page and whenever the scanner is woken; cheap. */
  nextScanRange(): ScanRange | undefined;
  /**
   * Records a page in one ledger transaction, together with how far the scan has come. Rules:
   * - a row whose print is the known one: nothing
   * - a baseline's row that is not known, up to the baseline's head: its print is kept, silently; but a row on a leaf that was
   *   written since the page was asked for is looked up, since it may be gone again and capture, which did not know it, could
   *   not tell
   * - any other row that is not known or whose print differs, and a known row that the page lacks: looked up afresh, as a
   *   candidate of capture is, and told if it did change
   *
   * Synchronous, up to 20 ms. Throws ChatDbError when chat.db cannot be read and LedgerError, both with nothing recorded:
   * the page is read again after a while; "corrupt" ends the scanner.
   */
  recordScanPage(page: ScanPage): ScanPageOutcome;
  /** Plans a look through everything, in case something was missed unnoticed. Asked only when nothing is owed. */
  reconcile(): void;
}

/** What a scanner counts (port). Must not throw. */
export interface ScanCounters {
  /** A range of a reason comes up that none of this scan had before. */
  begun(reason: ScanReason): void;
}
