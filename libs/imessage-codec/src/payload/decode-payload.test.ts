import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { propertyListOf } from "../property-list/property-list-literal.ts";
import { meaningOfBundle, parseBalloonBundle } from "./balloon-bundle.ts";
import { contentOf, decode, NO_APP, NO_LINK } from "./fixtures/decoded.ts";
import {
  appleExtension,
  appPayload,
  dictionary,
  integer,
  LINK_BUNDLE,
  linkPayload,
  POLL_BUNDLE,
  payloadOf,
  pollUrl,
  text,
  url,
} from "./fixtures/payloads.ts";

test("parseBalloonBundle() takes ids apart", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    [LINK_BUNDLE, { kind: "provider", id: LINK_BUNDLE }, "link-preview"],
    [
      "com.apple.Handwriting.HandwritingProvider",
      { kind: "provider", id: "com.apple.Handwriting.HandwritingProvider" },
      "handwriting",
    ],
    [
      POLL_BUNDLE,
      { kind: "extension", id: POLL_BUNDLE, teamId: "0000000000", extensionId: "com.apple.messages.Polls" },
      "poll",
    ],
    [
      "com.apple.messages.MSMessageExtensionBalloonPlugin:EWFNLB79LQ:com.example.game:x",
      {
        kind: "extension",
        id: "com.apple.messages.MSMessageExtensionBalloonPlugin:EWFNLB79LQ:com.example.game:x",
        teamId: "EWFNLB79LQ",
        extensionId: "com.example.game:x",
      },
      "app",
    ],
    [
      "com.apple.messages.MSMessageExtensionBalloonPlugin:no-extension",
      { kind: "provider", id: "com.apple.messages.MSMessageExtensionBalloonPlugin:no-extension" },
      "unknown",
    ],
    ["", { kind: "provider", id: "" }, "unknown"],
  ];
  for (const [id, bundle, meaning] of cases) {
    assert.deepEqual(parseBalloonBundle(id), bundle);
    assert.equal(meaningOfBundle(parseBalloonBundle(id)), meaning);
  }
});

const APP_FIELDS: Readonly<Record<string, ArchivedValue>> = {
  an: text("Game"),
  appid: integer(1_124_197_642),
  URL: url("data:?ver=48"),
  ldtext: text("Dots"),
  userInfo: dictionary({
    caption: text("Your move."),
    subcaption: text("two"),
    "secondary-subcaption": text("three"),
    "tertiary-subcaption": text("four"),
    "image-title": text("five"),
    "image-subtitle": text("six"),
  }),
  layoutClass: text("MSMessageTemplateLayout"),
  sessionIdentifier: { kind: "uuid", value: "6F8A2B3C-0000-4000-8000-000000000001" },
  AccessibilityLabel: text("seven"),
  liveLayoutInfo: { kind: "data", value: new Uint8Array(3) },
  ai: { kind: "data", value: new Uint8Array(77) },
};

const APP = {
  appName: "Game",
  appStoreId: 1_124_197_642n,
  url: "data:?ver=48",
  fallbackText: "Dots",
  caption: "Your move.",
  subcaption: "two",
  secondarySubcaption: "three",
  tertiarySubcaption: "four",
  imageTitle: "five",
  imageSubtitle: "six",
  accessibilityLabel: "seven",
  layoutClass: "MSMessageTemplateLayout",
  isLive: true,
  sessionIdentifier: "6F8A2B3C-0000-4000-8000-000000000001",
  iconBytes: 77,
};

test("an app's message is read whole, Apple's own apps by name", () => {
  const payload = appPayload(APP_FIELDS);
  const cases: readonly (readonly [string, string])[] = [
    ["com.apple.messages.MSMessageExtensionBalloonPlugin:EWFNLB79LQ:com.example.game", "app"],
    [appleExtension("com.apple.PassbookUIService.PeerPaymentMessagesExtension"), "apple-cash"],
    [appleExtension("com.apple.icloud.apps.messages.business.extension"), "business"],
    [appleExtension("com.apple.findmy.FindMyMessagesApp"), "find-my"],
    [appleExtension("com.apple.mobileslideshow.PhotosMessagesApp"), "photos"],
    [appleExtension("com.apple.ActivityMessagesApp.MessagesExtension"), "fitness"],
  ];
  for (const [id, kind] of cases) {
    assert.deepEqual(contentOf(decode(id, payload)), { kind, app: APP }, id);
  }
  assert.deepEqual(contentOf(decode(cases[0]?.[0] ?? "", appPayload({ appid: text("42") }))), {
    kind: "app",
    app: { ...NO_APP, appStoreId: 42n },
  });
});

