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
import { formatLocalTime } from "../terminal/duration.ts";
import { chatName, type Described, news, quoted, shortGuid, whoIn } from "./described.ts";
import { enumWord } from "./enum-word.ts";
import { attachmentWords, messageFacts } from "./message-facts.ts";
import { unixNs } from "./unix-ns.ts";

/** An own message that waits, with its time; after a deletion nothing but its guid is left to tell. */
export function describeScheduledMessage(event: Event, scheduled: ScheduledMessage): Described {
  const { message, state } = scheduled;
  const fate = scheduleWords(scheduled);
  const facts = message === undefined ? [] : messageFacts(message);
  return {
    kind: "scheduled",
    tone: state === ScheduleState.CANCELLED ? "warning" : "accent",
    text: `${whoIn(event, { direction: Direction.OWN })}  ${message?.text || shortGuid(message?.guid ?? "")}`,
    facts: [fate, ...facts],
  };
}

function scheduleWords({ state, sendTime }: ScheduledMessage): string {
  const sendNs = unixNs(sendTime);
  switch (state) {
    case ScheduleState.SCHEDULED:
      return sendNs === undefined ? "scheduled" : `scheduled for ${formatLocalTime(sendNs)}`;
    case ScheduleState.SENT:
      return "being sent";
    case ScheduleState.CANCELLED:
      return "cancelled";
    default:
      return "scheduled";
  }
}

/** What changed about a message, and the message. */
export function describeMessageUpdate(
  event: Event,
  { message, reason, formerGuid }: MessageUpdate,
): Described {
  const text = message === undefined || message.text === "" ? "" : ` ${quoted(message.text)}`;
  const facts = message === undefined ? [] : messageFacts(message);
  const isSaid = message !== undefined && message.direction !== Direction.UNSPECIFIED;
  const where = isSaid ? whoIn(event, message) : chatName(event);
  return {
    kind: "update",
    tone: "dim",
    text: news(where, message?.guid ?? "", `${enumWord(MessageUpdateReason, reason)}${text}`),
    facts: formerGuid === "" ? facts : [`was ${shortGuid(formerGuid)}`, ...facts],
  };
}

/** What changed about an attachment, and the attachment. */
export function describeAttachmentUpdate(
  event: Event,
  { messageGuid, attachment, reason }: AttachmentUpdate,
): Described {
  const isGone = reason === AttachmentUpdateReason.DELETED;
  return {
    kind: "attachment",
    tone: reason === AttachmentUpdateReason.FAILED ? "warning" : "dim",
    text: news(chatName(event), attachment?.guid ?? "", enumWord(AttachmentUpdateReason, reason)),
    facts: [
      ...(attachment === undefined || isGone ? [] : [attachmentWords(attachment)]),
      ...(messageGuid === "" ? [] : [`of ${shortGuid(messageGuid)}`]),
    ],
  };
}

/** What changed about a chat, and how it is now. */
export function describeChatUpdate(event: Event, update: ChatUpdate): Described {
  const { reason, participants } = update;
  const addresses = participants.map(({ address }) => address).join(", ");
  // A chat without a name is called after its people, as in the list of chats.
  const people = event.chat?.displayName ? "" : addresses;
  const words = [
    people === "" && addresses !== "" && `with ${addresses}`,
    update.isMuted && "muted",
    update.isArchived && "archived",
    update.isFiltered && "filtered",
    !update.isJoined && "left",
    update.photoGuid !== "" && `photo ${shortGuid(update.photoGuid)}`,
    update.backgroundId !== "" && `background ${update.backgroundId}`,
  ];
  return {
    kind: "chat",
    tone: "dim",
    text: `${people || chatName(event)} ${enumWord(ChatUpdateReason, reason)}`,
    facts: reason === ChatUpdateReason.DELETED ? [] : words.filter((word) => word !== false),
  };
}
