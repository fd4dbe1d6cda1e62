import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow } from "@imesh/imessage-model";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { messageRun } from "../attributed/message-run.ts";
import { decodeContentChange } from "../decode-content-change.ts";
import { decodeMessageRow } from "../decode-message-row.ts";
import { attachmentRef, decodedPicture } from "../fixtures/attachment-ref-fixture.ts";
import { FACTS, messageOf } from "../fixtures/decoded-rows.ts";
import { messageRow } from "../fixtures/message-row-fixture.ts";
import { appleExtension, appPayload, POLL_BUNDLE, pollUrl, text, url } from "../payload/fixtures/payloads.ts";
import { summaryBytes } from "../summary-info/fixtures/summary-literals.ts";
import { associatedTargetOf } from "./associated-guid.ts";

const TARGET = "6F8A2B3C-0000-4000-8000-00000000000A";
const POLL_JSON = {
  item: { title: "Lunch?", orderedPollOptions: [{ optionIdentifier: "A", text: "Pizza" }] },
};
const VOTES_JSON = { item: { votes: [{ voteOptionIdentifier: "A", participantHandle: "+15550001111" }] } };
const POLL = {
  version: 1,
  title: "Lunch?",
  creatorHandle: null,
  options: [{ identifier: "A", text: "Pizza", creatorHandle: null }],
  votes: [],
};
const VOTES = [{ optionIdentifier: "A", participantHandle: "+15550001111", secondsSince2001: null }];

const ASSOCIATED = { associatedMessageGuid: `p:0/${TARGET}` };

/** Without what is known of every row. */
function tell(columns: Partial<MessageRow>): Record<string, unknown> {
  const row = messageRow({ ...ASSOCIATED, ...columns });
  const { direction, sender, service, sentAtUnixNs, ownAddress, guid, ...rest } = decodeMessageRow(row);
  return rest;
}

function payload(json: unknown): Uint8Array {
  return appPayload({ URL: url(pollUrl(json)) });
}

test("associatedTargetOf() reads each form and refuses all others", () => {
  const forms: readonly (readonly [string | null, number | null | undefined])[] = [
    [`p:0/${TARGET}`, 0],
    [`p:12/${TARGET}`, 12],
    [`p:-1/${TARGET}`, null],
    [`bp:${TARGET}`, null],
    [TARGET, null],
    [`p:-2/${TARGET}`, undefined],
    [`p:/${TARGET}`, undefined],
    [`p:1234567890/${TARGET}`, undefined],
    [`p:0x1/${TARGET}`, undefined],
    [`zp:${TARGET}`, undefined],
    [`P/${TARGET}`, undefined],
    ["p:0/", undefined],
    ["bp:", undefined],
    ["", undefined],
    [null, undefined],
    [`p:0/${"x".repeat(257)}`, undefined],
    ["a\0b", undefined],
  ];
  for (const [column, part] of forms) {
    const target = associatedTargetOf(column);
    assert.deepEqual(target, part === undefined ? null : { guid: TARGET, part }, String(column));
  }
});

test("a reaction says what it is, about what, and whether it ends", () => {
  const messageSummaryInfo = summaryBytes({ amc: 1n, ams: "See you" });
  const reaction = {
    kind: "reaction",
    action: "added",
    reaction: "love",
    emoji: null,
    sticker: null,
    target: { guid: TARGET, part: 0 },
    quotedText: "See you",
  };
  assert.deepEqual(
    tell({ associatedMessageType: 2000, text: "Loved “See you”", messageSummaryInfo }),
    reaction,
  );
  assert.deepEqual(tell({ associatedMessageType: 3002, associatedMessageGuid: `bp:${TARGET}` }), {
    ...reaction,
    action: "removed",
    reaction: "dislike",
    target: { guid: TARGET, part: null },
    quotedText: null,
  });
  assert.deepEqual(
    [2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2999, 1000].map(
      (associatedMessageType) => tell({ associatedMessageType }).reaction,
    ),
    [
      "love",
      "like",
      "dislike",
      "laugh",
      "emphasize",
      "question",
      "emoji",
      "sticker",
      "other",
      "other",
      "placed-sticker",
    ],
  );
});

test("a reaction's emoji and sticker come with it, or are null", () => {
  const emojiOf = (associatedMessageType: number, associatedMessageEmoji: string | null) =>
    tell({ associatedMessageType, associatedMessageEmoji }).emoji;
  assert.deepEqual(
    [emojiOf(2006, "🧵"), emojiOf(3006, "🧵"), emojiOf(2000, "🧵"), emojiOf(2006, null), emojiOf(2006, "")],
    ["🧵", "🧵", null, null, null],
  );
  assert.equal(emojiOf(2006, "🧵".repeat(33)), null);
  const attachments = [attachmentRef({ guid: "preview" }), attachmentRef({ isSticker: true })];
  const sticker = decodedPicture({ isSticker: true });
  assert.deepEqual(tell({ associatedMessageType: 2007, attachments }).sticker, sticker);
  assert.deepEqual(tell({ associatedMessageType: 1000, attachments }).sticker, sticker);
  assert.equal(tell({ associatedMessageType: 1000 }).sticker, null);
  assert.equal(tell({ associatedMessageType: 2000, attachments }).sticker, null);
});

test("a summary that is broken or long hides no reaction", () => {
  const quoted = (messageSummaryInfo: Uint8Array) => {
    const { kind, quotedText } = tell({ associatedMessageType: 2000, messageSummaryInfo });
    return [kind, quotedText];
  };
  assert.deepEqual(quoted(Uint8Array.of(1, 2, 3)), ["reaction", null]);
  assert.deepEqual(quoted(summaryBytes({ ams: "q".repeat(5_000) })), ["reaction", "q".repeat(4_096)]);
  assert.deepEqual(quoted(summaryBytes({ ams: 5n })), ["reaction", null]);
});

