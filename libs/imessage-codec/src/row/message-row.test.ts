import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageRow, parseHandleAddress } from "@imesh/imessage-model";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { messageRun } from "../attributed/message-run.ts";
import type { DecodedMessage } from "../decoded-row.ts";
import { attachmentRef } from "../fixtures/attachment-ref-fixture.ts";
import { decode, messageOf } from "../fixtures/decoded-rows.ts";
import { MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { LINK_BUNDLE, linkPayload, url } from "../payload/fixtures/payloads.ts";
import { dictionary, range, summaryBytes, version } from "../summary-info/fixtures/summary-literals.ts";

const EDITED = 657_208_700_000_000_000n;
const BROKEN_BODY = MAC_MENTION_BODY.slice(0, 100);
const PAYLOAD = linkPayload({ URL: url("https://example.com") });

function reasonOf(columns: Partial<MessageRow>): string {
  const decoded = decode(columns);
  return decoded.kind === "undecodable" ? decoded.reason : decoded.kind;
}

test("parts and entities are those of the body; a text without a body is one part", () => {
  const bold = messageRun(2, { part: 1, styles: ["bold"] });
  const attributedBody = encodeAttributedBody({ text: "onetwo", runs: [messageRun(4, { part: 0 }), bold] });
  const { parts, entities } = messageOf({ attributedBody });
  assert.deepEqual(
    parts.map(({ kind, index, range: { start, length } }) => [kind, index, start, length]),
    [
      ["text", 0, 0, 4],
      ["text", 1, 4, 2],
    ],
  );
  assert.deepEqual(entities, [{ kind: "style", range: { start: 4, length: 2 }, style: "bold" }]);
  const plain = messageOf({ text: "plain" });
  assert.deepEqual(plain.parts, [
    { kind: "text", index: 0, range: { start: 0, length: 5 }, text: "plain", entities: [] },
  ]);
  assert.deepEqual(messageOf({ text: "a\uFFFCb" }).parts, []);
});

test("an empty body leaves the text to its column", () => {
  const { text, bodySource } = messageOf({
    attributedBody: encodeAttributedBody({ text: "" }),
    text: "there",
  });
  assert.deepEqual([text, bodySource], ["there", "text"]);
});

test("a balloon, also one that is broken or late, stands beside the text and never hides it", () => {
  const link = { text: "https://example.com", balloonBundleId: LINK_BUNDLE };
  const kinds = [PAYLOAD, PAYLOAD.slice(0, -9), Uint8Array.of(0), null].map((payloadData) => {
    const { text, balloon } = messageOf({ ...link, payloadData });
    assert.equal(text, link.text);
    return balloon?.kind;
  });
  assert.deepEqual(kinds, ["link-preview", "undecodable", "undecodable", "no-payload"]);
  assert.equal(messageOf({ text: "x", payloadData: PAYLOAD }).balloon?.kind, "link-preview");
  assert.equal(
    messageOf({ text: "x", balloonBundleId: "com.apple.messages.new" }).balloon?.kind,
    "no-payload",
  );
  assert.equal(messageOf({ text: "x" }).balloon, null);
});

test("flags are told as they are", () => {
  const flagsOf = ({ isAudio, isDowngraded, isAutoReply, isSpam }: DecodedMessage) => {
    return [isAudio, isDowngraded, isAutoReply, isSpam];
  };
  assert.deepEqual(flagsOf(messageOf({ text: "x" })), [false, false, false, false]);
  const flags = { isAudioMessage: true, wasDowngraded: true, isAutoReply: true, isSpam: true };
  assert.deepEqual(flagsOf(messageOf({ text: "x", ...flags })), [true, true, true, true]);
});

test("a message to be sent later has a schedule until it is sent", () => {
  const later = { text: "x", scheduleType: 2, isFromMe: true, date: 900_000_000_000_000_000n };
  const sendAtUnixNs = 1_878_307_200_000_000_000n;
  assert.deepEqual(messageOf(later).schedule, { sendAtUnixNs });
  assert.deepEqual(messageOf({ ...later, date: null }).schedule, { sendAtUnixNs: null });
  for (const change of [{ isSent: true }, { isFromMe: false }, { scheduleType: 0 }, { scheduleType: null }]) {
    assert.equal(messageOf({ ...later, ...change }).schedule, null);
  }
});

test("edits and unsends show in the summary, also where date_edited is lost", () => {
  const changesOf = (columns: Partial<MessageRow>) => {
    const { isEdited, unsentParts } = messageOf({ text: "x", ...columns });
    return [isEdited, unsentParts];
  };
  const edited = summaryBytes({ ec: dictionary({ 0: [version("a", 1), version("x", 2)] }), ep: [0n] });
  assert.deepEqual(changesOf({}), [false, []]);
  assert.deepEqual(changesOf({ dateEdited: EDITED }), [true, []]);
  assert.deepEqual(changesOf({ messageSummaryInfo: edited }), [true, []]);
  assert.deepEqual(changesOf({ messageSummaryInfo: summaryBytes({ rp: [2n, 1n] }) }), [true, [2, 1]]);
  assert.deepEqual(changesOf({ messageSummaryInfo: Uint8Array.of(7) }), [false, []]);
});

test("what was wholly unsent is no message, whatever stays of its attachments and balloon", () => {
  const left = { attachments: [attachmentRef()], balloonBundleId: LINK_BUNDLE, cacheHasAttachments: true };
  const ranges = dictionary({ 0: range(0, 1), 1: range(1, 4) });
  const unsent = (columns: Partial<MessageRow>) => {
    const decoded = decode(columns);
    return decoded.kind === "unsent" ? decoded.parts : decoded.kind;
  };
  const all = summaryBytes({ rp: [0n, 1n], otr: ranges });
  assert.deepEqual(unsent({ ...left, messageSummaryInfo: all }), [0, 1]);
  assert.deepEqual(unsent({ ...left, messageSummaryInfo: summaryBytes({ rp: [3n] }) }), [3]);
  assert.deepEqual(unsent({ ...left, isEmpty: true, partCount: 0, dateEdited: EDITED }), []);
  assert.deepEqual(unsent({ isEmpty: true, partCount: 0 }), []);
  // Something is left, or lost.
  assert.equal(unsent({ ...left, messageSummaryInfo: summaryBytes({ rp: [0n], otr: ranges }) }), "message");
  assert.equal(unsent({ text: "left", messageSummaryInfo: all }), "message");
  assert.equal(unsent({ attributedBody: BROKEN_BODY, messageSummaryInfo: all }), "undecodable");
  assert.equal(unsent({ ...left, isEmpty: true, partCount: 0 }), "message");
});

test("a broken body falls back to whatever else there is to show", () => {
  const body = { attributedBody: BROKEN_BODY };
  const bodyFault = { code: "unexpected-end", offset: 89 };
  const shown: readonly Partial<MessageRow>[] = [
    { text: "hi" },
    { subject: "hi" },
    { attachments: [attachmentRef()] },
    { balloonBundleId: LINK_BUNDLE, payloadData: PAYLOAD },
  ];
  for (const columns of shown) {
    assert.deepEqual(messageOf({ ...body, ...columns }).bodyFault, bodyFault);
  }
  const hidden: readonly Partial<MessageRow>[] = [
    { text: "\uFFFC" },
    { cacheHasAttachments: true, isAudioMessage: true },
    { balloonBundleId: LINK_BUNDLE },
    { payloadData: Uint8Array.of(1) },
  ];
  for (const columns of hidden) {
    assert.equal(reasonOf({ ...body, ...columns }), "unexpected-end");
  }
});

test("a row whose bodies were left out shows what is there", () => {
  const message = messageOf({ isOversized: true, text: "hi" });
  assert.deepEqual(
    [message.text, message.bodySource, message.bodyFault],
    ["hi", "text", { code: "too-large", offset: null }],
  );
  assert.equal(messageOf({ isOversized: true, attachments: [attachmentRef()] }).text, "");
  assert.equal(reasonOf({ isOversized: true }), "oversized");
  assert.equal(reasonOf({ isOversized: true, cacheHasAttachments: true, text: "\uFFFC" }), "oversized");
  assert.equal(reasonOf({ isOversized: true, isEmpty: true, partCount: 0, dateEdited: EDITED }), "unsent");
  const reaction = { associatedMessageType: 2000, associatedMessageGuid: "A" };
  assert.equal(reasonOf({ isOversized: true, ...reaction }), "reaction");
});

test("texts have an end", () => {
  const longest = "x".repeat(262_144);
  assert.equal(messageOf({ text: longest }).text, longest);
  assert.equal(messageOf({ text: "x", subject: `${longest}x` }).subject, longest);
  assert.equal(messageOf({ text: "x", expressiveSendStyleId: "e".repeat(999) }).effectId?.length, 256);
  const tooLong = decode({ text: `${longest}x` });
  assert.ok(tooLong.kind === "undecodable");
  assert.deepEqual([tooLong.reason, tooLong.plainText], ["text-too-long", longest]);
  const attributedBody = encodeAttributedBody({ text: `${longest}x` });
  assert.equal(reasonOf({ attributedBody, text: "short" }), "text-too-long");
});

test("parts, entities and mentions have an end", () => {
  const handle = parseHandleAddress("+15550100");
  const many = Array.from({ length: 3_000 }, (_, part) => messageRun(1, { part, mention: handle }));
  const attributedBody = encodeAttributedBody({ text: "x".repeat(3_000), runs: many });
  const { parts, entities, mentions } = messageOf({ attributedBody });
  assert.deepEqual([parts.length, entities.length, mentions.length], [1_024, 2_048, 256]);
  const links = Array.from({ length: 200 }, (_, index) =>
    messageRun(1, { part: 0, link: { url: `https://${index % 2}${"x".repeat(8_000)}`, isRichLink: false } }),
  );
  const heavy = messageOf({ attributedBody: encodeAttributedBody({ text: "x".repeat(200), runs: links }) });
  const units = heavy.entities.reduce((sum, each) => sum + (each.kind === "link" ? each.url.length : 0), 0);
  assert.ok(units <= 262_144 && units > 250_000, `${units}`);
});
