/** What is fuzzed: each decoder that the codec exports, and what must be true of it whatever the bytes are. */
import assert from "node:assert/strict";
import {
  bodyDigest,
  type ContentChange,
  decodeAttributedBody,
  decodeBody,
  decodeChatProperties,
  decodeContentChange,
  decodeKeyedArchive,
  decodeMessageRow,
  decodePayload,
  decodePollUrl,
  decodePropertyList,
  decodeSummaryInfo,
  decodeTypedStream,
  type EditState,
  encodeTypedStream,
  KeyedArchiveError,
  latestChange,
  PayloadError,
  PropertyListError,
  summaryDigest,
  TypedStreamError,
  textOfVersion,
  UNCHANGED,
  unsentPartsOf,
} from "@imesh/imessage-codec";
import { readAttributedBody } from "../../libs/imessage-codec/src/attributed/decode-attributed-body.ts";
import { readDirectBody } from "../../libs/imessage-codec/src/attributed/direct-body.ts";
import {
  appleExtension,
  LINK_BUNDLE,
  POLL_BUNDLE,
} from "../../libs/imessage-codec/src/payload/fixtures/payloads.ts";
import { checkContentChange, checkRow } from "./check-row.ts";
import { rowAround } from "./row-grammar.ts";

/** The two formats that everything else is made of. */
export type Family = "typedstream" | "property-list";

/** One decoder. */
export interface Target {
  readonly name: string;
  readonly family: Family;
  /** Decodes, gives what a caller would hold, and throws whatever the decoder throws. */
  readonly decode: (bytes: Uint8Array) => unknown;
  /** What the decoder may throw; null for one that may not throw. */
  readonly error: (new (...parameters: never[]) => Error) | null;
  /** Throws where what was decoded contradicts the bytes. Left out of the measuring. */
  readonly check?: (decoded: unknown, bytes: Uint8Array) => void;
}

/** Comparing trees costs more than making them; so only small ones are. */
const COMPARED_RUNS_MAX = 50;

/** What is known of a row beside nothing, and that nobody had changed it. */
const MUCH_CHANGED: EditState = {
  versions: [
    { part: 0, count: 2 },
    { part: 1, count: 9 },
  ],
  unsentParts: [1, 2],
  isWhole: true,
};

const PAYLOAD_BUNDLES: readonly (string | null)[] = [
  null,
  LINK_BUNDLE,
  POLL_BUNDLE,
  appleExtension("com.apple.SafetyMonitorApp.SafetyMonitorMessages"),
  appleExtension("com.example.app"),
];

/** All of them. */
export const TARGETS: readonly Target[] = [
  {
    name: "typedstream",
    family: "typedstream",
    decode: (bytes) => decodeTypedStream(bytes),
    error: TypedStreamError,
    check: (decoded, bytes) => {
      const again = encodeTypedStream(decoded as ReturnType<typeof decodeTypedStream>);
      assert.ok(Buffer.from(again).equals(bytes), "a stream comes out byte for byte");
    },
  },
  {
    name: "attributed-body",
    family: "typedstream",
    decode: (bytes) => decodeAttributedBody(bytes),
    error: TypedStreamError,
    check: (_decoded, bytes) => {
      const direct = readDirectBody(bytes);
      if (direct !== null && direct.runs.length <= COMPARED_RUNS_MAX) {
        assert.deepEqual(direct, readAttributedBody(decodeTypedStream(bytes)), "both ways read the same");
      }
    },
  },
  {
    name: "body",
    family: "typedstream",
    decode: (bytes) => decodeBody(bytes),
    error: TypedStreamError,
    check: (decoded) => checkParts(decoded as ReturnType<typeof decodeBody>),
  },
  { name: "body-digest", family: "typedstream", decode: (bytes) => bodyDigest(bytes), error: null },
  ...(["typedstream", "property-list"] as const).flatMap(rowTargets),
  {
    name: "property-list",
    family: "property-list",
    decode: (bytes) => decodePropertyList(bytes),
    error: PropertyListError,
  },
  {
    name: "keyed-archive",
    family: "property-list",
    decode: (bytes) => {
      const archive = decodeKeyedArchive(bytes);
      return archive.names.map((name) => archive.top(name));
    },
    error: KeyedArchiveError,
  },
  {
    name: "summary-info",
    family: "property-list",
    decode: (bytes) => {
      const summary = decodeSummaryInfo(bytes);
      const texts = [...summary.history.values()].flat().map(textOfVersion);
      const changes = [null, UNCHANGED].map((known) => latestChange(summary, null, known));
      return [summary, changes, unsentPartsOf(summary), texts];
    },
    error: PropertyListError,
  },
  { name: "summary-digest", family: "property-list", decode: (bytes) => summaryDigest(bytes), error: null },
  {
    name: "chat-properties",
    family: "property-list",
    decode: (bytes) => decodeChatProperties(bytes),
    error: PropertyListError,
  },
  ...PAYLOAD_BUNDLES.map(
    (balloonBundleId, index): Target => ({
      name: `payload-${index}`,
      family: "property-list",
      decode: (payloadData) => decodePayload({ balloonBundleId, payloadData, associatedMessageType: index }),
      error: null,
    }),
  ),
  {
    name: "poll-url",
    family: "property-list",
    decode: (bytes) => decodePollUrl(`data:,${Buffer.from(bytes).toString("latin1")}`),
    error: PayloadError,
  },
];

/** Rows of every kind, with the input in one of their columns. */
function rowTargets(family: Family): readonly Target[] {
  return [
    {
      name: `message-row-${family}`,
      family,
      decode: (bytes) => decodeMessageRow(rowAround(bytes, family)),
      error: null,
      check: (decoded, bytes) =>
        checkRow(decoded as ReturnType<typeof decodeMessageRow>, rowAround(bytes, family)),
    },
    ...[null, UNCHANGED, MUCH_CHANGED].map(
      (known, index): Target => ({
        name: `content-change-${family}-${index}`,
        family,
        decode: (bytes) => decodeContentChange(rowAround(bytes, family), known),
        error: null,
        check: (decoded, bytes) =>
          checkContentChange(decoded as ContentChange, rowAround(bytes, family), known),
      }),
    ),
  ];
}

/** Parts cover the text, in order; entities lie in their part. */
function checkParts({ text, parts }: ReturnType<typeof decodeBody>): void {
  let end = 0;
  for (const part of parts) {
    assert.ok(part.range.start === end && part.range.length > 0, "parts follow each other");
    end += part.range.length;
    for (const { range } of part.kind === "text" ? part.entities : []) {
      assert.ok(
        range.start >= part.range.start && range.start + range.length <= end,
        "entities lie in a part",
      );
    }
  }
  assert.equal(end, text.length, "parts cover the text");
}
