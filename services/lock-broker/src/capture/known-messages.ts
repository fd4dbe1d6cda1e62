import type { MessageCell, MessageRecords } from "../rows/message-record.ts";

/** What is known of messages, to be compared with their records (port; changes/ answers). Synchronous; asks chat.db nothing. */
export interface KnownMessages {
  /** Another number whenever something that is known of any message has changed, or may have. */
  readonly version: number;
  /**
   * ROWIDs of those cells of one leaf (rising) that are not shown to look as they are known. Never leaves out a row that looks
   * otherwise; says so of one that looks the same when in doubt.
   */
  unlike(cells: readonly MessageCell[], records: MessageRecords): readonly bigint[];
}
