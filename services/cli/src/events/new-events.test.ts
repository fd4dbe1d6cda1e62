import assert from "node:assert/strict";
import { test } from "node:test";
import { AttachmentState } from "@imesh/contracts/bridge/v1/content";
import {
  ChatUpdateReason,
  DeletionState,
  Direction,
  Event,
  GroupChangeKind,
  ReactionAction,
  ReactionKind,
  ReceiptKind,
  ScheduleState,
} from "@imesh/contracts/bridge/v1/event";
import { formatLocalTime } from "../terminal/duration.ts";
import { toJson } from "../terminal/output.ts";
import { PLAIN } from "../terminal/style.ts";
import { fullMessage, inCake, newEvents, type PayloadSketch, payload } from "../testing/wire-events.ts";
import { at } from "../testing/wire-fixtures.ts";
import { eventLine } from "./event-line.ts";
import { eventRecord } from "./event-record.ts";

const IN = { direction: Direction.INCOMING, sender: { address: "+15550101" } };
const OWN = { direction: Direction.OWN };

/** Kind and words of the line: without sequence, time and arrival. */
function words(partial: PayloadSketch): string {
  return eventLine(inCake(payload(partial)), PLAIN).slice("     7  --:--:--.---  live      ".length);
}

test("eventLine() tells every kind of event in the words of the ones before it", () => {
  const lines = newEvents().map((event) => eventLine(event, PLAIN).slice("     7  ".length));
  assert.deepEqual(lines, [
    '--:--:--.---  live      edit         ← +15550101 in Cake  M "old" → "new"',
    '--:--:--.---  live      unsend       ← +15550101 in Cake  took back part 1 of M  [left "new"; unsend of part 1 failed]',
    '--:--:--.---  live      reaction     ← +15550101 in Cake  🎂 on M part 0  ["cake?"; in place of S]',
    "--:--:--.---  live      group        ← +15550101 in Cake  added ben@example.com",
    "--:--:--.---  live      location     ← +15550101 in Cake  shares a location",
    "--:--:--.---  live      kept-audio   ← +15550101 in Cake  kept M",
    "--:--:--.---  live      call         ← +15550101 in Cake  began a call",
    "--:--:--.---  live      vote         ← +15550101 in Cake  votes 1, 2 in M",
    '--:--:--.---  live      poll         ← +15550101 in Cake  added an option to M  [poll "Which?": "plum" / "pear"]',
    "--:--:--.---  live      receipt      Cake  M read by this account",
    `--:--:--.---  live      scheduled    → Cake  later  [scheduled for ${formatLocalTime(1_767_323_045_000_000_000n)}]`,
    "--:--:--.---  live      deletion     Cake  M recently-deleted",
    '--:--:--.---  live      update       Cake  M guid "hi"  [was F]',
    "--:--:--.---  live      attachment   Cake  at-1 ready  [cake.heic ready; of M]",
    "--:--:--.---  live      chat         Cake members  [with +15550101, ben@example.com; muted; photo at-9]",
  ]);
});

test("eventLine() tells what a message has beside its text", () => {
  const line = words({ $case: "message", value: fullMessage() });
  assert.equal(
    line,
    "incoming     ← +15550101 in Cake  see ▣ bold  [" +
      [
        'subject "cake"',
        "reply to R part 1",
        "voice message",
        "cake.heic ready",
        'sticker at-3 unknown says "on my way" shows "a cake"',
        'poll "Which?": "plum" / "pear"',
        "effect impact",
        "edited",
        "part 1 taken back",
        "auto-reply",
        "spam",
        "went as SMS",
        'reads like the end of a love of "yes"',
        "also in Plums",
        "body unreadable: run-length",
      ].join("; ") +
      "]",
  );
});

test("eventLine() tells each balloon by what a person sees of it", () => {
  const lines = (
    [
      { $case: "link", value: { title: "Cakes", url: "https://example.com/", isPlaceholder: true } },
      { $case: "link", value: { originalUrl: "https://example.com/" } },
      { $case: "app", value: { kind: "apple-cash", fallbackText: "$5", captions: ["c"] } },
      { $case: "app", value: { kind: "app", appName: "Chess", captions: ["your", "move"] } },
      { $case: "opaque", value: { kind: "handwriting" } },
      { $case: "opaque", value: { kind: "link", fault: "not-a-link" } },
      undefined,
    ] as const
  ).map((content) => words({ $case: "message", value: { ...IN, balloon: { bundleId: "B", content } } }));
  assert.deepEqual(
    lines.map((line) => line.slice("incoming     ← +15550101 in Cake  ".length)),
    [
      '[link "Cakes" https://example.com/ loading]',
      "[link https://example.com/]",
      '[apple-cash "$5"]',
      '[app "Chess" "your, move"]',
      "[handwriting]",
      "[link unreadable: not-a-link]",
      "[balloon B]",
    ],
  );
});

