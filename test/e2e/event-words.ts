/** Typed events as lines that tests compare. */
import { AttachmentState, DetectedKind, TextStyle } from "@imesh/contracts/bridge/v1/content";
import {
  AttachmentUpdateReason,
  ChatUpdateReason,
  DeletionState,
  Direction,
  type Event,
  GroupChangeKind,
  type Message,
  MessageUpdateReason,
  ReactionAction,
  ReactionKind,
  ReceiptKind,
  ScheduleState,
} from "@imesh/contracts/bridge/v1/event";

/** One line an event, without what differs from run to run. */
export function lineOf({ payload }: Event): string {
  switch (payload?.$case) {
    case "message":
      return `message ${messageWords(payload.value)}`;
    case "edit": {
      const { parts, message } = payload.value;
      const changes = parts.map(({ part, oldText, newText }) => `${part}: ${oldText} > ${newText}`);
      return `edit ${changes.join(", ")}; now ${message?.text}`;
    }
    case "unsend": {
      const { parts, isWhole, message } = payload.value;
      return `unsend ${parts.join(",")}${isWhole ? " whole" : ` leaves ${message?.text}`}`;
    }
    case "reaction": {
      const { action, kind, emoji, targetPart, direction } = payload.value;
      const what = `${nameOf(ReactionAction, action)} ${nameOf(ReactionKind, kind)}${emoji}`;
      return `reaction ${nameOf(Direction, direction)} ${what} on ${targetPart}`;
    }
    case "receipt":
      return `receipt ${nameOf(Direction, payload.value.direction)} ${nameOf(ReceiptKind, payload.value.kind)}`;
    case "groupChange": {
      const { kind, name, participant, direction } = payload.value;
      const who = participant === undefined ? "" : ` ${participant.personKey}`;
      return `group ${nameOf(Direction, direction)} ${nameOf(GroupChangeKind, kind)}${who} ${name}`.trim();
    }
    case "locationShare":
      return `location ${payload.value.isStarted ? "started" : "ended"}`;
    case "pollVote":
      return `vote for ${payload.value.optionIds.length}`;
    case "pollUpdate":
      return `poll ${payload.value.poll?.options.map(({ text }) => text).join(", ")}`;
    case "scheduledMessage": {
      const { state, message, sendTime } = payload.value;
      const time = sendTime === undefined ? "" : " at a time";
      return `scheduled ${nameOf(ScheduleState, state)} ${message?.text ?? ""}${time}`.trim();
    }
    case "deletion":
      return `deletion ${nameOf(DeletionState, payload.value.state)}`;
    case "messageUpdate": {
      const { reason, message } = payload.value;
      return `update ${nameOf(MessageUpdateReason, reason)} ${message === undefined ? "" : messageWords(message)}`;
    }
    case "attachmentUpdate": {
      const { reason, attachment } = payload.value;
      const state = nameOf(AttachmentState, attachment?.state ?? 0);
      return `attachment ${nameOf(AttachmentUpdateReason, reason)} ${state}`;
    }
    case "chatUpdate":
      return `chat ${nameOf(ChatUpdateReason, payload.value.reason)}`;
    case "messageStatus":
      return `status ${payload.value.state}`;
    case "undecodable":
      return `undecodable ${payload.value.reason}`;
    case "unsupported":
      return `unsupported ${payload.value.what}`;
    default:
      return String(payload?.$case);
  }
}

function messageWords(message: Message): string {
  const words = [nameOf(Direction, message.direction), JSON.stringify(message.text)];
  if (message.subject !== "") words.push(`subject ${message.subject}`);
  if (message.replyToGuid !== "") words.push(`reply to part ${message.replyToPart}`);
  if (message.effectId !== "") words.push(message.effectId.split(".").at(-1) ?? "");
  for (const { start, length, kind } of message.entities) {
    const range = JSON.stringify(message.text.slice(start, start + length));
    switch (kind?.$case) {
      case "style":
        words.push(`${nameOf(TextStyle, kind.value)} ${range}`);
        break;
      case "detected":
        words.push(`${nameOf(DetectedKind, kind.value)} ${range}`);
        break;
      case "attachmentGuid":
        words.push(`picture at ${start}`);
        break;
      default:
        words.push(`${kind?.$case} ${range} ${kind?.value}`);
    }
  }
  for (const { state, transcript, description } of message.attachments)
    words.push(`file ${nameOf(AttachmentState, state)}${description}${transcript}`);
  const { balloon, textReaction } = message;
  switch (balloon?.content?.$case) {
    case "link":
      words.push(`preview of ${balloon.content.value.url}`);
      break;
    case "app":
      words.push(`${balloon.content.value.kind}: ${balloon.content.value.captions.join("|")}`);
      break;
    case "poll":
      words.push(`poll ${balloon.content.value.options.map(({ text }) => text).join(", ")}`);
      break;
    case "opaque":
      words.push(balloon.content.value.kind);
      break;
    default:
  }
  if (message.isAudio) words.push("audio");
  if (message.isAutoReply) words.push("automatic");
  if (textReaction !== undefined) words.push(`reads like ${nameOf(ReactionKind, textReaction.kind)}`);
  if (message.unsentParts.length > 0) words.push(`without ${message.unsentParts.join(",")}`);
  return words.join(" ");
}

function nameOf(names: Readonly<Record<string, number | string>>, value: number): string {
  return (Object.entries(names).find(([, number]) => number === value)?.[0] ?? String(value)).toLowerCase();
}
