/** Makes binary property lists: any, those of each column, archives and payloads, and some that contradict themselves. */
import {
  type ArchivedValue,
  encodeAttributedBody,
  encodeKeyedArchive,
  encodePropertyList,
  type PropertyListLiteral,
  propertyListOf,
} from "@imesh/imessage-codec";
import type { SeededRandom } from "@imesh/testing";
import {
  archivedObject,
  randomArchivedValue,
} from "../../libs/imessage-codec/src/keyed-archive/fixtures/random-archived-value.ts";
import {
  appPayload,
  dictionary,
  integer,
  linkPayload,
  pollUrl,
  substitute,
  text,
  url,
} from "../../libs/imessage-codec/src/payload/fixtures/payloads.ts";
import { assemble } from "../../libs/imessage-codec/src/property-list/fixtures/assemble.ts";
import { randomPropertyList } from "../../libs/imessage-codec/src/property-list/fixtures/random-property-list.ts";

const SUMMARY_KEYS = [
  ...[
    "ec",
    "ep",
    "rp",
    "otr",
    "edfp",
    "rdfp",
    "euh",
    "ust",
    "amc",
    "ams",
    "amab",
    "amsa",
    "enc",
    "i",
    "osn",
    "oui",
  ],
  ...[
    "acsr",
    "rfgs",
    "orgid",
    "smlmt",
    "smotg",
    "translationLanguage",
    "translatedText",
    "cmmS",
    "hbr",
    "new",
  ],
];
const CHAT_KEYS = [
  ...["groupPhotoGuid", "ignoreAlertsFlag", "shouldForceToSMS", "SMSHandshakeState", "lastSeenMessageGuid"],
  ...[
    "EMBEDDED_ATTACHMENT",
    "tapBackAssociatedMessageGuid",
    "transcriptBackground",
    "numberOfTimesRespondedtoThread",
  ],
];
const METADATA_KEYS = [
  ...["originalURL", "URL", "title", "summary", "siteName", "itemType", "image", "icon", "images", "icons"],
  ...["specialization", "imageMetadata", "creator", "video", "selectedText"],
];
const APP_KEYS = [
  "an",
  "ai",
  "appid",
  "ldtext",
  "userInfo",
  "URL",
  "layoutClass",
  "sessionIdentifier",
  "liveLayoutInfo",
];

/** A property list of any of these kinds. */
export function randomPropertyListBytes(random: SeededRandom): Uint8Array {
  const makers = [
    () => encodePropertyList(randomPropertyList(random)),
    () => summary(random),
    () => summary(random),
    () => keyed(random, CHAT_KEYS),
    () => encodeKeyedArchive(new Map([["root", randomArchivedValue(random)]])),
    () => link(random),
    () => appPayload(archived(random, APP_KEYS)),
    () => poll(random),
    () => appPayload({ ...archived(random, APP_KEYS), URL: url(checkInUrl(random)) }),
    () => assembled(random),
  ];
  return random.pick(makers)();
}

/** What `message_summary_info` may hold. */
export function summary(random: SeededRandom): Uint8Array {
  const version = (): PropertyListLiteral =>
    new Map<string, PropertyListLiteral>([
      [
        "t",
        random.chance(0.9)
          ? encodeAttributedBody({ text: random.pick(["", "old text", "ü"]), style: "ios" })
          : literal(random, 0),
      ],
      ["d", random.chance(0.9) ? random.integer(0, 1e9) / 4 : literal(random, 0)],
      ...(random.chance(0.2) ? [["bcg", literal(random, 0)] as const] : []),
    ]);
  const parts = (): PropertyListLiteral =>
    Array.from({ length: random.integer(0, 3) }, () => BigInt(random.integer(-1, 4)));
  const entries: [string, PropertyListLiteral][] = [
    [
      "ec",
      new Map([
        ["0", [version(), version()]],
        [String(random.integer(0, 5)), [version()]],
      ]),
    ],
    ["ep", parts()],
    ["rp", parts()],
    [
      "otr",
      new Map([
        [
          "0",
          new Map([
            ["lo", BigInt(random.integer(0, 9))],
            ["le", BigInt(random.integer(0, 9))],
          ]),
        ],
      ]),
    ],
    [random.pick(SUMMARY_KEYS), literal(random, 0)],
    [random.pick(SUMMARY_KEYS), literal(random, 0)],
  ];
  return encodePropertyList(propertyListOf(new Map(entries.filter(() => random.chance(0.7)))));
}

