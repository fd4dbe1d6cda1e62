import { chatGuidParts, personKeyOf } from "@imesh/imessage-model";
import { type EventDraft, NO_HOP_TIMES } from "../journal/bridge-event.ts";
import type { CommandRecord } from "../journal/command-record.ts";
import type { ChatFacts } from "../journal/event-payload.ts";

/**
 * The event of a step that the bridge itself took: accepted, dispatched, refused, uncertain. It goes into the same append as
 * the command. Without a key: that a command takes each step once is kept by its record.
 */
export function commandEvent(command: CommandRecord, traceparent: string): EventDraft {
  return {
    arrivalClass: "live",
    source: null,
    sourceKey: null,
    hopTimes: NO_HOP_TIMES,
    traceparent,
    chat: chatOfCommand(command),
    payload: { kind: "command", command },
  };
}

/** What the guid alone tells of the chat; its name, and what a group is called for ever, are not known here. */
function chatOfCommand({ chatGuid }: CommandRecord): ChatFacts {
  const parts = chatGuidParts(chatGuid);
  return {
    guid: chatGuid,
    style: parts?.style ?? "unknown",
    identifier: parts?.identifier ?? "",
    service: parts?.service ?? "",
    displayName: "",
    conversationKey: parts?.style === "direct" ? `direct:${personKeyOf(parts.identifier)}` : "",
  };
}
