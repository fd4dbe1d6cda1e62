import type { EditState } from "./summary-info/edit-state.ts";
import type { PartEdit, UnsentPart } from "./summary-info/latest-change.ts";

/** What a change of a message's content was, as far as its row tells. */
export interface ContentChange {
  /**
   * The edits since the known state, in order, several of a part that was edited several times; where no state is known the parts that the
   * newest edit changed. At most 64, the first ones; texts cut at 65,536 units.
   */
  readonly edits: readonly PartEdit[];
  /** `date_edited`, nanoseconds since 1970; null where the row has none. */
  readonly editedAtUnixNs: bigint | null;
  /** Every part that has been taken back by now. */
  readonly unsent: readonly UnsentPart[];
  /**
   * Whether something was taken back since the known state; where no state is known whether the newest change may be an unsend: parts
   * are unsent, and no edit explains `date_edited`.
   */
  readonly isUnsend: boolean;
  /** Nothing is left of the message. */
  readonly isWhole: boolean;
  readonly editFailedParts: readonly number[];
  readonly unsendFailedParts: readonly number[];
  /** `orgid`: the guid before Messages gave the message another one. */
  readonly formerGuid: string | null;
  /**
   * What to know next time: the known state with what is new. Null where none was known and the row does not say: its summary was left
   * out, or cannot be read.
   */
  readonly state: EditState | null;
  /** The row is older than the known state: it lacks edits or unsends that the caller knows. */
  readonly isOutdated: boolean;
}
