import { appleTimeToUnixNs, isMessageGuid, type MessageRow } from "@imesh/imessage-model";
import type { ContentChange } from "./content-change.ts";
import { PARTS_MAX } from "./decoded-row.ts";
import { canBeMessage } from "./row/associated-row.ts";
import { cutText } from "./row/cut-text.ts";
import { readRowContent } from "./row/row-content.ts";
import { summaryOfRow } from "./row/summary-of-row.ts";
import { isWhollyUnsent } from "./row/whole-unsend.ts";
import { type EditState, editStateOf, stateAfter, UNCHANGED } from "./summary-info/edit-state.ts";
import { latestChange, type PartEdit, unsentPartsOf } from "./summary-info/latest-change.ts";
import type { SummaryInfo } from "./summary-info/summary-info.ts";

/** Messages allows five edits of a part, and has few parts. */
const EDITS_MAX = 64;
const EDIT_UNITS_MAX = 65_536;
/** Of all edits together: a summary can name one long body for every version of every part. */
const EDITS_UNITS_MAX = 524_288;

/**
 * What a row says about the change of its content: what is new since `known`, the state that the caller found in the row before, or,
 * with null, the newest change by `message_summary_info` and `date_edited` (latestChange). Total: never throws (I9), takes time linear
 * in the row's bytes. A summary that is not there, was left out by the broker or cannot be read says nothing.
 */
export function decodeContentChange(row: MessageRow, known: EditState | null = null): ContentChange {
  const editedAtUnixNs = appleTimeToUnixNs(row.dateEdited);
  try {
    return { ...changeIn(row, summaryOfRow(row), known), editedAtUnixNs };
  } catch {
    // A defect of ours, as in decodeMessageRow(), which has the same row before it and says so.
    return { ...NOTHING, editedAtUnixNs, state: known };
  }
}

type Change = Omit<ContentChange, "editedAtUnixNs">;

const NOTHING: Change = {
  edits: [],
  unsent: [],
  isUnsend: false,
  isWhole: false,
  editFailedParts: [],
  unsendFailedParts: [],
  formerGuid: null,
  state: null,
  isOutdated: false,
};

function changeIn(row: MessageRow, summary: SummaryInfo | null, known: EditState | null): Change {
  const isWhole = isWholeUnsend(row, summary);
  const isNewlyWhole = isWhole && known?.isWhole !== true;
  if (summary === null) {
    // Of what is gone as a whole nothing more can be told, whatever the column held.
    const isSaid = isWhole || !hasSummary(row);
    const said = isSaid ? stateAfter({ ...UNCHANGED, isWhole }, known) : { state: known };
    return { ...NOTHING, isUnsend: isNewlyWhole, isWhole, ...said };
  }
  const change = latestChange(summary, row.dateEdited, known);
  const { formerGuid } = summary;
  return {
    edits: isWhole ? [] : boundedEdits(change.edited),
    unsent: unsentPartsOf(summary).slice(0, PARTS_MAX),
    isUnsend: isWhole ? isNewlyWhole : change.unsent.length > 0,
    isWhole,
    editFailedParts: summary.editFailedParts.slice(0, PARTS_MAX),
    unsendFailedParts: summary.unsendFailedParts.slice(0, PARTS_MAX),
    formerGuid: formerGuid !== null && isMessageGuid(formerGuid) ? formerGuid : null,
    ...stateAfter(editStateOf(summary, isWhole), known),
  };
}

/** Whether the column holds something, or may: of a row that was too large the broker leaves all of them out. */
function hasSummary({ messageSummaryInfo, isOversized }: MessageRow): boolean {
  return isOversized || (messageSummaryInfo !== null && messageSummaryInfo.length !== 0);
}

// The body is only read where it can matter.
function isWholeUnsend(row: MessageRow, summary: SummaryInfo | null): boolean {
  const isPossible = row.isEmpty || (summary?.unsentParts.length ?? 0) > 0;
  return canBeMessage(row) && isPossible && isWhollyUnsent(row, readRowContent(row), summary);
}

function boundedEdits(edits: readonly PartEdit[]): readonly PartEdit[] {
  let unitsLeft = EDITS_UNITS_MAX;
  const cut = (text: string | null): string | null => {
    const kept = text === null ? null : cutText(text, Math.min(EDIT_UNITS_MAX, unitsLeft));
    unitsLeft -= kept?.length ?? 0;
    return kept;
  };
  return edits.slice(0, EDITS_MAX).map(({ part, before, after }) => {
    return { part, before: cut(before), after: cut(after) };
  });
}