test("eventLine() tells what a step of an app, or an answer from a watch, belongs to", () => {
  const value = { ...IN, text: "Well done", associatedGuid: "M-1" };
  assert.match(words({ $case: "message", value }), /Well done {2}\[belongs to M-1\]$/);
});

test("eventLine() tells the other ends of things", () => {
  const sticker = { guid: "at-4", name: "star.png", isSticker: true, state: AttachmentState.WAITING };
  const removal = { ...IN, action: ReactionAction.REMOVED, kind: ReactionKind.LIKE, targetGuid: "M" };
  const cases: PayloadSketch[] = [
    { $case: "edit", value: { message: { guid: "M", ...OWN, text: "new" }, failedParts: [0] } },
    {
      $case: "edit",
      value: {
        message: { guid: "M", ...IN },
        parts: [
          { part: 2, newText: "b" },
          { part: 3, oldText: "c" },
        ],
      },
    },
    { $case: "unsend", value: { guid: "M", ...OWN, parts: [0, 1], isWhole: true } },
    { $case: "reaction", value: removal },
    { $case: "reaction", value: { ...OWN, kind: ReactionKind.PLACED_STICKER, sticker, targetGuid: "M" } },
    { $case: "receipt", value: { guid: "M", ...OWN, kind: ReceiptKind.PLAYED } },
    { $case: "groupChange", value: { ...IN, kind: GroupChangeKind.PARTICIPANT_REMOVED } },
    { $case: "groupChange", value: { ...OWN, kind: GroupChangeKind.RENAMED, name: "Pie" } },
    { $case: "locationShare", value: { ...OWN } },
    { $case: "pollVote", value: { ...IN, pollGuid: "M" } },
    { $case: "scheduledMessage", value: { message: { guid: "M" }, state: ScheduleState.CANCELLED } },
    { $case: "scheduledMessage", value: { message: { guid: "M", text: "a" }, state: ScheduleState.SENT } },
    { $case: "deletion", value: { guid: "M", state: DeletionState.DELETED } },
    { $case: "chatUpdate", value: { reason: ChatUpdateReason.STATE } },
    { $case: "chatUpdate", value: { reason: ChatUpdateReason.DELETED } },
  ];
  assert.deepEqual(cases.map(words), [
    'edit         → Cake  M → "new"  [edit of part 0 failed]',
    'edit         ← +15550101 in Cake  M part 2: ? → "b", part 3: "c" → ?',
    "unsend       → Cake  took back M",
    "reaction     ← +15550101 in Cake  took back like on M",
    "reaction     → Cake  placed-sticker star.png waiting on M",
    "receipt      → Cake  M played by whoever got it",
    "group        ← +15550101 in Cake  removed this account",
    'group        → Cake  named it "Pie"',
    "location     → Cake  no longer shares a location",
    "vote         ← +15550101 in Cake  took back the votes in M",
    "scheduled    → Cake  M  [cancelled]",
    "scheduled    → Cake  a  [being sent]",
    "deletion     Cake  M deleted",
    "chat         Cake state  [left]",
    "chat         Cake deleted",
  ]);
});

