import assert from "node:assert/strict";
import { test } from "node:test";
import { chatGuidParts, chatStyleOfColumn, makeChatGuid } from "./chat-guid.ts";
import { parseChatGuid } from "./ids.ts";

test("chatGuidParts() splits every form seen and leaves the rest alone", () => {
  const cases = [
    ["iMessage;-;+15550001111", { service: "iMessage", style: "direct", identifier: "+15550001111" }],
    ["SMS;+;chat123456", { service: "SMS", style: "group", identifier: "chat123456" }],
    ["any;-;a@example.com", { service: "any", style: "direct", identifier: "a@example.com" }],
    ["any;+;odd;one", { service: "any", style: "group", identifier: "odd;one" }],
    ["new;*;thing", { service: "new", style: "unknown", identifier: "thing" }],
    [";-;", { service: "", style: "direct", identifier: "" }],
    ["chat123456", null],
    ["iMessage;-", null],
  ] as const;
  for (const [guid, parts] of cases) {
    assert.deepEqual(chatGuidParts(parseChatGuid(guid)), parts, guid);
  }
});

test("makeChatGuid() builds what chatGuidParts() splits", () => {
  assert.equal(makeChatGuid("any", "group", "chat1"), "any;+;chat1");
  assert.deepEqual(chatGuidParts(makeChatGuid("SMS", "direct", "12345")), {
    service: "SMS",
    style: "direct",
    identifier: "12345",
  });
});

test("chatStyleOfColumn() knows 43 and 45 and nothing else", () => {
  assert.deepEqual(
    [43, 45, 0, 44, null].map((style) => chatStyleOfColumn(style)),
    ["group", "direct", "unknown", "unknown", "unknown"],
  );
});
