/** Makes rows of `message` of every kind around an input, so that what one column says meets what the others say. */
import { encodeAttributedBody } from "@imesh/imessage-codec";
import type { AttachmentRef, HandleRef, MessageRow } from "@imesh/imessage-model";
import { SeededRandom } from "@imesh/testing";
import { attachmentRef } from "../../libs/imessage-codec/src/fixtures/attachment-ref-fixture.ts";
import { messageRow } from "../../libs/imessage-codec/src/fixtures/message-row-fixture.ts";
import { LINK_BUNDLE, POLL_BUNDLE } from "../../libs/imessage-codec/src/payload/fixtures/payloads.ts";
import { randomMessage } from "./message-grammar.ts";
import { link, poll, summary, userInfo } from "./property-list-grammar.ts";

/** Making a row costs as much as decoding it; each is asked for several times. Goes with its bytes. */
const rows = {
  typedstream: new WeakMap<Uint8Array, MessageRow>(),
  "property-list": new WeakMap<Uint8Array, MessageRow>(),
};

/** The row that belongs to an input: always the same, so that a find can be had again from its bytes. */
export function rowAround(bytes: Uint8Array, family: keyof typeof rows): MessageRow {
  const known = rows[family].get(bytes);
  if (known !== undefined) {
    return known;
  }
  const random = new SeededRandom(seedOf(bytes));
  const row = messageRow({ ...plainColumns(random), ...blobs(random), ...random.pick(KINDS)(random) });
  const around = { ...row, ...PLACES[family](random, bytes, row) };
  rows[family].set(bytes, around);
  return around;
}

/** FNV-1a. */
function seedOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}

type Columns = Partial<MessageRow>;

/** Where an input of each format may stand. */
const PLACES: Readonly<
  Record<keyof typeof rows, (random: SeededRandom, bytes: Uint8Array, row: MessageRow) => Columns>
> = {
  typedstream: (_random, attributedBody) => ({ attributedBody }),
  "property-list": (random, bytes, { attachments }) =>
    random.pick<Columns>([
      { messageSummaryInfo: bytes },
      { messageSummaryInfo: bytes },
      { payloadData: bytes },
      // The limits of time are those of one decoder: only small inputs are read twice.
      bytes.length > TWICE_BYTES_MAX ? {} : { payloadData: bytes, messageSummaryInfo: bytes },
      { attachments: [...attachments, attachmentRef({ guid: "at_2", userInfo: bytes })] },
    ]),
};

const TWICE_BYTES_MAX = 4_000;

const TARGETS = ["p:0/A", "p:12/A", "bp:A", "A", "p:-1/A", "", "p:/", "p:0/", "x:A", null];
const NUMBERS = [0, 0, 0, 1, 2, 3, 4, 6, -1, 2 ** 31];

/** What makes a row one of a kind. */
const KINDS: readonly ((random: SeededRandom) => Columns)[] = [
  () => ({}),
  () => ({}),
  (random) => ({ itemType: random.integer(-1, 8), groupTitle: random.pick([null, "", "Trip"]) }),
  (random) => ({ associatedMessageType: random.pick([1, 2, 3, 1_000, 1_001, 4_000, 4_001, -1]) }),
  (random) => ({ associatedMessageType: random.integer(2_000, 2_009) }),
  (random) => ({ associatedMessageType: random.integer(3_000, 3_009) }),
  () => ({ associatedMessageType: 2, balloonBundleId: POLL_BUNDLE }),
  () => ({ associatedMessageType: 4_000, associatedMessageGuid: "A" }),
  () => ({ balloonBundleId: POLL_BUNDLE }),
  (random) => ({ isEmpty: true, partCount: random.pick([0, 0, 1, null]), text: null }),
  () => ({ isFromMe: true, scheduleType: 2, scheduleState: 2 }),
  () => ({ isAudioMessage: true, text: null }),
  () => ({ isOversized: true }),
  (random) => ({
    service: "SMS",
    text: random.pick(["Loved “x”", "👍 to “x”", "Liked an image", "Loved “"]),
  }),
];

function plainColumns(random: SeededRandom): Columns {
  const number = () => random.pick(NUMBERS);
  const date = () => random.pick([null, 0n, -1n, 657_208_635n, 657_208_700_000_000_000n, 2n ** 63n - 1n]);
  return {
    guid: random.chance(0.98) ? "6F8A2B3C" : random.pick(["", "a\0b"]),
    text: random.pick([null, null, "", "words", "\uFFFC", "\uFFFD", " "]),
    subject: random.pick([null, null, null, "", "subject"]),
    service: random.pick(["iMessage", "SMS", "RCS", null]),
    destinationCallerId: random.pick([null, "", "own@example.com"]),
    date: date(),
    dateEdited: date(),
    dateRetracted: date(),
    isFromMe: random.chance(0.3),
    isSent: random.chance(0.3),
    cacheHasAttachments: random.chance(0.2),
    groupActionType: number(),
    shareStatus: number(),
    messageActionType: number(),
    associatedMessageGuid: random.pick(TARGETS),
    associatedMessageEmoji: random.pick([null, "", "🧵", "🧵".repeat(40)]),
    threadOriginatorGuid: random.pick([null, "", "ROOT"]),
    threadOriginatorPart: random.pick([null, "0:0:4", "x", "18446744073709551615:0:1"]),
    partCount: random.pick([null, 0, 1]),
    sender: handle(random),
    otherHandle: handle(random),
  };
}

function handle(random: SeededRandom): HandleRef | null {
  const address = random.pick(["+15550100", "tel:+1 555 0100", "ada@example.com(smsft)", "", "ACME"]);
  return random.chance(0.2)
    ? null
    : { address, service: "SMS", country: null, contactId: random.pick([null, "C"]) };
}

function blobs(random: SeededRandom): Columns {
  return {
    attributedBody: random.chance(0.6) ? encodeAttributedBody(randomMessage(random)) : null,
    messageSummaryInfo: random.chance(0.4) ? summary(random) : null,
    ...(random.chance(0.4)
      ? {
          payloadData: random.pick([link, poll])(random),
          balloonBundleId: random.pick([null, LINK_BUNDLE, POLL_BUNDLE]),
        }
      : {}),
    attachments: Array.from({ length: random.chance(0.5) ? 0 : random.integer(1, 3) }, () =>
      attachment(random),
    ),
  };
}

/** The guids are those that message-grammar.ts names. */
function attachment(random: SeededRandom): AttachmentRef {
  return attachmentRef({
    guid: random.pick(["at_0", "at_1", "at_2", "", "NEW"]),
    originalGuid: random.pick([null, "", "at_0", "at_1"]),
    transferName: random.pick([null, "", "a/b", ".."]),
    transferState: random.integer(-2, 8),
    totalBytes: random.pick([0n, -1n, 2n ** 63n - 1n]),
    isSticker: random.chance(0.3),
    userInfo: random.chance(0.3) ? userInfo(random) : null,
  });
}