test("eventLine() shows as much of a guid as tells it from others", () => {
  const guid = "92C60598-FF15-47EA-8729-01165F7A7AC3";
  const message = { guid, ...IN, text: "hi", replyToGuid: guid };
  const cases: PayloadSketch[] = [
    { $case: "message", value: { ...message, attachments: [{ guid: `at_0_${guid}` }] } },
    { $case: "edit", value: { message } },
    { $case: "unsend", value: { guid, ...IN, isWhole: true } },
    { $case: "reaction", value: { ...IN, kind: ReactionKind.LIKE, targetGuid: guid, replacedGuid: guid } },
    { $case: "messageStatus", value: { guid } },
    { $case: "receipt", value: { guid } },
    { $case: "deletion", value: { guid } },
    { $case: "keptAudio", value: { ...IN, targetGuid: guid } },
    { $case: "pollVote", value: { ...IN, pollGuid: guid } },
    { $case: "pollUpdate", value: { ...IN, pollGuid: guid } },
    { $case: "scheduledMessage", value: { message: { guid } } },
    { $case: "messageUpdate", value: { message: { guid }, formerGuid: guid } },
    { $case: "attachmentUpdate", value: { attachment: { guid: `at_0_${guid}` }, messageGuid: guid } },
    { $case: "chatUpdate", value: { photoGuid: guid } },
    { $case: "unsupported", value: { guid } },
    { $case: "undecodable", value: { guid } },
  ];
  for (const line of cases.map(words)) {
    assert.match(line, /92C60598(?!-)/);
    assert.equal(line.includes(guid), false, line);
  }
});

test("eventLine() names the service where it is not iMessage, and what words read like", () => {
  const facts = (message: object) =>
    words({ $case: "message", value: { ...IN, ...message } }).slice(
      "incoming     ← +15550101 in Cake  ".length,
    );
  const reads = (textReaction: object) =>
    facts({ textReaction: { quotedText: "first words", ...textReaction } });
  assert.deepEqual(
    [
      facts({ service: "SMS" }),
      facts({ service: "SMS", isDowngraded: true }),
      facts({ service: "iMessage" }),
      reads({ kind: ReactionKind.LIKE }),
      reads({ kind: ReactionKind.EMPHASIZE, quotedText: "" }),
      reads({ kind: ReactionKind.EMOJI, emoji: "🎂" }),
    ],
    [
      "[SMS]",
      "[went as SMS]",
      "",
      '[reads like a like of "first words"]',
      "[reads like an emphasize of an attachment]",
      '[reads like 🎂 on "first words"]',
    ],
  );
});

test("eventLine() calls a chat by its name, else by its people where the event has them, else as Messages does", () => {
  const participants = [{ address: "+1" }, { address: "+2" }];
  const named = (chat: object, value: object) =>
    eventLine(Event.fromPartial({ chat, payload: { $case: "chatUpdate", value } } as never), PLAIN)
      .split(/ {2,}/)
      .slice(-2);
  assert.deepEqual(named({ identifier: "chat9", displayName: "Cake" }, { participants, isJoined: true }), [
    "Cake unspecified",
    "[with +1, +2]",
  ]);
  assert.deepEqual(
    named({ identifier: "chat9" }, { participants, isJoined: true }).at(-1),
    "+1, +2 unspecified",
  );
  assert.deepEqual(named({ guid: "any;+;chat9" }, { isJoined: true }).at(-1), "any;+;chat9 unspecified");
});

