import type { PartEdit, UnsentPart } from "./summary-info/latest-change.ts";

/** What a change of a message's content was, as far as its row tells. */
export interface ContentChange {
  /** The parts that the newest edit changed; empty when the newest change is none. At most 64, texts cut at 65,536 units. */
  readonly edits: readonly PartEdit[];
  /** `date_edited`, nanoseconds since 1970; null where the row has none. */
  readonly editedAtUnixNs: bigint | null;
  /** Every part that has been taken back by now. */
  readonly unsent: readonly UnsentPart[];
  /** Whether the newest change may be an unsend: parts are unsent, and no edit explains `date_edited`. */
  readonly isUnsend: boolean;
  /** Nothing is left of the message. */
  readonly isWhole: boolean;
  readonly editFailedParts: readonly number[];
  readonly unsendFailedParts: readonly number[];
  /** `orgid`: the guid before Messages gave the message another one. */
  readonly formerGuid: string | null;
}
