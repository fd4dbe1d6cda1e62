import assert from "node:assert/strict";
import { test } from "node:test";
import { Attachment, AttachmentState } from "@imesh/contracts/bridge/v1/content";
import {
  ArrivalClass,
  Chat,
  ChatStyle,
  Direction,
  Event,
  Message,
  TextReaction,
} from "@imesh/contracts/bridge/v1/event";
import { type JournalMessage, TEXT_LENGTH_MAX } from "../event/event.ts";
import { JOURNAL, messageEvent } from "../testing/arrivals.ts";
import { journalEventOf, ProtocolError } from "./journal-event.ts";

function wireEvent(message: Partial<Message> = {}, event: Partial<Event> = {}): Event {
  const ordinary = Message.fromPartial({
    guid: "guid-4",
    direction: Direction.INCOMING,
    sender: { address: "+15550100", service: "iMessage", personKey: "+15550100" },
    text: "text 4",
    service: "iMessage",
  });
  const value = { ...ordinary, ...message };
  return {
    ...Event.fromPartial({
      sequence: 4n,
      journalId: JOURNAL,
      arrivalClass: ArrivalClass.LIVE,
      chat: { guid: "chat-a", style: ChatStyle.DIRECT, identifier: "x", service: "iMessage" },
      payload: { $case: "message", value },
    }),
    ...event,
  };
}

function messageIn(event: Event): JournalMessage {
  const { payload } = journalEventOf(event, 1n);
  assert.ok(payload.kind === "message");
  return payload.message;
}

test("journalEventOf() keeps what the agent looks at", () => {
  assert.deepEqual(journalEventOf(wireEvent(), 1_004n), messageEvent(4n, {}, { journaledUnixNs: null }));
});

test("journalEventOf() knows what it does not know", () => {
  const style = 9 as never;
  const chat = Chat.fromPartial({ style });
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

test("journalEventOf() says of a message what makes it none to be answered", () => {
  const textReaction = TextReaction.fromPartial({ quotedText: "text 3" });
  const oddities = [
    {},
    { isSpam: true, isAutoReply: true },
    { isAutoReply: true, textReaction },
    { textReaction },
  ].map((facts) => messageIn(wireEvent(facts)).oddity);
  assert.deepEqual(oddities, [null, "spam", "auto-reply", "text-reaction"]);
});

test("journalEventOf() takes what was said in a voice message for its text, and nothing else for one", () => {
  const state = AttachmentState.READY;
  const said = Attachment.fromPartial({ guid: "at-1", state, transcript: "on my way" });
  const mute = Attachment.fromPartial({ guid: "at-2", state });
  const texts = [
    { text: "", isAudio: true, attachments: [said, mute] },
    { text: "", isAudio: true, attachments: [mute] },
    { text: "words", isAudio: true, attachments: [said] },
    { text: "", isAudio: false, attachments: [said] },
    { text: "", isAudio: true, attachments: [{ ...said, transcript: "b".repeat(TEXT_LENGTH_MAX + 1) }] },
  ].map((facts) => messageIn(wireEvent(facts)).text);
  assert.deepEqual(texts, ["on my way", "", "words", "", "b".repeat(TEXT_LENGTH_MAX)]);
});

test("journalEventOf() tells what is left of a message that was edited or taken back", () => {
  const message = Message.fromPartial({ guid: "guid-4", text: "text 5" });
  const events = [
    Event.fromPartial({ payload: { $case: "edit", value: { message } } }),
    Event.fromPartial({ payload: { $case: "unsend", value: { guid: "guid-4", parts: [1], message } } }),
    Event.fromPartial({ payload: { $case: "unsend", value: { guid: "guid-4", isWhole: true } } }),
  ];
  const amendment = { chatGuid: "chat-a", messageGuid: "guid-4" };
  assert.deepEqual(
    events.map(({ payload }) => journalEventOf(wireEvent({}, { payload }), 1n).payload),
    ["text 5", "text 5", ""].map((text) => ({ kind: "amendment", amendment: { ...amendment, text } })),
  );
});

test("journalEventOf() takes every other payload for something else, by its name", () => {
  const message = Message.fromPartial({ guid: "guid-4", text: "text 5" });
  const events = [
    Event.fromPartial({ payload: { $case: "scheduledMessage", value: { message } } }),
    Event.fromPartial({ payload: { $case: "messageUpdate", value: { message } } }),
    Event.fromPartial({ payload: { $case: "reaction", value: { guid: "R", targetGuid: "guid-4" } } }),
  ];
  assert.deepEqual(
    events.map(({ payload }) => journalEventOf(wireEvent({}, { payload }), 1n).payload),
    ["scheduledMessage", "messageUpdate", "reaction"].map((what) => ({ kind: "other", what })),
  );
});

test("journalEventOf() refuses positions that are none", () => {
  assert.throws(() => journalEventOf(wireEvent({}, { journalId: "" }), 1n), ProtocolError);
  assert.throws(() => journalEventOf(wireEvent({}, { journalId: "a b" }), 1n), ProtocolError);
  assert.throws(() => journalEventOf(wireEvent({}, { sequence: 2n ** 63n }), 1n), ProtocolError);
});