/** What `attachment.user_info` may hold. */
export function userInfo(random: SeededRandom): Uint8Array {
  return keyed(random, ["audio-transcription", "uti-type", "mmcs-url"]);
}

function keyed(random: SeededRandom, keys: readonly string[]): Uint8Array {
  const entries = keys.filter(() => random.chance(0.5)).map((key) => [key, literal(random, 0)] as const);
  return encodePropertyList(propertyListOf(new Map(entries)));
}

function literal(random: SeededRandom, nesting: number): PropertyListLiteral {
  const flat: readonly (() => PropertyListLiteral)[] = [
    () => null,
    () => random.chance(0.5),
    () => BigInt(random.integer(-2, 300)) << BigInt(random.integer(0, 40)),
    () => random.pick([0, 0.5, -1e300, Number.NaN]),
    () => random.pick(["", "text", "ü", "漢字", "x".repeat(200)]),
    () => Uint8Array.from({ length: random.integer(0, 30) }, () => 0x62),
    () => ({ kind: "date", secondsSince2001: random.integer(0, 1e9) }),
  ];
  const nested: readonly (() => PropertyListLiteral)[] = [
    () => Array.from({ length: random.integer(0, 3) }, () => literal(random, nesting + 1)),
    () => new Map([[random.pick(["a", "lo", "0", "t"]), literal(random, nesting + 1)]]),
  ];
  return random.pick(nesting < 3 ? [...flat, ...nested] : flat)();
}

const SPECIALIZATIONS = [
  ...[
    "LPiTunesMediaSongMetadata",
    "LPiTunesMediaPodcastMetadata",
    "LPiTunesMediaSoftwareMetadata",
    "LPMapMetadata",
  ],
  ...["LPFileMetadata", "LPSharedObjectMetadata", "LPOfMacOS99Metadata"],
];
const SPECIALIZATION_KEYS = [
  ...[
    "name",
    "artist",
    "album",
    "lyrics",
    "previewURL",
    "storeIdentifier",
    "podcastName",
    "episodeName",
    "subtitle",
  ],
  ...[
    "genre",
    "platform",
    "address",
    "locationLatitude",
    "locationLongitude",
    "category",
    "type",
    "size",
    "title",
  ],
  ...["information", "isCollaboration", "addressComponents"],
];

function specialization(random: SeededRandom): ArchivedValue {
  return archivedObject(random.pick(SPECIALIZATIONS), {
    ...archived(random, SPECIALIZATION_KEYS),
    addressComponents: archivedObject(
      "SLPostalAddress",
      archived(random, ["_street", "_city", "_ISOCountryCode"]),
    ),
  });
}

/** Text with runs, as an option of a poll may have; they fit for the most part. */
function attributedText(random: SeededRandom): ArchivedValue {
  const words = random.pick(["", "a", "two words"]);
  const first = random.integer(0, words.length);
  const runOf = (length: number) => ({ length, attributes: new Map([["k", text("v")]]) });
  return {
    kind: "attributed-string",
    text: words,
    runs: [first, words.length - first].filter(Boolean).map(runOf),
  };
}