test("a Check In tells its times", () => {
  const bundle = appleExtension("com.apple.SafetyMonitorApp.SafetyMonitorMessages");
  const checkIn = (query: string) => {
    const balloon = decode(bundle, appPayload({ URL: url(query) }));
    return balloon?.kind === "check-in" ? balloon.checkIn : null;
  };
  assert.deepEqual(
    checkIn("?messageType=1&interfaceVersion=1&sendDate=1697316869.688709&estimatedEndTime=1697317000"),
    {
      messageType: 1,
      sentUnixSeconds: 1_697_316_869.688709,
      estimatedEndUnixSeconds: 1_697_317_000,
      triggeredUnixSeconds: null,
    },
  );
  const nothing = {
    messageType: null,
    sentUnixSeconds: null,
    estimatedEndUnixSeconds: null,
    triggeredUnixSeconds: null,
  };
  for (const query of [
    "",
    "x",
    "?messageType=-1&sendDate=1e9&triggerTime=NaN",
    `?sendDate=${"9".repeat(400)}`,
    `?messageType=1&${"a".repeat(4_082)}`,
    `?messageType=1&${"a&".repeat(130_000)}`,
  ]) {
    assert.deepEqual(checkIn(query), nothing, query.slice(0, 40));
  }
  assert.equal(checkIn(`?messageType=1&${"a".repeat(4_081)}`)?.messageType, 1);
});

test("polls, their updates and their votes are told apart", () => {
  const options = [{ optionIdentifier: "A", text: "Pizza" }];
  const poll = {
    version: 1,
    title: "",
    creatorHandle: null,
    options: [{ identifier: "A", text: "Pizza", creatorHandle: null }],
    votes: [],
  };
  const made = appPayload({
    an: text("Polls"),
    URL: url(pollUrl({ version: 1, item: { orderedPollOptions: options } })),
  });
  const app = { ...NO_APP, appName: "Polls" };
  assert.deepEqual(contentOf(decode(POLL_BUNDLE, made)), { kind: "poll", app, poll });
  assert.deepEqual(contentOf(decode(POLL_BUNDLE, made, 2)), { kind: "poll-update", app, poll });
  const voted = appPayload({
    URL: url(pollUrl({ item: { votes: [{ voteOptionIdentifier: "A", participantHandle: "p" }] } })),
  });
  assert.deepEqual(contentOf(decode(POLL_BUNDLE, voted, 4000)), {
    kind: "poll-vote",
    app: NO_APP,
    votes: [{ optionIdentifier: "A", participantHandle: "p", secondsSince2001: null }],
  });
});

test("what is not looked into keeps its bundle and its size", () => {
  for (const [id, kind] of [
    ["com.apple.Handwriting.HandwritingProvider", "handwriting"],
    ["com.apple.DigitalTouchBalloonProvider", "digital-touch"],
    ["com.apple.messages.chatbot", "chatbot"],
    ["com.example.new", "unknown"],
  ] as const) {
    assert.deepEqual(decode(id, new Uint8Array(5)), {
      kind,
      bundle: { kind: "provider", id },
      payloadBytes: 5,
    });
  }
});

test("a row without a bundle has a link preview, an unknown balloon or none", () => {
  const link = linkPayload({ title: text("Title") });
  for (const id of [null, ""]) {
    assert.deepEqual(decode(id, link), {
      kind: "link-preview",
      bundle: null,
      payloadBytes: link.length,
      link: { ...NO_LINK, title: "Title" },
    });
    assert.equal(decode(id, null), null);
    assert.equal(decode(id, new Uint8Array()), null);
    const other = payloadOf(dictionary({ a: text("b") }));
    assert.deepEqual(contentOf(decode(id, other)), { kind: "unknown" });
  }
});

test("a bundle without a payload says what is to come", () => {
  assert.deepEqual(decode(LINK_BUNDLE, null), {
    kind: "no-payload",
    bundle: { kind: "provider", id: LINK_BUNDLE },
    payloadBytes: 0,
    meaning: "link-preview",
  });
});

test("a payload that cannot be read is undecodable, with the reason", () => {
  const poll = (target: string) => appPayload({ URL: url(target) });
  const cases: readonly (readonly [string | null, Uint8Array, string, number | null])[] = [
    [LINK_BUNDLE, Uint8Array.of(1, 2, 3), "not-a-property-list", 0],
    [null, Uint8Array.of(1, 2, 3), "not-a-property-list", 0],
    [LINK_BUNDLE, encodePropertyList(propertyListOf([])), "not-a-keyed-archive", null],
    [LINK_BUNDLE, appPayload(APP_FIELDS), "not-a-link", null],
    [LINK_BUNDLE, payloadOf(text("link")), "not-a-link", null],
    [appleExtension("x"), payloadOf(text("app")), "not-an-app-message", null],
    [POLL_BUNDLE, appPayload({}), "poll-url", null],
    [POLL_BUNDLE, poll("https://example.com/"), "poll-url", null],
    [POLL_BUNDLE, poll("data:,%"), "poll-base64", null],
    [POLL_BUNDLE, poll("data:,e3s="), "poll-json", null],
    [POLL_BUNDLE, poll("data:,e30="), "poll-shape", null],
  ];
  for (const [id, payload, code, offset] of cases) {
    const balloon = decode(id, payload);
    assert.ok(balloon?.kind === "undecodable", code);
    assert.deepEqual([balloon.code, balloon.offset], [code, offset]);
    assert.equal(balloon.meaning, id === null ? "unknown" : meaningOfBundle(parseBalloonBundle(id)));
  }
});
