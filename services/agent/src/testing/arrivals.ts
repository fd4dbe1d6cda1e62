import type { Arrival, JournalEvent, JournalMessage } from "../event/event.ts";

/** Journal that tests read from. */
export const JOURNAL = "11111111-1111-4111-8111-111111111111";

/** An answerable arrival, with what a test cares about put in its place. */
export function arrivalOf(facts: Partial<Arrival> & Pick<Arrival, "sequence">): Arrival {
  return {
    journalId: JOURNAL,
    chatGuid: "chat-a",
    messageGuid: `guid-${facts.sequence}`,
    author: "contact",
    text: `text ${facts.sequence}`,
    isAnswered: true,
    isLive: true,
    traceparent: null,
    receivedUnixNs: 1_000n + facts.sequence,
    ...facts,
  };
}

/** A live incoming message in a direct chat, with what a test cares about put in its place. */
export function messageEvent(
  sequence: bigint,
  message: Partial<JournalMessage> = {},
  event: Partial<JournalEvent> = {},
): JournalEvent {
  return {
    journalId: JOURNAL,
    sequence,
    arrivalClass: "live",
    traceparent: null,
    journaledUnixNs: 900n,
    receivedUnixNs: 1_000n + sequence,
    payload: {
      kind: "message",
      message: {
        chatGuid: "chat-a",
        chatStyle: "direct",
        messageGuid: `guid-${sequence}`,
        direction: "incoming",
        hasSender: true,
        text: `text ${sequence}`,
        requestId: "",
        oddity: null,
        ...message,
      },
    },
    ...event,
  };
}