function archived(random: SeededRandom, keys: readonly string[]) {
  const values = [
    () => text(random.pick(["", "words", "https://example.com"])),
    () => integer(random.integer(-1, 300)),
    () =>
      url(
        random.pick(["", "https://example.com", "data:,x", "?q"]),
        random.chance(0.2) ? "https://base" : null,
      ),
    () => substitute(random.integer(0, 3)),
    () => dictionary({ caption: text("c"), subcaption: integer(1) }),
    () => randomArchivedValue(random),
    () => attributedText(random),
    () => text(`${random.integer(0, 9)}`),
    () => ({ kind: "real", value: random.integer(-200, 200) / 8 }) as const,
  ];
  return Object.fromEntries(keys.filter(() => random.chance(0.5)).map((key) => [key, random.pick(values)()]));
}

/** The payload of a link. */
export function link(random: SeededRandom): Uint8Array {
  const fields = archived(random, METADATA_KEYS);
  const special = random.chance(0.5) ? { specialization: specialization(random) } : {};
  return linkPayload({ ...fields, ...special }, random.chance(0.2));
}

/** The payload of a poll, or of votes. */
export function poll(random: SeededRandom): Uint8Array {
  const option = () => ({
    optionIdentifier: random.pick(["a", "b", "c", 1]),
    text: random.pick(["yes", "", null]),
    creatorHandle: "+15550100",
    canBeEdited: random.chance(0.5),
  });
  const vote = () => ({
    voteOptionIdentifier: "a",
    participantHandle: "+15550100",
    serverVoteTime: random.pick([1, -1, "x"]),
  });
  const item = random.chance(0.6)
    ? {
        title: "Who?",
        creatorHandle: "+15550100",
        orderedPollOptions: Array.from({ length: random.integer(0, 4) }, option),
      }
    : { votes: Array.from({ length: random.integer(0, 4) }, vote) };
  const made = pollUrl(random.chance(0.9) ? { version: 1, item } : random.pick([null, [], 1, {}]));
  return appPayload({ URL: url(random.chance(0.9) ? made : made.slice(0, random.integer(0, made.length))) });
}

function checkInUrl(random: SeededRandom): string {
  const value = () => random.pick(["", "1", "1700000000.5", "x", "%00"]);
  const unknown = random.chance(0.2) ? "a&".repeat(random.pick([1, 30, 2_048, 3_000])) : "";
  return `messages:?${unknown}messageType=${value()}&sendDate=${value()}&estimatedEndTime=${value()}&triggerTime=${value()}`;
}

/** Objects as bytes, that may be anything and refer to anything. */
function assembled(random: SeededRandom): Uint8Array {
  const count = random.integer(1, 12);
  const reference = () => random.integer(0, random.chance(0.05) ? 255 : count - 1);
  const objects = Array.from({ length: count }, () => {
    const items = random.integer(0, 4);
    const marker = random.pick([
      0x00,
      0x08,
      0x09,
      0x10,
      0x11,
      0x12,
      0x13,
      0x22,
      0x23,
      0x33,
      0x40,
      0x50,
      0x60,
      0x80,
      0xa0,
      0xc0,
      0xd0,
      random.integer(0, 255),
    ]);
    const sized = marker >= 0x40 && (marker & 0x0f) === 0 && marker !== 0x80 ? marker | items : marker;
    const bytes = [sized, ...Array.from({ length: contentLength(marker, items) }, reference)];
    return Uint8Array.from(bytes);
  });
  const form = random.chance(0.8)
    ? {}
    : { objectCount: BigInt(random.integer(0, 20)), rootIndex: BigInt(random.integer(0, 3)) };
  return assemble(objects, { offsetBytes: random.pick([1, 2, 8]), ...form });
}

function contentLength(marker: number, items: number): number {
  switch (marker & 0xf0) {
    case 0x10:
    case 0x20:
      return 1 << (marker & 3);
    case 0x30:
      return 8;
    case 0x60:
    case 0xd0:
      return 2 * items;
    default:
      return marker < 0x10 ? 0 : items;
  }
}
