import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import { archivedObject, randomArchivedValue } from "../keyed-archive/fixtures/random-archived-value.ts";
import { decodePayload } from "./decode-payload.ts";
import {
  appleExtension,
  appPayload,
  dictionary,
  LINK_BUNDLE,
  linkPayload,
  POLL_BUNDLE,
  payloadOf,
  pollUrl,
  substitute,
  text,
  url,
} from "./fixtures/payloads.ts";

const MUTATIONS = 9_000;

const BUNDLES = [
  null,
  LINK_BUNDLE,
  POLL_BUNDLE,
  appleExtension("com.example.app"),
  appleExtension("com.apple.SafetyMonitorApp.SafetyMonitorMessages"),
];

/** UTF-16 units of all texts in a balloon, each as often as it is there. */
function unitsOf(value: unknown): number {
  if (typeof value === "string") {
    return value.length;
  }
  return typeof value === "object" && value !== null
    ? Object.values(value).reduce((sum: number, part) => sum + unitsOf(part), 0)
    : 0;
}

test("one long text under every field is not taken for every field", () => {
  const long = text("x".repeat(200_000));
  const names = ["title", "summary", "selection", "siteName", "itemType", "creator", "originalURL", "URL"];
  const fields = Object.fromEntries(names.map((name) => [name, long]));
  const song = archivedObject("LPiTunesMediaSongMetadata", {
    name: long,
    artist: long,
    album: long,
    lyrics: long,
  });
  const payload = linkPayload({ ...fields, specialization: song });
  const balloon = decodePayload({ balloonBundleId: null, payloadData: payload, associatedMessageType: null });
  assert.equal(balloon?.kind, "link-preview");
  assert.ok(unitsOf(balloon) <= 4 * payload.length, `${unitsOf(balloon)} units of ${payload.length} bytes`);
});

test("one picture under a hundred thousand items is listed a few times", () => {
  const picture = substitute(1);
  const alternateImages: ArchivedValue = {
    kind: "array",
    items: Array.from({ length: 100_000 }, () => picture),
  };
  const payload = linkPayload({ alternateImages });
  const balloon = decodePayload({ balloonBundleId: null, payloadData: payload, associatedMessageType: null });
  assert.ok(balloon?.kind === "link-preview");
  assert.equal(balloon.link.alternateImageAttachmentIndexes.length, 32);
});

test("metadata that holds itself is read once", () => {
  const fields = new Map<string, ArchivedValue>([["title", text("Title")]]);
  const metadata: ArchivedValue = {
    kind: "object",
    className: "LPLinkMetadata",
    superclassNames: [],
    fields,
  };
  fields
    .set("specialization", metadata)
    .set("imageMetadata", metadata)
    .set("collaborationMetadata", metadata);
  const payload = payloadOf(dictionary({ richLinkMetadata: metadata }));
  const balloon = decodePayload({ balloonBundleId: null, payloadData: payload, associatedMessageType: null });
  assert.ok(balloon?.kind === "link-preview");
  assert.deepEqual([balloon.link.title, balloon.link.specialization], ["Title", null]);
});

test(`${MUTATIONS} damaged payloads are read or undecodable, whatever bundle they come with`, () => {
  const random = SeededRandom.fromEnvironment("damaged payloads");
  const whole = [
    linkPayload({ originalURL: url("https://example.com/"), title: text("T"), image: substitute(0) }),
    appPayload({ an: text("App"), URL: url("?sendDate=1.5"), userInfo: dictionary({ caption: text("c") }) }),
    appPayload({
      URL: url(pollUrl({ item: { orderedPollOptions: [{ optionIdentifier: "A", text: "B" }] } })),
    }),
  ];
  const outcomes = new Map<string, number>();
  for (let round = 0; round < MUTATIONS; round += 1) {
    const payload = random.chance(0.2) ? payloadOf(randomArchivedValue(random)) : random.pick(whole);
    const payloadData = damaged(random, payload);
    // Polls are looked into deepest: by chance alone, some seeds would not reach all that can be wrong with one.
    const isPoll = payload === whole[2] && random.chance(0.8);
    const balloonBundleId = isPoll ? POLL_BUNDLE : random.pick(BUNDLES);
    const balloon = decodePayload({ balloonBundleId, payloadData, associatedMessageType: null });
    const outcome = balloon?.kind === "undecodable" ? balloon.code : (balloon?.kind ?? "none");
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const expected = [
    "link-preview",
    "app",
    "poll",
    "check-in",
    "unknown",
    "not-a-property-list",
    "not-a-keyed-archive",
    "not-a-link",
    "uid-out-of-range",
    "class-invalid",
    "poll-url",
    "poll-base64",
    "poll-json",
  ];
  for (const needed of expected) {
    assert.ok((outcomes.get(needed) ?? 0) > 0, `${needed} in ${JSON.stringify([...outcomes])}`);
  }
});
