import type { Event, HopTimes } from "@imesh/contracts/bridge/v1/event";
import { chatRecord } from "./chat-record.ts";
import { arrivalWord } from "./event-words.ts";
import { type JsonRecord, rfc3339Of } from "./json-record.ts";
import { payloadRecord } from "./payload-record.ts";

/**
 * An event as `--json` prints it. The keys are stable: always all of them, null for what is absent; 64-bit
 * numbers are strings, times RFC 3339 in UTC with nanoseconds, enums words. `kind` names the one key that
 * holds the payload; whatever is one of several things has its name in a `kind` of its own.
 */
export function eventRecord(event: Event): JsonRecord {
  const { source } = event;
  const { kind, value } = payloadRecord(event);
  return {
    sequence: event.sequence,
    journalId: event.journalId,
    arrivalClass: arrivalWord(event.arrivalClass),
    source:
      source === undefined
        ? null
        : {
            databaseUid: source.databaseUid,
            generation: source.generation,
            messageRowid: source.messageRowid,
          },
    hopTimes: hopTimesRecord(event.hopTimes),
    traceparent: event.traceparent,
    chat: event.chat === undefined ? null : chatRecord(event.chat),
    kind,
    [kind]: value,
  };
}

function hopTimesRecord(times: HopTimes | undefined): JsonRecord {
  return {
    sent: rfc3339Of(times?.sentTime),
    committed: rfc3339Of(times?.committedTime),
    detected: rfc3339Of(times?.detectedTime),
    read: rfc3339Of(times?.readTime),
    received: rfc3339Of(times?.receivedTime),
    journaled: rfc3339Of(times?.journaledTime),
  };
}
