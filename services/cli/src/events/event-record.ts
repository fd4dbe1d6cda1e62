import type { Command } from "@imesh/contracts/bridge/v1/command";
import type { Chat, Event, HopTimes, Message } from "@imesh/contracts/bridge/v1/event";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { unreachable } from "@imesh/flow";
import { formatRfc3339 } from "../terminal/duration.ts";
import { commandStateWord } from "./command-words.ts";
import { arrivalWord, chatStyleWord, deliveryWord, directionWord } from "./event-words.ts";
import { unixNs } from "./unix-ns.ts";

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * An event as `--json` prints it. The keys are stable: always all of them, null for what is absent; 64-bit
 * numbers are strings, times RFC 3339 in UTC with nanoseconds, enums words. `kind` names the one key that
 * holds the payload.
 */
export function eventRecord(event: Event): JsonRecord {
  const { kind, value } = payloadRecord(event);
  return {
    sequence: event.sequence,
    journalId: event.journalId,
    arrivalClass: arrivalWord(event.arrivalClass),
    source:
      event.source === undefined
        ? null
        : {
            databaseUid: event.source.databaseUid,
            generation: event.source.generation,
            messageRowid: event.source.messageRowid,
          },
    hopTimes: hopTimesRecord(event.hopTimes),
    traceparent: event.traceparent,
    chat: event.chat === undefined ? null : chatRecord(event.chat),
    kind,
    [kind]: value,
  };
}

/** A chat as `--json` prints it. */
export function chatRecord(chat: Chat): JsonRecord {
  return {
    guid: chat.guid,
    style: chatStyleWord(chat.style),
    identifier: chat.identifier,
    service: chat.service,
    displayName: chat.displayName,
  };
}

/** A command as `--json` prints it. */
export function commandRecord(command: Command): JsonRecord {
  const times = command.times;
  return {
    requestId: command.requestId,
    chatGuid: command.chatGuid,
    state: commandStateWord(command.state),
    messageGuid: command.messageGuid,
    error:
      command.error === undefined
        ? null
        : {
            reason: command.error.reason,
            number: command.error.number,
            description: command.error.description,
          },
    times: {
      accepted: time(times?.acceptedTime),
      dispatched: time(times?.dispatchedTime),
      returned: time(times?.returnedTime),
      written: time(times?.writtenTime),
      sent: time(times?.sentTime),
      delivered: time(times?.deliveredTime),
      settled: time(times?.settledTime),
    },
  };
}

function payloadRecord(event: Event): { readonly kind: string; readonly value: JsonRecord | null } {
  const { payload } = event;
  switch (payload?.$case) {
    case "message":
      return { kind: "message", value: messageRecord(payload.value) };
    case "messageStatus": {
      const { guid, state, error, requestId } = payload.value;
      return { kind: "messageStatus", value: { guid, state: deliveryWord(state), error, requestId } };
    }
    case "command":
      return { kind: "command", value: commandRecord(payload.value) };
    case "unsupported": {
      const { guid, what, direction } = payload.value;
      return { kind: "unsupported", value: { guid, what, direction: directionWord(direction) } };
    }
    case "undecodable": {
      const { guid, reason, bodySha256, bodyBytes, plainText } = payload.value;
      return { kind: "undecodable", value: { guid, reason, bodySha256, bodyBytes, plainText } };
    }
    case undefined:
      return { kind: "unknown", value: null };
    default:
      return unreachable(payload);
  }
}

function messageRecord(message: Message): JsonRecord {
  const { sender, mentions } = message;
  return {
    guid: message.guid,
    direction: directionWord(message.direction),
    sender: sender === undefined ? null : { address: sender.address, service: sender.service },
    text: message.text,
    subject: message.subject,
    service: message.service,
    replyToGuid: message.replyToGuid,
    effectId: message.effectId,
    attachmentGuids: message.attachmentGuids,
    mentions: mentions.map(({ start, length, address }) => ({ start, length, address })),
    requestId: message.requestId,
    edited: message.edited,
  };
}

function hopTimesRecord(times: HopTimes | undefined): JsonRecord {
  return {
    sent: time(times?.sentTime),
    committed: time(times?.committedTime),
    detected: time(times?.detectedTime),
    read: time(times?.readTime),
    received: time(times?.receivedTime),
    journaled: time(times?.journaledTime),
  };
}

function time(timestamp: Timestamp | undefined): string | null {
  return formatRfc3339(unixNs(timestamp));
}
