/** What each kind of row becomes on the wire, from bodies and payloads as Messages writes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AttachmentState, DetectedKind, PartKind, TextStyle } from "@imesh/contracts/bridge/v1/content";
import {
  Direction,
  Event,
  GroupChangeKind,
  ReactionAction,
  ReactionKind,
  type Sender,
} from "@imesh/contracts/bridge/v1/event";
import type { MessageRow } from "@imesh/contracts/broker/v1";
import { encodeAttributedBody, messageRun } from "@imesh/imessage-codec";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import { encodeEvent } from "../rpc/event-wire.ts";
import { outcomeOfBatch } from "../testing/intake-batches.ts";
import {
  appPayload,
  archived,
  CHECK_IN_BUNDLE,
  dictionary,
  LINK_BUNDLE,
  linkPayload,
  POLL_BUNDLE,
  pollPayload,
  url,
} from "../testing/payloads.ts";
import { CONTACT, type RowFacts, wireAttachment, wireHandle, wireRow } from "../testing/rows.ts";

type Payload = NonNullable<Event["payload"]>;

function payloadOf(columns: Partial<MessageRow>, facts: Partial<RowFacts> = {}): Payload {
  const { drafts } = outcomeOfBatch({ rows: [wireRow({ rowid: 7n, ...facts, columns })] });
  assert.equal(drafts.length, 1);
  const [draft] = drafts;
  assert.ok(draft !== undefined);
  const bytes = encodeEvent(draft, { sequence: 1n, journalId: "J", journaledUnixNs: 0n });
  const { payload } = Event.decode(bytes);
  assert.ok(payload !== undefined);
  return payload;
}

function contentOf<Case extends Payload["$case"]>(
  payload: Payload,
  kind: Case,
): Extract<Payload, { readonly $case: Case }>["value"] {
  assert.equal(payload.$case, kind);
  return payload.value as never;
}

const SENDER: Sender = {
  address: CONTACT,
  service: "iMessage",
  personKey: CONTACT,
  contactId: "",
  country: "",
};
const LINE = { guid: "GUID-7", direction: Direction.INCOMING, sender: SENDER };

test("words: mention, link, style, effect, code and what was detected are entities of the text", () => {
  const archive = new Uint8Array([1]);
  const runs = [
    messageRun(3, { part: 0, mention: parseHandleAddress("b@example.com") }),
    messageRun(1, { part: 0, styles: ["bold"] }),
    messageRun(4, { part: 0, link: { url: "https://example.com/a", isRichLink: false } }),
    messageRun(3, { part: 0, effect: 5 }),
    messageRun(6, { part: 0, oneTimeCode: { code: "123456", displayCode: "123-456" } }),
    messageRun(2, { part: 1, detected: { what: "phone-number", archive } }),
  ];
  const text = "Bob,linkbig12345611";
  const body = Buffer.from(encodeAttributedBody({ text, runs }));
  const message = contentOf(payloadOf({ attributedBody: body }), "message");
  assert.equal(message.text, text);
  assert.deepEqual(message.mentions, [{ start: 0, length: 3, address: "b@example.com" }]);
  assert.deepEqual(message.entities, [
    { start: 0, length: 3, kind: { $case: "mention", value: "b@example.com" } },
    { start: 3, length: 1, kind: { $case: "style", value: TextStyle.BOLD } },
    { start: 4, length: 4, kind: { $case: "link", value: "https://example.com/a" } },
    { start: 8, length: 3, kind: { $case: "effect", value: "big" } },
    { start: 11, length: 6, kind: { $case: "oneTimeCode", value: "123456" } },
    { start: 17, length: 2, kind: { $case: "detected", value: DetectedKind.PHONE_NUMBER } },
  ]);
  assert.deepEqual(message.parts, [
    { index: 0, start: 0, length: 17, kind: PartKind.TEXT, attachmentGuid: "" },
    { index: 1, start: 17, length: 2, kind: PartKind.TEXT, attachmentGuid: "" },
  ]);
});

test("a picture is a part and an attachment, with its row and before it", () => {
  const guid = "at_0_A";
  const inlineSize = { width: 320, height: 240.4 };
  const run = messageRun(1, { part: 0, attachmentGuid: parseAttachmentGuid(guid), inlineSize });
  const attributedBody = Buffer.from(encodeAttributedBody({ text: "\uFFFC", runs: [run] }));
  const attachments = [wireAttachment({ transferName: "cat.heic", uti: "public.heic" })];
  const there = contentOf(payloadOf({ attributedBody, text: undefined, attachments }), "message");
  assert.deepEqual([there.text, there.attachmentGuids], ["", [guid]]);
  const kind = PartKind.ATTACHMENT;
  assert.deepEqual(there.parts, [{ index: 0, start: 0, length: 0, kind, attachmentGuid: guid }]);
  const attachment = {
    guid,
    name: "cat.heic",
    mimeType: "",
    uti: "public.heic",
    totalBytes: 1_000n,
    state: AttachmentState.READY,
    isSticker: false,
    isHidden: false,
    transcript: "",
    description: "",
    width: 320,
    height: 240,
    isRowMissing: false,
  };
  assert.deepEqual(there.attachments, [attachment]);
  const early = contentOf(payloadOf({ attributedBody, text: undefined }), "message");
  const unknown = { name: "", uti: "", totalBytes: 0n, state: AttachmentState.UNSPECIFIED };
  assert.deepEqual(early.attachments, [{ ...attachment, ...unknown, isRowMissing: true }]);
});

test("what a message is besides its words", () => {
  const message = contentOf(
    payloadOf(
      {
        subject: "s",
        isAudioMessage: true,
        wasDowngraded: true,
        isAutoReply: true,
        isSpam: true,
        threadOriginatorGuid: "ROOT",
        threadOriginatorPart: "2:0:4",
        expressiveSendStyleId: "com.apple.MobileSMS.expressivesend.loud",
        destinationCallerId: "me@example.com",
      },
      { sender: null },
    ),
    "message",
  );
  const { subject, isAudio, isDowngraded, isAutoReply, isSpam, replyToGuid, replyToPart } = message;
  assert.deepEqual(
    [subject, isAudio, isDowngraded, isAutoReply, isSpam, replyToGuid, replyToPart],
    ["s", true, true, true, true, "ROOT", 2],
  );
  assert.deepEqual(
    [message.effectId, message.ownAddress, message.sender],
    ["com.apple.MobileSMS.expressivesend.loud", "me@example.com", undefined],
  );
  const words = contentOf(payloadOf({ service: "SMS", text: "Liked “see you”" }), "message");
  const guess = { kind: ReactionKind.LIKE, emoji: "", isRemoval: false, quotedText: "see you" };
  assert.deepEqual(words.textReaction, guess);
});

test("a link's balloon is its preview, with what is special about its page", () => {
  const song = archived("LPiTunesMediaSongMetadata", { name: "N", artist: "A", storeIdentifier: "9" });
  const payloadData = linkPayload({
    URL: url("https://example.com/b"),
    title: "T",
    specialization2: song,
  });
  const { balloon } = contentOf(payloadOf({ balloonBundleId: LINK_BUNDLE, payloadData }), "message");
  assert.ok(balloon?.content?.$case === "link");
  const { url: shown, title, special } = balloon.content.value;
  const value = { form: "Song", name: "N", artist: "A", album: "", storeIdentifier: "9" };
  assert.deepEqual([shown, title, special], ["https://example.com/b", "T", { $case: "music", value }]);
  const early = contentOf(payloadOf({ balloonBundleId: LINK_BUNDLE }), "message").balloon;
  assert.deepEqual(early, {
    bundleId: LINK_BUNDLE,
    teamId: "",
    content: { $case: "opaque", value: { kind: "link", payloadBytes: 0n, fault: "" } },
  });
});

test("an app's balloon is what Messages draws of it; of a Check In, its times", () => {
  const layout = dictionary({ caption: "c", "image-subtitle": "i" });
  const balloonBundleId = "com.apple.messages.MSMessageExtensionBalloonPlugin:TEAM567890:com.example.game";
  const payloadData = appPayload({
    an: "Game",
    userInfo: layout,
    ldtext: "move",
    appid: "9999999999999999999",
  });
  const { balloon } = contentOf(payloadOf({ balloonBundleId, payloadData }), "message");
  assert.equal(balloon?.teamId, "TEAM567890");
  assert.deepEqual(balloon?.content, {
    $case: "app",
    value: {
      kind: "app",
      appName: "Game",
      // No store has so many digits, and neither has the wire.
      appStoreId: 0n,
      url: "",
      fallbackText: "move",
      captions: ["c", "i"],
      sessionIdentifier: "",
      checkIn: undefined,
    },
  });
  const query = "?messageType=1&sendDate=1700000000.5&estimatedEndTime=999999999999";
  const checkIn = contentOf(
    payloadOf({ balloonBundleId: CHECK_IN_BUNDLE, payloadData: appPayload({ URL: url(query) }) }),
    "message",
  ).balloon?.content;
  assert.ok(checkIn?.$case === "app" && checkIn.value.kind === "check-in");
  assert.deepEqual(checkIn.value.checkIn, {
    step: 1,
    sentTime: { seconds: 1_700_000_000n, nanos: 500_000_000 },
    estimatedEndTime: undefined,
    triggeredTime: undefined,
  });
});

test("a move in a game and an answer from a watch are messages, with what they belong to", () => {
  const game = "com.apple.messages.MSMessageExtensionBalloonPlugin:TEAM567890:com.example.game";
  const move = contentOf(
    payloadOf({
      associatedMessageType: 2,
      associatedMessageGuid: "BEFORE",
      balloonBundleId: game,
      payloadData: appPayload({ an: "Game", ldtext: "move" }),
    }),
    "message",
  );
  assert.deepEqual(
    [move.sender, move.associatedGuid, move.balloon?.content?.$case],
    [SENDER, "BEFORE", "app"],
  );
  const attributedBody = Buffer.from(encodeAttributedBody({ text: "Well done" }));
  const answer = { associatedMessageType: 3, associatedMessageGuid: "p:0/BEFORE", attributedBody };
  const words = contentOf(payloadOf(answer, { text: "" }), "message");
  assert.deepEqual([words.text, words.sender, words.associatedGuid], ["Well done", SENDER, "BEFORE"]);
  const line = { associatedMessageType: 3, associatedMessageGuid: "BEFORE" };
  assert.equal(contentOf(payloadOf(line, { text: "" }), "unsupported").what, "app");
});

test("a poll is a message, its votes and its new options are theirs", () => {
  const option = { optionIdentifier: "o1", text: "yes", creatorHandle: "b@example.com" };
  const poll = { title: "Q", creatorHandle: CONTACT, orderedPollOptions: [option] };
  const wirePoll = {
    title: "Q",
    creatorAddress: CONTACT,
    options: [{ optionId: "o1", text: "yes", creatorAddress: "b@example.com" }],
  };
  const of = (item: unknown, associatedMessageType: number) =>
    payloadOf({
      balloonBundleId: POLL_BUNDLE,
      payloadData: pollPayload(item),
      ...(associatedMessageType === 0 ? {} : { associatedMessageType, associatedMessageGuid: "bp:POLL" }),
    });
  const made = contentOf(of(poll, 0), "message");
  assert.deepEqual(made.balloon?.content, { $case: "poll", value: wirePoll });
  assert.deepEqual(of(poll, 2), {
    $case: "pollUpdate",
    value: { ...LINE, pollGuid: "POLL", poll: wirePoll },
  });
  const votes = ["o1", "o1", "o2"].map((voteOptionIdentifier) => ({
    voteOptionIdentifier,
    participantHandle: CONTACT,
  }));
  assert.deepEqual(of({ votes }, 4_000), {
    $case: "pollVote",
    value: { ...LINE, pollGuid: "POLL", optionIds: ["o1", "o2"] },
  });
});

test("reactions: tapback, emoji, sticker, and their ends", () => {
  const of = (associatedMessageType: number, columns: Partial<MessageRow> = {}) =>
    contentOf(
      payloadOf({ associatedMessageType, associatedMessageGuid: "p:1/TARGET", ...columns }),
      "reaction",
    );
  assert.deepEqual(of(2001), {
    ...LINE,
    action: ReactionAction.ADDED,
    kind: ReactionKind.LIKE,
    emoji: "",
    sticker: undefined,
    targetGuid: "TARGET",
    targetPart: 1,
    quotedText: "",
    replacedGuid: "",
  });
  const emoji = of(3006, { associatedMessageEmoji: "🎉", associatedMessageGuid: "bp:TARGET" });
  assert.deepEqual(
    [emoji.action, emoji.kind, emoji.emoji, emoji.targetPart],
    [ReactionAction.REMOVED, ReactionKind.EMOJI, "🎉", undefined],
  );
  const attachments = [wireAttachment({ isSticker: true })];
  const sticker = of(1000, { attachments });
  assert.deepEqual([sticker.kind, sticker.sticker?.guid], [ReactionKind.PLACED_STICKER, "at_0_A"]);
  const own = contentOf(
    payloadOf({ associatedMessageType: 2000, associatedMessageGuid: "T" }, { isFromMe: true }),
    "reaction",
  );
  assert.deepEqual([own.direction, own.sender], [Direction.OWN, undefined]);
});

test("lines of a chat: its group, a location, a kept voice message, a call", () => {
  const otherHandle = wireHandle("b@example.com");
  const group = (columns: Partial<MessageRow>) => {
    const { kind, participant, name } = contentOf(payloadOf({ text: undefined, ...columns }), "groupChange");
    return [kind, participant?.personKey, name];
  };
  const added = GroupChangeKind.PARTICIPANT_ADDED;
  assert.deepEqual(group({ itemType: 1, otherHandle }), [added, "b@example.com", ""]);
  assert.deepEqual(group({ itemType: 2, groupTitle: "Team" }), [GroupChangeKind.RENAMED, undefined, "Team"]);
  assert.deepEqual(group({ itemType: 3 }), [GroupChangeKind.PARTICIPANT_LEFT, undefined, ""]);
  const line = (itemType: number, columns: Partial<MessageRow> = {}) =>
    payloadOf({ text: undefined, itemType, ...columns });
  assert.equal(contentOf(line(4), "locationShare").isStarted, true);
  assert.equal(contentOf(line(4, { shareStatus: 1 }), "locationShare").isStarted, false);
  const kept = line(5, { messageActionType: 1, associatedMessageGuid: "VOICE" });
  assert.equal(contentOf(kept, "keptAudio").targetGuid, "VOICE");
  assert.deepEqual(contentOf(line(6), "call"), LINE);
  assert.equal(contentOf(line(99), "unsupported").what, "system");
});