test("what is about nothing is undecodable", () => {
  for (const associatedMessageType of [1000, 2000, 3007, 4000]) {
    const { kind, reason } = tell({ associatedMessageType, associatedMessageGuid: "p:x/y" });
    assert.deepEqual([kind, reason], ["undecodable", "invalid-guid"]);
  }
});

test("a poll is a message, its update and its votes are not", () => {
  const created = decodeMessageRow(
    messageRow({ text: "\uFFFD", balloonBundleId: POLL_BUNDLE, payloadData: payload(POLL_JSON) }),
  );
  assert.ok(created.kind === "message" && created.balloon?.kind === "poll");
  assert.deepEqual([created.text, created.balloon.poll], ["", POLL]);
  const update = { associatedMessageType: 2, balloonBundleId: POLL_BUNDLE };
  assert.deepEqual(tell({ ...update, payloadData: payload(POLL_JSON) }), {
    kind: "poll-update",
    pollGuid: TARGET,
    poll: POLL,
  });
  for (const balloonBundleId of [POLL_BUNDLE, null, ""]) {
    const vote = { associatedMessageType: 4000, associatedMessageGuid: TARGET, balloonBundleId };
    assert.deepEqual(tell({ ...vote, payloadData: payload(VOTES_JSON) }), {
      kind: "poll-vote",
      pollGuid: TARGET,
      votes: VOTES,
    });
  }
  assert.equal(tell({ ...update, payloadData: payload(VOTES_JSON) }).kind, "poll-vote");
});

const GAME_BUNDLE = appleExtension("com.example.game");
const BREADCRUMB = encodeAttributedBody({
  text: "Ada made a move",
  runs: [messageRun(15, { part: 0, isBreadcrumb: true })],
});

test("an answer from a watch, and the next move of a game, are messages with what they belong to", () => {
  const attributedBody = encodeAttributedBody({ text: "Well done" });
  for (const associatedMessageType of [2, 3]) {
    const answer = messageOf({ ...ASSOCIATED, associatedMessageType, attributedBody });
    assert.deepEqual([answer.text, answer.associatedGuid], ["Well done", TARGET]);
    assert.deepEqual({ ...answer, ...FACTS }, answer);
    const columns = { associatedMessageType, balloonBundleId: GAME_BUNDLE, text: "\uFFFC" };
    const move = messageOf({ ...ASSOCIATED, ...columns, payloadData: appPayload({ an: text("Chess") }) });
    assert.ok(move.balloon?.kind === "app");
    assert.deepEqual([move.balloon.app.appName, move.text, move.associatedGuid], ["Chess", "", TARGET]);
    const attachments = [attachmentRef()];
    const drawn = messageOf({
      ...ASSOCIATED,
      associatedMessageType,
      attachments,
      attributedBody: BREADCRUMB,
    });
    assert.deepEqual([drawn.attachments, drawn.associatedGuid], [[decodedPicture()], TARGET]);
    const subject = messageOf({ ...ASSOCIATED, associatedMessageType, subject: "Re" });
    assert.deepEqual([subject.subject, subject.text], ["Re", ""]);
  }
  const alone = { associatedMessageType: 3, associatedMessageGuid: "p:x/y", text: "Well done" };
  assert.equal(messageOf(alone).associatedGuid, null);
  assert.equal(messageOf({ text: "hi", associatedMessageGuid: TARGET }).associatedGuid, null);
});

test("a line of an app's, and a step without its data, are not described", () => {
  const rest: readonly Partial<MessageRow>[] = [
    {},
    { attributedBody: BREADCRUMB, text: "Ada made a move" },
    { text: "\uFFFC", balloonBundleId: GAME_BUNDLE },
    { text: "\uFFFC", balloonBundleId: GAME_BUNDLE, payloadData: Uint8Array.of(1, 2, 3) },
    { isAudioMessage: true },
  ];
  for (const columns of rest) {
    for (const associatedMessageType of [2, 3]) {
      const what = { kind: "unsupported", what: "app", associatedMessageType, itemType: 0 };
      assert.deepEqual(tell({ ...columns, associatedMessageType }), what);
    }
  }
  const trace = { associatedMessageType: 3, balloonBundleId: POLL_BUNDLE, payloadData: payload(POLL_JSON) };
  assert.equal(tell(trace).what, "app");
});

test("a row of an app that was taken back, or whose body is broken, is told as what it is", () => {
  const unsent = {
    associatedMessageType: 3,
    isEmpty: true,
    partCount: 0,
    dateEdited: 657_208_700_000_000_000n,
  };
  assert.equal(tell(unsent).kind, "unsent");
  const { isWhole, isUnsend } = decodeContentChange(messageRow(unsent));
  assert.deepEqual([isWhole, isUnsend], [true, true]);
  const broken = { associatedMessageType: 3, attributedBody: Uint8Array.of(4, 11, 0) };
  assert.equal(tell(broken).kind, "undecodable");
});

test("votes without their payload are undecodable, with its bytes", () => {
  const broken = payload(VOTES_JSON).slice(0, -3);
  const undecodable = (payloadData: Uint8Array | null) => {
    const { kind, reason, raw } = tell({ associatedMessageType: 4000, payloadData });
    return [kind, reason, raw];
  };
  assert.deepEqual(undecodable(broken), ["undecodable", "invalid-payload", broken]);
  assert.deepEqual(undecodable(null), ["undecodable", "invalid-payload", null]);
  const { reason } = tell({ associatedMessageType: 4000, isOversized: true });
  assert.equal(reason, "oversized");
});