test("eventLine() disarms what strangers wrote, wherever it stands", () => {
  const evil = "\u001b[2J\n\u202e";
  const attachment = { guid: evil, name: evil, transcript: evil };
  const message = { ...IN, text: evil, attachments: [attachment] };
  const cases: PayloadSketch[] = [
    { $case: "message", value: { ...message, subject: evil, effectId: evil } },
    { $case: "edit", value: { message, parts: [{ oldText: evil, newText: evil }] } },
    { $case: "reaction", value: { ...IN, kind: ReactionKind.EMOJI, emoji: evil, quotedText: evil } },
    { $case: "groupChange", value: { ...IN, kind: GroupChangeKind.RENAMED, name: evil } },
    { $case: "pollUpdate", value: { ...IN, poll: { title: evil, options: [{ text: evil }] } } },
    { $case: "chatUpdate", value: { participants: [{ address: evil }] } },
    { $case: "unsupported", value: { guid: evil, what: evil } },
    { $case: "messageStatus", value: { guid: evil } },
  ];
  for (const line of cases.map(words)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    assert.doesNotMatch(line, /[\u0000-\u001f\u202e]/);
    assert.match(line, /\ufffd\[2J⏎\ufffd/);
  }
});

test("eventRecord() has every field of every payload", () => {
  const events = [...newEvents(), inCake(payload({ $case: "message", value: fullMessage() }))];
  for (const event of events) {
    assert.ok(event.payload !== undefined);
    const { $case, value } = event.payload;
    const record = JSON.parse(toJson(eventRecord(event)));
    assert.equal(record.kind, $case);
    assert.deepEqual(Object.keys(record[$case]).sort(), Object.keys(value).sort(), $case);
  }
});

test("eventRecord() prints the whole of a message", () => {
  const record = eventRecord(inCake(payload({ $case: "message", value: fullMessage() })));
  const { message } = JSON.parse(toJson(record));
  const attachment = {
    guid: "",
    name: "",
    mimeType: "",
    uti: "",
    totalBytes: "0",
    state: "unspecified",
    isSticker: false,
    isHidden: false,
    transcript: "",
    description: "",
    width: 0,
    height: 0,
    isRowMissing: false,
  };
  const photo = { guid: "at-1", name: "cake.heic", mimeType: "image/heic", totalBytes: "5", state: "ready" };
  assert.deepEqual(message.attachments, [
    { ...attachment, ...photo },
    { ...attachment, guid: "at-2", isHidden: true, state: "ready" },
    {
      ...attachment,
      guid: "at-3",
      isRowMissing: true,
      transcript: "on my way",
      isSticker: true,
      description: "a cake",
    },
  ]);
  assert.deepEqual(message.parts, [
    { index: 0, start: 0, length: 10, kind: "text", attachmentGuid: "" },
    { index: 2, start: 0, length: 0, kind: "balloon", attachmentGuid: "" },
  ]);
  assert.deepEqual(message.entities, [
    { start: 0, length: 3, kind: "mention", mention: "ben@example.com" },
    { start: 0, length: 3, kind: "link", link: "https://example.com/" },
    { start: 4, length: 1, kind: "attachmentGuid", attachmentGuid: "at-1" },
    { start: 6, length: 4, kind: "style", style: "bold" },
    { start: 6, length: 4, kind: "effect", effect: "shake" },
    { start: 6, length: 4, kind: "detected", detected: "phone-number" },
    { start: 6, length: 4, kind: "oneTimeCode", oneTimeCode: "123456" },
    { start: 6, length: 4, kind: "unknown", unknown: null },
  ]);
  const options = [
    { optionId: "1", text: "plum", creatorAddress: "" },
    { optionId: "2", text: "pear", creatorAddress: "" },
  ];
  const poll = { title: "Which?", creatorAddress: "+15550101", options };
  assert.deepEqual(message.balloon, { bundleId: "B", teamId: "", kind: "poll", poll });
  assert.deepEqual(message.textReaction, { kind: "love", emoji: "", isRemoval: true, quotedText: "yes" });
});

test("eventRecord() prints links and apps with all of their keys", () => {
  const place = { $case: "place", value: { name: "Park", latitude: 1.5 } } as const;
  const contents = [
    { $case: "link", value: { url: "https://example.com/", special: place } },
    { $case: "link", value: {} },
    { $case: "app", value: { kind: "check-in", appStoreId: 7n, checkIn: { step: 2, sentTime: at(0) } } },
    { $case: "opaque", value: { kind: "handwriting", payloadBytes: 9n } },
  ] as const;
  const records = contents.map((content) => {
    const event = inCake(payload({ $case: "message", value: { balloon: { content } } }));
    return JSON.parse(toJson(eventRecord(event))).message.balloon;
  });
  const page = { url: "", originalUrl: "", title: "", summary: "", siteName: "", itemType: "" };
  const park = { name: "Park", address: "", latitude: 1.5, longitude: null, category: "" };
  const special = { kind: "place", place: park };
  const link = { ...page, url: "https://example.com/", isPlaceholder: false, special };
  const texts = { appName: "", url: "", fallbackText: "", captions: [], sessionIdentifier: "" };
  const sent = "2026-01-02T03:04:05.000000000Z";
  const checkIn = { step: 2, sent, estimatedEnd: null, triggered: null };
  const app = { kind: "check-in", appStoreId: "7", ...texts, checkIn };
  const facts = { bundleId: "", teamId: "" };
  assert.deepEqual(records, [
    { ...facts, kind: "link", link },
    { ...facts, kind: "link", link: { ...page, isPlaceholder: false, special: null } },
    { ...facts, kind: "app", app },
    { ...facts, kind: "opaque", opaque: { kind: "handwriting", payloadBytes: "9", fault: "" } },
  ]);
});
