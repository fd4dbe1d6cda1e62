import type { Command } from "@imesh/contracts/bridge/v1/command";
import {
  type Deletion,
  DeletionState,
  Direction,
  type Event,
  type Message,
  type MessageStatus,
  type Receipt,
  ReceiptKind,
} from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import { commandFailure, commandStateWord } from "./command-words.ts";
import {
  describeCall,
  describeEdit,
  describeGroupChange,
  describeKeptAudio,
  describeLocationShare,
  describePollUpdate,
  describePollVote,
  describeReaction,
  describeUnsend,
} from "./describe-deed.ts";
import {
  describeAttachmentUpdate,
  describeChatUpdate,
  describeMessageUpdate,
  describeScheduledMessage,
} from "./describe-update.ts";
import { chatName, type Described, news, toneOf, whoIn } from "./described.ts";
import { enumWord } from "./enum-word.ts";
import { deliveryWord } from "./event-words.ts";
import { messageFacts } from "./message-facts.ts";

/** An event in words, as `imesh tail` shows it. */
export function describeEvent(event: Event): Described {
  const { payload } = event;
  switch (payload?.$case) {
    case "message":
      return describeMessage(event, payload.value);
    case "messageStatus":
      return describeStatus(event, payload.value);
    case "command":
      return describeCommand(payload.value);
    case "unsupported":
      return describeUnread(event, "unsupported", payload.value.guid, payload.value.what);
    case "undecodable":
      return describeUnread(event, "undecodable", payload.value.guid, payload.value.reason);
    case "edit":
      return describeEdit(event, payload.value);
    case "unsend":
      return describeUnsend(event, payload.value);
    case "reaction":
      return describeReaction(event, payload.value);
    case "receipt":
      return describeReceipt(event, payload.value);
    case "groupChange":
      return describeGroupChange(event, payload.value);
    case "locationShare":
      return describeLocationShare(event, payload.value);
    case "keptAudio":
      return describeKeptAudio(event, payload.value);
    case "call":
      return describeCall(event, payload.value);
    case "pollVote":
      return describePollVote(event, payload.value);
    case "pollUpdate":
      return describePollUpdate(event, payload.value);
    case "scheduledMessage":
      return describeScheduledMessage(event, payload.value);
    case "deletion":
      return describeDeletion(event, payload.value);
    case "messageUpdate":
      return describeMessageUpdate(event, payload.value);
    case "attachmentUpdate":
      return describeAttachmentUpdate(event, payload.value);
    case "chatUpdate":
      return describeChatUpdate(event, payload.value);
    case undefined:
      return { kind: "unknown", tone: "warning", text: "a newer imesh wrote this event" };
    default:
      return unreachable(payload);
  }
}

function describeMessage(event: Event, message: Message): Described {
  return {
    kind: message.direction === Direction.OWN ? "own" : "incoming",
    tone: toneOf(message),
    text: `${whoIn(event, message)}  ${message.text}`,
    facts: messageFacts(message),
  };
}

function describeUnread(
  event: Event,
  kind: "unsupported" | "undecodable",
  guid: string,
  what: string,
): Described {
  const tone = kind === "unsupported" ? "warning" : "bad";
  return { kind, tone, text: news(chatName(event), guid, what) };
}

function describeStatus(event: Event, { state, guid, error }: MessageStatus): Described {
  const failure = error === 0 ? "" : ` (error ${error})`;
  const where = whoIn(event, { direction: Direction.OWN });
  return { kind: "status", tone: "dim", text: news(where, guid, `${deliveryWord(state)}${failure}`) };
}

function describeCommand(command: Command): Described {
  const state = commandStateWord(command.state);
  const failure = commandFailure(command);
  const isBad = state === "refused" || state === "failed" || state === "uncertain";
  return {
    kind: "command",
    tone: isBad ? "bad" : "dim",
    text: `${command.requestId} ${state}${failure === "" ? "" : ` (${failure})`}`,
  };
}

function describeReceipt(event: Event, { guid, direction, kind }: Receipt): Described {
  const isOwn = direction === Direction.OWN;
  const where = isOwn ? whoIn(event, { direction }) : chatName(event);
  const what = `${enumWord(ReceiptKind, kind)} by ${isOwn ? "whoever got it" : "this account"}`;
  return { kind: "receipt", tone: "dim", text: news(where, guid, what) };
}

function describeDeletion(event: Event, { guid, state }: Deletion): Described {
  return { kind: "deletion", tone: "dim", text: news(chatName(event), guid, enumWord(DeletionState, state)) };
}
