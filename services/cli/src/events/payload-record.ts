import {
  AttachmentUpdateReason,
  type ChatUpdate,
  ChatUpdateReason,
  DeletionState,
  type Direction,
  type Edit,
  type Event,
  type GroupChange,
  GroupChangeKind,
  MessageUpdateReason,
  type Reaction,
  ReactionAction,
  ReactionKind,
  ReceiptKind,
  ScheduleState,
  type Sender,
  type Unsend,
} from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import { senderRecord } from "./chat-record.ts";
import { commandRecord } from "./command-record.ts";
import { attachmentRecord, pollRecord } from "./content-record.ts";
import { enumWord } from "./enum-word.ts";
import { deliveryWord, directionWord } from "./event-words.ts";
import { type JsonRecord, rfc3339Of } from "./json-record.ts";
import { messageRecord } from "./message-record.ts";

/** What happened, as `--json` prints it, and the key under which it stands. */
export interface PayloadRecord {
  readonly kind: string;
  readonly value: JsonRecord | null;
}

/** The payload of an event with all of its keys. */
export function payloadRecord({ payload }: Event): PayloadRecord {
  return payload === undefined
    ? { kind: "unknown", value: null }
    : { kind: payload.$case, value: valueRecord(payload) };
}

function valueRecord(payload: NonNullable<Event["payload"]>): JsonRecord | null {
  switch (payload.$case) {
    case "message":
      return messageRecord(payload.value);
    case "messageStatus": {
      const { guid, state, error, requestId } = payload.value;
      return { guid, state: deliveryWord(state), error, requestId };
    }
    case "command":
      return commandRecord(payload.value);
    case "unsupported": {
      const { guid, what, direction } = payload.value;
      return { guid, what, direction: directionWord(direction) };
    }
    case "undecodable": {
      const { guid, reason, bodySha256, bodyBytes, plainText } = payload.value;
      return { guid, reason, bodySha256, bodyBytes, plainText };
    }
    case "edit":
      return editRecord(payload.value);
    case "unsend":
      return unsendRecord(payload.value);
    case "reaction":
      return reactionRecord(payload.value);
    case "receipt": {
      const { guid, direction, kind, time } = payload.value;
      const facts = { guid, direction: directionWord(direction), kind: enumWord(ReceiptKind, kind) };
      return { ...facts, time: rfc3339Of(time) };
    }
    case "groupChange":
      return groupChangeRecord(payload.value);
    case "locationShare":
      return { ...authorship(payload.value), isStarted: payload.value.isStarted };
    case "keptAudio":
      return { ...authorship(payload.value), targetGuid: payload.value.targetGuid };
    case "call":
      return authorship(payload.value);
    case "pollVote": {
      const { pollGuid, optionIds } = payload.value;
      return { ...authorship(payload.value), pollGuid, optionIds };
    }
    case "pollUpdate": {
      const { pollGuid, poll } = payload.value;
      return { ...authorship(payload.value), pollGuid, poll: pollRecord(poll) };
    }
    case "scheduledMessage": {
      const { message, state, sendTime } = payload.value;
      const facts = { state: enumWord(ScheduleState, state), sendTime: rfc3339Of(sendTime) };
      return { message: messageRecord(message), ...facts };
    }
    case "deletion":
      return { guid: payload.value.guid, state: enumWord(DeletionState, payload.value.state) };
    case "messageUpdate": {
      const { message, reason, formerGuid } = payload.value;
      const facts = { reason: enumWord(MessageUpdateReason, reason), formerGuid };
      return { message: messageRecord(message), ...facts };
    }
    case "attachmentUpdate": {
      const { messageGuid, attachment, reason } = payload.value;
      const facts = { messageGuid, attachment: attachmentRecord(attachment) };
      return { ...facts, reason: enumWord(AttachmentUpdateReason, reason) };
    }
    case "chatUpdate":
      return chatUpdateRecord(payload.value);
    default:
      return unreachable(payload);
  }
}

interface Authored {
  readonly guid: string;
  readonly direction: Direction;
  readonly sender?: Sender | undefined;
}

function authorship({ guid, direction, sender }: Authored): JsonRecord {
  return { guid, direction: directionWord(direction), sender: senderRecord(sender) };
}

function editRecord({ message, parts, editTime, failedParts }: Edit): JsonRecord {
  return {
    message: messageRecord(message),
    parts: parts.map(({ part, oldText, newText }) => ({
      part,
      oldText: oldText ?? null,
      newText: newText ?? null,
    })),
    editTime: rfc3339Of(editTime),
    failedParts,
  };
}

function unsendRecord(unsend: Unsend): JsonRecord {
  const { parts, isWhole, message, failedParts } = unsend;
  return { ...authorship(unsend), parts, isWhole, message: messageRecord(message), failedParts };
}

function reactionRecord(reaction: Reaction): JsonRecord {
  return {
    ...authorship(reaction),
    action: enumWord(ReactionAction, reaction.action),
    kind: enumWord(ReactionKind, reaction.kind),
    emoji: reaction.emoji,
    sticker: attachmentRecord(reaction.sticker),
    targetGuid: reaction.targetGuid,
    targetPart: reaction.targetPart ?? null,
    quotedText: reaction.quotedText,
    replacedGuid: reaction.replacedGuid,
  };
}

function groupChangeRecord(change: GroupChange): JsonRecord {
  return {
    ...authorship(change),
    kind: enumWord(GroupChangeKind, change.kind),
    participant: senderRecord(change.participant),
    name: change.name,
  };
}

function chatUpdateRecord(update: ChatUpdate): JsonRecord {
  const { reason, participants, ...facts } = update;
  return {
    reason: enumWord(ChatUpdateReason, reason),
    participants: participants.map(senderRecord),
    ...facts,
  };
}
