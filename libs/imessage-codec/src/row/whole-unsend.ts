import type { MessageRow } from "@imesh/imessage-model";
import type { SummaryInfo } from "../summary-info/summary-info.ts";
import type { RowContent } from "./row-content.ts";

/**
 * Whether the row says that all of the message was taken back: nothing is left of its text, and either the summary says so of every part
 * (docs/chat-db.md §11), or the row is marked empty and was changed. Attachments and a balloon may stay in the database, and say nothing. A row
 * that is only marked empty, without a part, is unsent if there is nothing else in it either.
 */
export function isWhollyUnsent(row: MessageRow, content: RowContent, summary: SummaryInfo | null): boolean {
  if (content.storedText !== "") {
    return false;
  }
  if (row.isEmpty && (hasDate(row.dateEdited) || hasDate(row.dateRetracted))) {
    return true;
  }
  if (content.bodyFault !== null) {
    return false;
  }
  return (
    (row.isEmpty && row.partCount === 0 && isBare(row)) || (summary !== null && isEveryPartUnsent(summary))
  );
}

/** Whether a column holds a date; 0 and NULL are none. */
export function hasDate(value: bigint | null): boolean {
  return value !== null && value !== 0n;
}

function isBare(row: MessageRow): boolean {
  const { attachments, cacheHasAttachments, isAudioMessage, payloadData } = row;
  const hasColumn = Boolean(row.subject) || Boolean(row.balloonBundleId) || Boolean(payloadData?.length);
  return !hasColumn && !cacheHasAttachments && !isAudioMessage && attachments.length === 0;
}

function isEveryPartUnsent({ unsentParts, originalRanges }: SummaryInfo): boolean {
  const unsent = new Set(unsentParts);
  return unsent.size > 0 && [...originalRanges.keys()].every((part) => unsent.has(part));
}
