import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow } from "@imesh/imessage-model";
import { decodeMessageRow } from "./decode-message-row.ts";
import { decode, FACTS, GUID, messageOf } from "./fixtures/decoded-rows.ts";
import { MAC_MENTION_BODY } from "./fixtures/documented-bodies.ts";
import { messageRow } from "./fixtures/message-row-fixture.ts";
import { POLL_BUNDLE_ID } from "./payload/balloon-bundle.ts";

function whatOf(columns: Partial<MessageRow>): string {
  const decoded = decode(columns);
  return decoded.kind === "unsupported" ? decoded.what : decoded.kind;
}

test("decodeMessageRow() reads a whole message", () => {
  const decoded = decode({
    attributedBody: MAC_MENTION_BODY,
    text: "Call Mia ",
    subject: "Family",
    expressiveSendStyleId: "com.apple.MobileSMS.expressivesend.impact",
    threadOriginatorGuid: "ORIGIN",
    threadOriginatorPart: "1:0:24",
  });
  assert.deepEqual(decoded, {
    kind: "message",
    ...FACTS,
    guid: GUID,
    text: "Call Mia ",
    subject: "Family",
    reply: { originatorGuid: "ORIGIN", part: 1 },
    associatedGuid: null,
    effectId: "com.apple.MobileSMS.expressivesend.impact",
    parts: [
      {
        kind: "text",
        index: 0,
        range: { start: 0, length: 9 },
        text: "Call Mia ",
        entities: [{ kind: "mention", range: { start: 5, length: 3 }, handle: "+15550100199" }],
      },
    ],
    entities: [{ kind: "mention", range: { start: 5, length: 3 }, handle: "+15550100199" }],
    attachments: [],
    attachmentGuids: [],
    mentions: [{ start: 5, length: 3, handle: "+15550100199" }],
    balloon: null,
    isAudio: false,
    isDowngraded: false,
    isAutoReply: false,
    isSpam: false,
    textReaction: null,
    isEdited: false,
    unsentParts: [],
    schedule: null,
    bodySource: "both-agree",
    bodyFault: null,
  });
});

test("decodeMessageRow() makes a row with an unusable guid undecodable", () => {
  for (const guid of ["", "a\0b", "x".repeat(257)]) {
    assert.deepEqual(decode({ guid, text: "hi" }), {
      kind: "undecodable",
      ...FACTS,
      guid: null,
      reason: "invalid-guid",
      offset: null,
      raw: null,
      plainText: "hi",
    });
  }
});

test("decodeMessageRow() knows own rows by the flag alone and gives them no sender", () => {
  const own = messageOf({ isFromMe: true, text: "hi" });
  assert.deepEqual([own.direction, own.sender], ["own", null]);
  const nobody = messageOf({ sender: null, text: "hi" });
  assert.deepEqual([nobody.direction, nobody.sender], ["incoming", null]);
  const broken = messageOf({
    sender: { address: "", service: "SMS", country: null, contactId: null },
    text: "hi",
  });
  assert.deepEqual([broken.direction, broken.sender], ["incoming", null]);
});

test("decodeMessageRow() reads dates and services as they come", () => {
  assert.equal(messageOf({ text: "hi", date: null }).sentAtUnixNs, null);
  assert.equal(messageOf({ text: "hi", date: 2n ** 63n - 1n }).sentAtUnixNs, null);
  assert.equal(messageOf({ text: "hi", service: null }).service, null);
  assert.equal(messageOf({ text: "hi", service: "Pigeon" }).service, "Pigeon");
  assert.equal(messageOf({ text: "hi", dateEdited: 657_208_700_000_000_000n }).isEdited, true);
  assert.equal(messageOf({ text: "hi", dateEdited: null }).isEdited, false);
});

