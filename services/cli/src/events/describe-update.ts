import {
  type AttachmentUpdate,
  AttachmentUpdateReason,
  type ChatUpdate,
  ChatUpdateReason,
  Direction,
  type Event,
  type MessageUpdate,
  MessageUpdateReason,
  type ScheduledMessage,
  ScheduleState,
} from "@imesh/contracts/bridge/v1/event";
import { chatName, type Described, quoted, whoIn } from "./described.ts";
import { enumWord } from "./enum-word.ts";
import { rfc3339Of } from "./json-record.ts";
import { attachmentWords, messageFacts } from "./message-facts.ts";

/** An own message that waits, with its time; after a deletion nothing but its guid is left to tell. */
export function describeScheduledMessage(event: Event, scheduled: ScheduledMessage): Described {
  const { message, state } = scheduled;
  const fate = scheduleWords(scheduled);
  const facts = message === undefined ? [] : messageFacts(message);
  return {
    kind: "scheduled",
    tone: state === ScheduleState.CANCELLED ? "warning" : "accent",
    text: `${whoIn(event, { direction: Direction.OWN })}  ${message?.text || (message?.guid ?? "")}`,
    facts: [fate, ...facts],
  };
}

function scheduleWords({ state, sendTime }: ScheduledMessage): string {
  switch (state) {
    case ScheduleState.SCHEDULED:
      return `scheduled for ${rfc3339Of(sendTime)?.replace(/\.\d+/, "") ?? "no time"}`;
    case ScheduleState.SENT:
      return "being sent";
    case ScheduleState.CANCELLED:
      return "cancelled";
    default:
      return "scheduled";
  }
}

/** What changed about a message, and the message. */
export function describeMessageUpdate({ message, reason, formerGuid }: MessageUpdate): Described {
  const text = message === undefined || message.text === "" ? "" : ` ${quoted(message.text)}`;
  const facts = message === undefined ? [] : messageFacts(message);
  return {
    kind: "update",
    tone: "dim",
    text: `${message?.guid ?? ""} ${enumWord(MessageUpdateReason, reason)}${text}`,
    facts: formerGuid === "" ? facts : [`was ${formerGuid}`, ...facts],
  };
}

/** What changed about an attachment, and the attachment. */
export function describeAttachmentUpdate({ messageGuid, attachment, reason }: AttachmentUpdate): Described {
  const isGone = reason === AttachmentUpdateReason.DELETED;
  return {
    kind: "attachment",
    tone: reason === AttachmentUpdateReason.FAILED ? "warning" : "dim",
    text: `${attachment?.guid ?? ""} ${enumWord(AttachmentUpdateReason, reason)}`,
    facts: [
      ...(attachment === undefined || isGone ? [] : [attachmentWords(attachment)]),
      ...(messageGuid === "" ? [] : [`of ${messageGuid}`]),
    ],
  };
}

/** What changed about a chat, and how it is now. */
export function describeChatUpdate(event: Event, update: ChatUpdate): Described {
  const { reason, participants } = update;
  const words = [
    participants.length > 0 && `with ${participants.map(({ address }) => address).join(", ")}`,
    update.isMuted && "muted",
    update.isArchived && "archived",
    update.isFiltered && "filtered",
    !update.isJoined && "left",
    update.photoGuid !== "" && `photo ${update.photoGuid}`,
    update.backgroundId !== "" && `background ${update.backgroundId}`,
  ];
  return {
    kind: "chat",
    tone: "dim",
    text: `${chatName(event)} ${enumWord(ChatUpdateReason, reason)}`,
    facts: reason === ChatUpdateReason.DELETED ? [] : words.filter((word) => word !== false),
  };
}
