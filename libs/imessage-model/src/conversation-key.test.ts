import assert from "node:assert/strict";
import { test } from "node:test";
import { conversationKeyOf } from "./conversation-key.ts";
import type { ChatRef } from "./message-row.ts";

const DIRECT: ChatRef = {
  rowid: 1n,
  guid: "iMessage;-;+15550001111",
  identifier: "+15550001111",
  serviceName: "iMessage",
  style: "direct",
  displayName: null,
  groupId: "0B1C",
  roomName: null,
  accountLogin: null,
  lastAddressedHandle: null,
  state: 3,
  isArchived: false,
  filterKind: 0,
  isBlackholed: false,
  properties: null,
};
const GROUP: ChatRef = {
  ...DIRECT,
  guid: "iMessage;+;chat42",
  identifier: "chat42",
  style: "group",
  groupId: "9F3A",
  roomName: "chat42",
};

function keysOf(chat: ChatRef, ...changes: readonly Partial<ChatRef>[]): readonly string[] {
  return changes.map((change) => conversationKeyOf({ ...chat, ...change }));
}

test("a direct chat is the same on every service, whatever its group id", () => {
  assert.deepEqual(
    keysOf(
      DIRECT,
      {},
      { guid: "SMS;-;+15550001111", serviceName: "SMS", groupId: null },
      { identifier: "+15550001111(smsft)" },
      { guid: "any;-;+15550001111", identifier: null },
      { identifier: "", style: "unknown" },
    ),
    Array.from({ length: 5 }, () => "direct:+15550001111"),
  );
  assert.deepEqual(keysOf(DIRECT, { identifier: "Ada@Example.com" }), ["direct:ada@example.com"]);
});

test("a group is the same after it was made anew", () => {
  assert.deepEqual(
    keysOf(
      GROUP,
      {},
      { guid: "any;+;chat43", identifier: "chat43", roomName: "chat43" },
      { groupId: null },
      { groupId: "", roomName: "" },
      { groupId: null, roomName: null, identifier: null },
      { style: "unknown" },
    ),
    ["group:9F3A", "group:9F3A", "group:chat42", "group:chat42", "group:chat42", "group:9F3A"],
  );
});

test("a chat that says nothing goes by its guid, and never as a direct one", () => {
  const nothing = { identifier: null, groupId: null, roomName: null, guid: "odd" };
  assert.deepEqual(keysOf(DIRECT, { ...nothing, style: "unknown" }, nothing), ["group:odd", "direct:odd"]);
});