test("decodeMessageRow() reads replies whose part is missing or malformed", () => {
  const partOf = (threadOriginatorPart: string | null): unknown =>
    messageOf({ text: "hi", threadOriginatorGuid: "ORIGIN", threadOriginatorPart }).reply?.part;
  assert.deepEqual(["0:0:24", "12:3:4", null, "", "x:0:1", "7", "18446744073709551615:0:1"].map(partOf), [
    0,
    12,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.equal(messageOf({ text: "hi", threadOriginatorGuid: "" }).reply, null);
});

test("decodeMessageRow() says of every row what it is, by its columns", () => {
  const text = "Loved “hi”";
  const target = { associatedMessageGuid: `p:0/${GUID}` };
  const edited = { dateEdited: 657_208_700_000_000_000n };
  const cases: readonly (readonly [Partial<MessageRow>, string])[] = [
    [{ itemType: 1 }, "group-change"],
    [{ itemType: 2, groupTitle: "Friends" }, "group-change"],
    [{ itemType: 3, groupActionType: 1 }, "group-change"],
    [{ itemType: 4 }, "location-share"],
    [{ itemType: 5, messageActionType: 1 }, "kept-audio"],
    [{ itemType: 5, messageActionType: 9 }, "system"],
    [{ itemType: 6 }, "call"],
    [{ itemType: 99 }, "system"],
    [{ itemType: -1 }, "system"],
    [{ text, associatedMessageType: 2000, ...target }, "reaction"],
    [{ text, associatedMessageType: 2008, ...target }, "reaction"],
    [{ text, associatedMessageType: 3999, ...target }, "reaction"],
    [{ text, associatedMessageType: 1000, ...target }, "reaction"],
    [{ text, associatedMessageType: 1001, ...target }, "other"],
    [{ text, associatedMessageType: 4000, ...target }, "undecodable"],
    [{ text, associatedMessageType: 4001, ...target }, "other"],
    [{ text, associatedMessageType: 2 }, "message"],
    [{ text, associatedMessageType: 3 }, "message"],
    [{ associatedMessageType: 2 }, "app"],
    [{ associatedMessageType: 3 }, "app"],
    [{ text: "\uFFFC", associatedMessageType: 3 }, "app"],
    [{ associatedMessageType: 3, balloonBundleId: POLL_BUNDLE_ID }, "app"],
    [{ associatedMessageType: 2, balloonBundleId: POLL_BUNDLE_ID, ...target }, "undecodable"],
    [{ text, associatedMessageType: 1 }, "other"],
    [{ text, associatedMessageType: -1 }, "other"],
    [{ text, balloonBundleId: "com.apple.DigitalTouchBalloonProvider" }, "message"],
    [{ balloonBundleId: POLL_BUNDLE_ID }, "message"],
    [{ text, balloonBundleId: "" }, "message"],
    [{ isAudioMessage: true }, "message"],
    [{ text, scheduleType: 2, isFromMe: true }, "message"],
    [{ isEmpty: true, partCount: 0, ...edited }, "unsent"],
    [{ isEmpty: true, partCount: 0 }, "unsent"],
    [{ isEmpty: true, partCount: 0, subject: "kept" }, "message"],
    [{ isEmpty: true, partCount: null, ...edited, cacheHasAttachments: true }, "unsent"],
    [{ isEmpty: true, partCount: null, dateRetracted: 657_208_700_000_000_000n }, "unsent"],
    [{ isEmpty: true }, "empty"],
    [{ text, isEmpty: true, ...edited }, "message"],
    [{}, "empty"],
    [{ text: " \n" }, "empty"],
    [{ text: "\uFFFC" }, "message"],
    [{ text: "\uFFFD" }, "message"],
    [{ cacheHasAttachments: true }, "message"],
    [{ subject: "only a subject" }, "message"],
  ];
  for (const [columns, what] of cases) {
    assert.equal(
      whatOf(columns),
      what,
      JSON.stringify(columns, (_, value) => `${value}`),
    );
  }
});

test("decodeMessageRow() turns a defect of its own into an event", () => {
  // A row that breaks its own type, as no row from the broker can, stands in for a defect that nobody knows yet.
  const row = messageRow({ text: "hi", attachments: null as never });
  const decoded = decodeMessageRow(row);
  assert.equal(decoded.kind === "undecodable" && decoded.reason, "decoder-failed");
});
