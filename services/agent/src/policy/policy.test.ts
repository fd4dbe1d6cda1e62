import assert from "node:assert/strict";
import { test } from "node:test";
import type { JournalEvent } from "../event/event.ts";
import { arrivalOf, messageEvent } from "../testing/arrivals.ts";
import { judge, type Policy } from "./policy.ts";

const policy: Policy = { agentName: "agent", answeredClasses: new Set(["live"]) };

test("judge() answers an incoming live message in a direct chat", () => {
  assert.deepEqual(judge(messageEvent(4n), policy), { kind: "answer", arrival: arrivalOf({ sequence: 4n }) });
});

test("judge() answers other classes where the policy says so", () => {
  const event = messageEvent(4n, {}, { arrivalClass: "backfill" });
  const answeredClasses = new Set(["live", "backfill"] as const);
  const arrival = arrivalOf({ sequence: 4n, isLive: false });
  assert.deepEqual(judge(event, { ...policy, answeredClasses }), { kind: "answer", arrival });
});

test("judge() keeps an own message as context and never answers it, matched or not (I11)", () => {
  for (const requestId of ["", "console/1", "agent-2/journal/1/0"]) {
    const event = messageEvent(4n, { direction: "own", hasSender: false, requestId });
    const arrival = arrivalOf({ sequence: 4n, author: "own", isAnswered: false });
    assert.deepEqual(judge(event, policy), { kind: "record", arrival, reason: "own-message" });
  }
});

test("judge() writes an attachment as a word, so that the model knows of it", () => {
  const event = messageEvent(4n, { text: "\uFFFClook at this" });
  const arrival = arrivalOf({ sequence: 4n, text: "[attachment]look at this" });
  assert.deepEqual(judge(event, policy), { kind: "answer", arrival });
});

const passedOver: readonly [string, JournalEvent, object][] = [
  [
    "what is no message",
    { ...messageEvent(1n), payload: { kind: "other", what: "command" } },
    { kind: "skip", reason: "not-a-message" },
  ],
  [
    "our own reply",
    messageEvent(1n, { direction: "own", requestId: "agent/j/1/0" }),
    { kind: "skip", reason: "own-reply" },
  ],
  ["a message without a chat", messageEvent(1n, { chatGuid: null }), { kind: "skip", reason: "no-chat" }],
  ["a group", messageEvent(1n, { chatStyle: "group" }), { kind: "skip", reason: "group-chat" }],
  [
    "a group, even an own message in it",
    messageEvent(1n, { chatStyle: "group", direction: "own" }),
    { kind: "skip", reason: "group-chat" },
  ],
  [
    "a chat of an unknown style",
    messageEvent(1n, { chatStyle: "unknown" }),
    { kind: "skip", reason: "unknown-kind" },
  ],
  [
    "an unknown direction",
    messageEvent(1n, { direction: "unknown" }),
    { kind: "skip", reason: "unknown-kind" },
  ],
  [
    "a message that nobody wrote",
    messageEvent(1n, { hasSender: false }),
    { kind: "skip", reason: "no-sender" },
  ],
  ["backfill", messageEvent(1n, {}, { arrivalClass: "backfill" }), { kind: "skip", reason: "backfill" }],
  ["an unknown class", messageEvent(1n, {}, { arrivalClass: null }), { kind: "skip", reason: "backfill" }],
  ["an empty message", messageEvent(1n, { text: " \n" }), { kind: "skip", reason: "empty" }],
  ["spam", messageEvent(1n, { oddity: "spam" }), { kind: "skip", reason: "spam" }],
];

for (const [what, event, verdict] of passedOver) {
  test(`judge() passes over ${what}`, () => {
    assert.deepEqual(judge(event, policy), verdict);
  });
}

test("judge() keeps what came while we were away as context", () => {
  const event = messageEvent(4n, {}, { arrivalClass: "catch-up" });
  const arrival = arrivalOf({ sequence: 4n, isAnswered: false, isLive: false });
  assert.deepEqual(judge(event, policy), { kind: "record", arrival, reason: "not-live" });
});

test("judge() keeps an attachment without words as context", () => {
  const event = messageEvent(4n, { text: "\uFFFC \uFFFC" });
  const arrival = arrivalOf({ sequence: 4n, text: "[attachment] [attachment]", isAnswered: false });
  assert.deepEqual(judge(event, policy), { kind: "record", arrival, reason: "no-text" });
});

test("judge() keeps what no person wrote to be answered as context", () => {
  for (const oddity of ["auto-reply", "text-reaction"] as const) {
    const arrival = arrivalOf({ sequence: 4n, isAnswered: false });
    assert.deepEqual(judge(messageEvent(4n, { oddity }), policy), {
      kind: "record",
      arrival,
      reason: oddity,
    });
  }
});

test("judge() amends what waits by what is left of it", () => {
  const amendment = { chatGuid: "chat-a", messageGuid: "guid-4" };
  const verdicts = ["text 5", "\uFFFC ", " "].map((text) =>
    judge(
      messageEvent(5n, {}, { payload: { kind: "amendment", amendment: { ...amendment, text } } }),
      policy,
    ),
  );
  assert.deepEqual(
    verdicts,
    ["text 5", "[attachment]", null].map((text) => ({ kind: "amend", ...amendment, text })),
  );
  const nowhere = { chatGuid: null, messageGuid: "guid-4", text: "" };
  const event = messageEvent(5n, {}, { payload: { kind: "amendment", amendment: nowhere } });
  assert.deepEqual(judge(event, policy), { kind: "skip", reason: "no-chat" });
});
