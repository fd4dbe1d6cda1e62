import { type GroupChange, GroupChangeKind } from "@imesh/contracts/bridge/v1/event";
import type { DecodedGroupChange } from "@imesh/imessage-codec";
import type { EventRoom } from "./event-room.ts";
import { authorToWire, optionalPersonToWire } from "./person-wire.ts";

/** Longest name of a group in UTF-16 units; the rest is cut off. */
const NAME_UNITS_MAX = 1_024;

/** A line that says how a group changed. */
export function groupChangeToWire(line: DecodedGroupChange, room: EventRoom): GroupChange {
  const { change } = line;
  return {
    guid: room.id(line.guid),
    ...authorToWire(line, room),
    kind: KINDS[change.kind],
    participant: "participant" in change ? optionalPersonToWire(change.participant, room) : undefined,
    name: "name" in change ? room.text(change.name, NAME_UNITS_MAX) : "",
  };
}

const KINDS: Readonly<Record<DecodedGroupChange["change"]["kind"], GroupChangeKind>> = {
  "participant-added": GroupChangeKind.PARTICIPANT_ADDED,
  "participant-removed": GroupChangeKind.PARTICIPANT_REMOVED,
  "participant-left": GroupChangeKind.PARTICIPANT_LEFT,
  "address-changed": GroupChangeKind.ADDRESS_CHANGED,
  renamed: GroupChangeKind.RENAMED,
  "name-removed": GroupChangeKind.NAME_REMOVED,
  "photo-changed": GroupChangeKind.PHOTO_CHANGED,
  "photo-removed": GroupChangeKind.PHOTO_REMOVED,
  "background-changed": GroupChangeKind.BACKGROUND_CHANGED,
  "background-removed": GroupChangeKind.BACKGROUND_REMOVED,
  other: GroupChangeKind.UNSPECIFIED,
};
