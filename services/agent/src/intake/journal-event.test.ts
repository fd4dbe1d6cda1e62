import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ArrivalClass,
  ChatStyle,
  Direction,
  type Event,
  type Message,
} from "@imesh/contracts/bridge/v1/event";
import { TEXT_LENGTH_MAX } from "../event/event.ts";
import { JOURNAL, messageEvent } from "../testing/arrivals.ts";
import { journalEventOf, ProtocolError } from "./journal-event.ts";

function wireEvent(message: Partial<Message> = {}, event: Partial<Event> = {}): Event {
  const value: Message = {
    guid: "guid-4",
    direction: Direction.INCOMING,
    sender: { address: "+15550100", service: "iMessage" },
    text: "text 4",
    subject: "",
    service: "iMessage",
    replyToGuid: "",
    effectId: "",
    attachmentGuids: [],
    mentions: [],
    requestId: "",
    edited: false,
    ...message,
  };
  return {
    sequence: 4n,
    journalId: JOURNAL,
    arrivalClass: ArrivalClass.LIVE,
    source: undefined,
    hopTimes: undefined,
    traceparent: "",
    chat: { guid: "chat-a", style: ChatStyle.DIRECT, identifier: "x", service: "iMessage", displayName: "" },
    payload: { $case: "message", value },
    ...event,
  };
}

test("journalEventOf() keeps what the agent looks at", () => {
  assert.deepEqual(journalEventOf(wireEvent(), 1_004n), messageEvent(4n, {}, { journaledUnixNs: null }));
});

test("journalEventOf() knows what it does not know", () => {
  const style = 9 as never;
  const chat = { guid: "", style, identifier: "", service: "", displayName: "" };
  const event = wireEvent(
    { direction: Direction.UNSPECIFIED, sender: undefined },
    { chat, arrivalClass: 7 as never },
  );
  const message = { chatGuid: null, chatStyle: "unknown", direction: "unknown", hasSender: false } as const;
  const expected = messageEvent(4n, message, { journaledUnixNs: null, arrivalClass: null });
  assert.deepEqual(journalEventOf(event, 1_004n), expected);
});

test("journalEventOf() names other payloads and reads the journal's time", () => {
  const journaledTime = { seconds: 2n, nanos: 5 };
  const none = { sentTime: undefined, committedTime: undefined, detectedTime: undefined };
  const hopTimes = { ...none, readTime: undefined, receivedTime: undefined, journaledTime };
  const event = journalEventOf(wireEvent({}, { payload: undefined, hopTimes, traceparent: "00-a-b-01" }), 1n);
  assert.deepEqual(
    [event.payload, event.journaledUnixNs, event.traceparent],
    [{ kind: "other", what: "unknown" }, 2_000_000_005n, "00-a-b-01"],
  );
});

test("journalEventOf() cuts a text that is too long, between characters", () => {
  const { payload } = journalEventOf(wireEvent({ text: `${"a".repeat(TEXT_LENGTH_MAX - 1)}😀` }), 1n);
  assert.ok(payload.kind === "message");
  assert.equal(payload.message.text.length, TEXT_LENGTH_MAX);
  assert.ok(payload.message.text.isWellFormed());
});

test("journalEventOf() refuses positions that are none", () => {
  assert.throws(() => journalEventOf(wireEvent({}, { journalId: "" }), 1n), ProtocolError);
  assert.throws(() => journalEventOf(wireEvent({}, { journalId: "a b" }), 1n), ProtocolError);
  assert.throws(() => journalEventOf(wireEvent({}, { sequence: 2n ** 63n }), 1n), ProtocolError);
});
