import { personKeyOf } from "@imesh/imessage-model";
import type { DecodedRow, GroupChange } from "../decoded-row.ts";
import { personOf } from "../person.ts";
import { associatedTargetOf } from "./associated-guid.ts";
import { cutText } from "./cut-text.ts";
import type { NamedRow } from "./named-row.ts";
import { unsupported } from "./outcomes.ts";

/** Messages ends far below. */
const GROUP_NAME_UNITS_MAX = 1_024;

/** What a row with an `item_type` other than 0 is: a line of the transcript that nobody typed. */
export function decodeSystemRow(named: NamedRow): DecodedRow {
  const { row, guid, facts } = named;
  switch (row.itemType) {
    case 1:
      return { kind: "group-change", ...facts, guid, change: participantChange(named) };
    case 2:
      return { kind: "group-change", ...facts, guid, change: nameChange(row.groupTitle ?? "") };
    case 3:
      return { kind: "group-change", ...facts, guid, change: { kind: groupAction(row.groupActionType) } };
    case 4:
      return { kind: "location-share", ...facts, guid, isStarted: row.shareStatus === 0 };
    case 5:
      return decodeMessageAction(named);
    case 6:
      return { kind: "call", ...facts, guid };
    default:
      return unsupported(named, "system");
  }
}

function participantChange({ row }: NamedRow): GroupChange {
  const { groupActionType, otherHandle, sender } = row;
  if (groupActionType !== 0 && groupActionType !== 1) {
    return { kind: "other" };
  }
  const isOneself =
    !row.isFromMe &&
    sender !== null &&
    otherHandle !== null &&
    personKeyOf(sender.address) === personKeyOf(otherHandle.address);
  if (groupActionType === 0 && isOneself) {
    return { kind: "address-changed" };
  }
  return {
    kind: groupActionType === 0 ? "participant-added" : "participant-removed",
    participant: otherHandle === null ? null : personOf(otherHandle),
  };
}

function nameChange(name: string): GroupChange {
  return name === ""
    ? { kind: "name-removed" }
    : { kind: "renamed", name: cutText(name, GROUP_NAME_UNITS_MAX) };
}

type GroupAction = Exclude<GroupChange["kind"], "participant-added" | "participant-removed" | "renamed">;

function groupAction(type: number): GroupAction {
  switch (type) {
    case 0:
      return "participant-left";
    case 1:
      return "photo-changed";
    case 2:
      return "photo-removed";
    case 4:
      return "background-changed";
    case 6:
      return "background-removed";
    default:
      return "other";
  }
}

// 1 is the only action that is known; systems without the column had no other.
function decodeMessageAction(named: NamedRow): DecodedRow {
  const { row, guid, facts } = named;
  if (row.messageActionType !== 0 && row.messageActionType !== 1) {
    return unsupported(named, "system");
  }
  const targetGuid = associatedTargetOf(row.associatedMessageGuid)?.guid ?? null;
  return { kind: "kept-audio", ...facts, guid, targetGuid };
}
