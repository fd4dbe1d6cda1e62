import {
  type Deletion,
  DeletionState,
  type Edit,
  Message,
  type MessageUpdate,
  MessageUpdateReason,
  type Receipt,
  ReceiptKind,
  type ScheduledMessage,
  type Unsend,
  type PartEdit as WirePartEdit,
  ScheduleState as WireScheduleState,
} from "@imesh/contracts/bridge/v1/event";
import type { PartEdit } from "@imesh/imessage-codec";
import type {
  DeletionFacts,
  EditFacts,
  MessageUpdateFacts,
  ReceiptFacts,
  ScheduledMessageFacts,
  ScheduleState,
  UnsendFacts,
} from "../journal/event-payload.ts";
import type { EventRoom } from "./event-room.ts";
import { messageToWire } from "./message-wire.ts";
import { authorToWire, DIRECTIONS } from "./person-wire.ts";
import { optionalTimestampOf } from "./timestamp.ts";
import { optionalPartIndexOf, partIndexesOf } from "./wire-number.ts";

const PARTS_MAX = 64;
const PART_TEXT_UNITS_MAX = 65_536;

/** What the author changed. What changed comes first in the room: the message can be had from lock-broker. */
export function editToWire(edit: EditFacts, room: EventRoom): Edit {
  return {
    parts: room.list(edit.edits, PARTS_MAX, (part) => partEditToWire(part, room)),
    message: messageToWire(edit.message, room),
    editTime: optionalTimestampOf(edit.editedAtUnixNs),
    failedParts: partIndexesOf(edit.failedParts),
  };
}

/** What the author took back. */
export function unsendToWire(unsend: UnsendFacts, room: EventRoom): Unsend {
  return {
    guid: room.id(unsend.guid),
    ...authorToWire(unsend, room),
    parts: partIndexesOf(unsend.parts),
    isWhole: unsend.isWhole,
    message: unsend.message === null ? undefined : messageToWire(unsend.message, room),
    failedParts: partIndexesOf(unsend.failedParts),
  };
}

/** A receipt. */
export function receiptToWire(receipt: ReceiptFacts, room: EventRoom): Receipt {
  return {
    guid: room.id(receipt.guid),
    direction: DIRECTIONS[receipt.direction],
    kind: receipt.receipt === "read" ? ReceiptKind.READ : ReceiptKind.PLAYED,
    time: optionalTimestampOf(receipt.atUnixNs),
  };
}

/** What becomes of a message to be sent later. */
export function scheduledMessageToWire(facts: ScheduledMessageFacts, room: EventRoom): ScheduledMessage {
  const { message } = facts;
  return {
    message:
      message === null ? Message.fromPartial({ guid: room.id(facts.guid) }) : messageToWire(message, room),
    state: SCHEDULE_STATES[facts.state],
    sendTime: optionalTimestampOf(facts.sendAtUnixNs),
  };
}

/** Where a deleted message is. */
export function deletionToWire(deletion: DeletionFacts, room: EventRoom): Deletion {
  return { guid: room.id(deletion.guid), state: DELETION_STATES[deletion.state] };
}

/** What changed without the author. */
export function messageUpdateToWire(update: MessageUpdateFacts, room: EventRoom): MessageUpdate {
  return {
    formerGuid: room.id(update.formerGuid),
    message: messageToWire(update.message, room),
    reason: UPDATE_REASONS[update.reason],
  };
}

function partEditToWire({ part, before, after }: PartEdit, room: EventRoom): WirePartEdit | undefined {
  const index = optionalPartIndexOf(part);
  if (index === undefined) return undefined;
  const newText = room.whole(after, PART_TEXT_UNITS_MAX);
  return { part: index, oldText: room.whole(before, PART_TEXT_UNITS_MAX), newText };
}

const SCHEDULE_STATES: Readonly<Record<ScheduleState, WireScheduleState>> = {
  scheduled: WireScheduleState.SCHEDULED,
  sent: WireScheduleState.SENT,
  cancelled: WireScheduleState.CANCELLED,
};

const DELETION_STATES: Readonly<Record<DeletionFacts["state"], DeletionState>> = {
  "recently-deleted": DeletionState.RECENTLY_DELETED,
  recovered: DeletionState.RECOVERED,
  deleted: DeletionState.DELETED,
};

const UPDATE_REASONS: Readonly<Record<MessageUpdateFacts["reason"], MessageUpdateReason>> = {
  content: MessageUpdateReason.CONTENT,
  corrected: MessageUpdateReason.CORRECTED,
  chats: MessageUpdateReason.CHATS,
  attachments: MessageUpdateReason.ATTACHMENTS,
  guid: MessageUpdateReason.GUID,
};
