import type { MessageRow } from "@imesh/imessage-model";
import { PropertyListError } from "../property-list/property-list-error.ts";
import { decodeSummaryInfo } from "../summary-info/decode-summary-info.ts";
import type { SummaryInfo } from "../summary-info/summary-info.ts";

/** `message_summary_info`; null where the row has none, or one that is no property list: nothing else of a row depends on it. */
export function summaryOfRow(row: Pick<MessageRow, "messageSummaryInfo">): SummaryInfo | null {
  const { messageSummaryInfo } = row;
  if (messageSummaryInfo === null || messageSummaryInfo.length === 0) {
    return null;
  }
  try {
    return decodeSummaryInfo(messageSummaryInfo);
  } catch (error) {
    if (!(error instanceof PropertyListError)) {
      throw error;
    }
    return null;
  }
}
