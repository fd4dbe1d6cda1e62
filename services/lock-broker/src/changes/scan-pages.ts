import { unreachable } from "@imesh/flow";
import type { AttachmentPrint, ChatPrint, MessagePrint } from "../rows/prints.ts";
import type { ScanPage } from "../scans/scans.ts";
import type { KnownMessage } from "./known-rows.ts";
import type { SliceParts } from "./look-up-some.ts";
import { unpackAttachment, unpackChat } from "./print-bytes.ts";
import type { PackedPrint } from "./print-table.ts";

/** Known rows taken into one comparison; when a span has more, they are gone, and the rest comes with the next page. */
const KNOWN_ROWS_MAX = 2_048;

/** End of every range. */
const ROWID_MAX = 2n ** 63n - 1n;

/** How far a page was recorded. */
export interface PageProgress {
  /** Up to here everything was looked through; undefined: to the end of the range. */
  readonly through: bigint | undefined;
  /** What is left of the page for the next step; undefined when nothing is. */
  readonly rest: ScanPage | undefined;
}

/**
 * Compares a page with what is known, row by row in rising order, and has everything looked up afresh that differs: the page is
 * older than now. A baseline's rows that nobody knows are kept as they are, silently. `isTimeUp` is asked after each row.
 */
export function recordPage(page: ScanPage, parts: SliceParts): PageProgress {
  const { ledger } = parts;
  switch (page.table) {
    case "message": {
      lookUpWaiting(page, parts);
      const done = recordRows(page, page.prints, parts, {
        isSame: (known, print) => isSameMessage(ledger.unpackMessage(known).print, print),
        keep: (print) => ledger.putMessage(undefined, baselineMessage(print)),
      });
      return progress(done, { ...page, prints: page.prints.slice(done.prints) });
    }
    case "chat": {
      const done = recordRows(page, page.prints, parts, {
        isSame: ({ rowid, guid, bytes }, print) => isSameChat(unpackChat(rowid, guid, bytes).print, print),
        keep: (print) => ledger.putChat(undefined, { print }),
      });
      return progress(done, { ...page, prints: page.prints.slice(done.prints) });
    }
    case "attachment": {
      const done = recordRows(page, page.prints, parts, {
        isSame: ({ rowid, guid, bytes }, print) =>
          isSameAttachment(unpackAttachment(rowid, guid, bytes).print, print),
        keep: (print) => ledger.putAttachment(undefined, { print, isTold: true }),
      });
      return progress(done, { ...page, prints: page.prints.slice(done.prints) });
    }
    default:
      return unreachable(page);
  }
}

/** Waiting rows that are looked at before a page's rows are told; with more of them the oldest count. */
const WAITING_ROWS_MAX = 256;

/**
 * A page may show what capture has not read of yet, and by then rows before it may have got their chat: those are told first, or
 * a chat's messages would come out of order.
 */
function lookUpWaiting(page: Extract<ScanPage, { readonly table: "message" }>, parts: SliceParts): void {
  const { ledger, slice } = parts;
  const last = page.prints.at(-1)?.rowid ?? 0n;
  for (const rowid of ledger.waiting.lowest(WAITING_ROWS_MAX)) if (rowid < last) slice.row("message", rowid);
}

interface RowsDone {
  readonly through: bigint | undefined;
  readonly isWhole: boolean;
  /** How many. */
  readonly prints: number;
}

function progress({ through, isWhole }: RowsDone, rest: ScanPage): PageProgress {
  return { through, rest: isWhole ? undefined : rest };
}

interface PrintRules<Print> {
  isSame(known: PackedPrint, print: Print): boolean;
  /** Keeps a row of the baseline. */
  keep(print: Print): void;
}

function recordRows<Print extends { readonly rowid: bigint }>(
  { table, range, through }: ScanPage,
  prints: readonly Print[],
  { ledger, view, slice, isTimeUp }: SliceParts,
  rules: PrintRules<Print>,
): RowsDone {
  const pageEnd = through ?? range.through ?? ROWID_MAX;
  const knowns = ledger.tables[table].range(range.after, pageEnd, KNOWN_ROWS_MAX);
  const isCut = knowns.length === KNOWN_ROWS_MAX;
  const end = isCut ? (knowns.at(-1)?.rowid ?? pageEnd) : pageEnd;
  const baselineRowid = ledger.store.scan.baseline?.[table] ?? 0n;
  let knownIndex = 0;
  let index = 0;
  for (;;) {
    const known = knowns[knownIndex];
    const next = prints[index];
    const seen = next !== undefined && next.rowid <= end ? next : undefined;
    const rowid = lower(known?.rowid, seen?.rowid);
    if (rowid === undefined) return { through: isCut ? end : through, isWhole: !isCut, prints: index };
    const isKnown = known?.rowid === rowid;
    const isSeen = seen?.rowid === rowid;
    if (isKnown) knownIndex += 1;
    if (isSeen) index += 1;
    if (!isSeen) {
      slice.row(table, rowid);
    } else if (isKnown) {
      if (!rules.isSame(known, seen)) slice.row(table, rowid);
    } else if (rowid > baselineRowid) {
      slice.row(table, rowid);
    } else if (view.reader.exists(table, rowid)) {
      // It may be gone since the page was read.
      slice.isWritten = true;
      rules.keep(seen);
    }
    if (isTimeUp()) return { through: rowid, isWhole: false, prints: index };
  }
}

function lower(left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined) return right;
  return right === undefined || left < right ? left : right;
}

function baselineMessage(print: MessagePrint): KnownMessage {
  const stage = print.isJoined || print.isRecoverable ? "told" : "unjoined";
  return { print, stage, sinceUnixMs: 0 };
}

/** Content is compared only where both have it: a page that just compares leaves bodies undecoded. */
function isSameMessage(known: MessagePrint, seen: MessagePrint): boolean {
  return (
    known.guid === seen.guid &&
    known.isJoined === seen.isJoined &&
    known.isRecoverable === seen.isRecoverable &&
    known.isFinished === seen.isFinished &&
    known.isFromMe === seen.isFromMe &&
    known.isOverflowing === seen.isOverflowing &&
    known.status === seen.status &&
    known.recordStatus === seen.recordStatus &&
    known.delivered === seen.delivered &&
    known.read === seen.read &&
    known.played === seen.played &&
    known.schedule === seen.schedule &&
    known.chats === seen.chats &&
    known.attachments === seen.attachments &&
    known.contentBytes === seen.contentBytes
  );
}

function isSameChat(known: ChatPrint, seen: ChatPrint): boolean {
  return (
    known.guid === seen.guid &&
    known.isOverflowing === seen.isOverflowing &&
    known.name === seen.name &&
    known.members === seen.members &&
    known.properties === seen.properties &&
    known.state === seen.state
  );
}

function isSameAttachment(known: AttachmentPrint, seen: AttachmentPrint): boolean {
  return (
    known.guid === seen.guid &&
    known.isOverflowing === seen.isOverflowing &&
    known.transferState === seen.transferState &&
    known.progress === seen.progress &&
    known.info === seen.info
  );
}
