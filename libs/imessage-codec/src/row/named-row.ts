import type { MessageGuid, MessageRow } from "@imesh/imessage-model";
import type { RowFacts } from "../decoded-row.ts";

/** A row whose guid is one, with what is known of every row. */
export interface NamedRow {
  readonly row: MessageRow;
  readonly guid: MessageGuid;
  readonly facts: RowFacts;
}
