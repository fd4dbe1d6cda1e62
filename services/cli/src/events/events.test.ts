import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { ArrivalClass, Chat, DeliveryState, Direction, Event } from "@imesh/contracts/bridge/v1/event";
import { CommandProgress } from "../send/command-progress.ts";
import { toJson } from "../terminal/output.ts";
import { PLAIN } from "../terminal/style.ts";
import { at, commandEvent } from "../testing/wire-fixtures.ts";
import { eventLine } from "./event-line.ts";
import { eventRecord } from "./event-record.ts";

const CHAT = { guid: "any;-;+1555", identifier: "+1555", service: "iMessage" };
const OWN = { direction: Direction.OWN, text: "yes" };
const BASE = {
  sequence: 7n,
  journalId: "J",
  arrivalClass: ArrivalClass.LIVE,
  hopTimes: { journaledTime: at(1) },
};

/** Without the time, which is local. */
function line(event: Event): string {
  return eventLine({ ...event, ...BASE }, PLAIN).replace(/\d\d:\d\d:\d\d\.\d{3}/, "TIME");
}

test("eventLine() tells each kind of event on one line", () => {
  const incoming = Event.fromPartial({
    chat: CHAT,
    payload: {
      $case: "message",
      value: { direction: Direction.INCOMING, sender: { address: "+1555" }, text: "hi\nyou\u001b[1m" },
    },
  });
  const status = { guid: "G", state: DeliveryState.FAILED, error: 22 };
  const lines = [
    line(incoming),
    line({ ...incoming, chat: Chat.fromPartial({ ...CHAT, displayName: "Cake" }) }),
    line(Event.fromPartial({ chat: CHAT, payload: { $case: "message", value: OWN } })),
    line(Event.fromPartial({ payload: { $case: "messageStatus", value: status } })),
    line(Event.fromPartial({ payload: { $case: "unsupported", value: { guid: "G", what: "reaction" } } })),
    line(Event.fromPartial({ payload: { $case: "undecodable", value: { guid: "G", reason: "TRUNCATED" } } })),
    line(Event.fromPartial({})),
  ];
  assert.deepEqual(lines, [
    "     7  TIME  live      incoming     ← +1555  hi⏎you\ufffd[1m",
    "     7  TIME  live      incoming     ← +1555 in Cake  hi⏎you\ufffd[1m",
    "     7  TIME  live      own          → +1555  yes",
    "     7  TIME  live      status       → (no chat)  G failed (error 22)",
    "     7  TIME  live      unsupported  (no chat)  G reaction",
    "     7  TIME  live      undecodable  (no chat)  G TRUNCATED",
    "     7  TIME  live      unknown      a newer imesh wrote this event",
  ]);
});

test("eventLine() tells a command's state and why it failed", () => {
  const text = eventLine(commandEvent(CommandState.REFUSED), PLAIN);
  assert.match(text, /command +\S+\/7#0 refused \(CHAT_NOT_FOUND -1728: Messages knows no such chat\)$/);
});

test("eventRecord() prints every key, words for enums, strings for 64-bit numbers, nulls for what is absent", () => {
  const event = Event.fromPartial({
    ...BASE,
    source: { databaseUid: "D", generation: "1:2:0", messageRowid: 9_007_199_254_740_993n },
    chat: CHAT,
    payload: {
      $case: "message",
      value: {
        guid: "G",
        direction: Direction.INCOMING,
        text: "hi",
        sender: { address: "+1555", service: "iMessage" },
      },
    },
  });
  assert.deepEqual(JSON.parse(toJson(eventRecord(event))), {
    sequence: "7",
    journalId: "J",
    arrivalClass: "live",
    source: { databaseUid: "D", generation: "1:2:0", messageRowid: "9007199254740993" },
    hopTimes: {
      sent: null,
      committed: null,
      detected: null,
      read: null,
      received: null,
      journaled: "2026-01-02T03:04:05.001000000Z",
    },
    traceparent: "",
    chat: {
      guid: "any;-;+1555",
      style: "unspecified",
      identifier: "+1555",
      service: "iMessage",
      displayName: "",
      conversationKey: "",
    },
    kind: "message",
    message: {
      guid: "G",
      direction: "incoming",
      sender: { address: "+1555", service: "iMessage", personKey: "", contactId: "", country: "" },
      text: "hi",
      subject: "",
      service: "",
      replyToGuid: "",
      replyToPart: null,
      associatedGuid: "",
      effectId: "",
      attachmentGuids: [],
      mentions: [],
      requestId: "",
      edited: false,
      parts: [],
      entities: [],
      attachments: [],
      balloon: null,
      isAudio: false,
      ownAddress: "",
      otherChats: [],
      isDowngraded: false,
      isAutoReply: false,
      isSpam: false,
      textReaction: null,
      bodyFault: "",
      unsentParts: [],
    },
  });
});

test("CommandProgress shows each step once, also those between two looks", () => {
  const progress = new CommandProgress();
  const look = (state: CommandState) => {
    const event = commandEvent(state);
    assert.ok(event.payload?.$case === "command");
    return progress.lines(event.payload.value, PLAIN);
  };
  assert.deepEqual(look(CommandState.ACCEPTED), ["accepted    +0.0 ms"]);
  assert.deepEqual(look(CommandState.ACCEPTED), []);
  assert.deepEqual(look(CommandState.SENT), [
    "dispatched  +1.0 ms",
    "written     +4.0 ms",
    "sent        +10.0 ms",
  ]);
  assert.deepEqual(look(CommandState.DELIVERED), ["delivered   +20.0 ms"]);
  assert.deepEqual(look(CommandState.DELIVERED), []);
});

test("CommandProgress ends with why there is no bubble", () => {
  const event = commandEvent(CommandState.REFUSED);
  assert.ok(event.payload?.$case === "command");
  const lines = new CommandProgress().lines(event.payload.value, PLAIN);
  assert.deepEqual(lines, [
    "accepted    +0.0 ms",
    "dispatched  +1.0 ms",
    "refused     CHAT_NOT_FOUND -1728: Messages knows no such chat",
  ]);
});
