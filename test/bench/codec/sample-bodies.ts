/** The columns of a message that hold bytes, made by the codec's own encoders, and words to fill them with. */
import {
  type ArchivedValue,
  encodeAttributedBody,
  encodeKeyedArchive,
  encodePropertyList,
  messageRun,
  type PropertyListLiteral,
  propertyListOf,
} from "@imesh/imessage-codec";

const WORDS = "so then we said at noon near the old bridge and café by the river".split(" ");
const VERSIONS = 3;

/** Characters and what is said of them. */
export type Piece = readonly [text: string, facts: Parameters<typeof messageRun>[1]];

/** `attributedBody`: a run for each piece. */
export function bodyOf(pieces: readonly Piece[]): Uint8Array {
  const runs = pieces.map(([text, facts]) => messageRun(text.length, facts));
  return encodeAttributedBody({ text: pieces.map(([text]) => text).join(""), runs, style: "ios" });
}

/** `message_summary_info` of a message whose second part was edited: its versions, the first written at `sentSeconds` since 2001. */
export function editHistoryOf(index: number, sentSeconds: number): Uint8Array {
  const versions = Array.from({ length: VERSIONS }, (_, version) =>
    dictionary({
      t: encodeAttributedBody({ text: wordsOf(index + version, 8), style: "ios" }),
      d: sentSeconds + 30 * version,
    }),
  );
  return encodePropertyList(
    propertyListOf(
      dictionary({
        ec: dictionary({ 1: versions }),
        ep: [1n],
        otr: dictionary({ 0: dictionary({ lo: 0n, le: 1n }), 1: dictionary({ lo: 1n, le: 40n }) }),
        amc: 1n,
        ust: true,
      }),
    ),
  );
}

function dictionary(entries: Readonly<Record<string, PropertyListLiteral>>): PropertyListLiteral {
  return new Map(Object.entries(entries));
}

/** `payload_data` of a link whose page is known, with the first attachment as its picture. */
export function linkPreviewOf(page: string, summary: string): Uint8Array {
  const url: ArchivedValue = { kind: "url", relative: page, base: null };
  const picture = object("RichLinkImageAttachmentSubstitute", {
    richLinkImageAttachmentSubstituteIndex: { kind: "integer", value: 0n },
  });
  const metadata = object("LPLinkMetadata", {
    originalURL: url,
    URL: url,
    title: { kind: "string", value: "A page" },
    siteName: { kind: "string", value: "Example" },
    summary: { kind: "string", value: summary },
    image: picture,
  });
  const link = object("RichLink", {
    richLinkIsPlaceholder: { kind: "boolean", value: false },
    richLinkMetadata: metadata,
  });
  return encodeKeyedArchive(new Map([["root", link]]));
}

function object(className: string, fields: Readonly<Record<string, ArchivedValue>>): ArchivedValue {
  return {
    kind: "object",
    className,
    superclassNames: ["NSObject"],
    fields: new Map(Object.entries(fields)),
  };
}

/** So many words, others for each seed. */
export function wordsOf(seed: number, count: number): string {
  const word = (at: number): string => WORDS[(seed * 7 + at * 4) % WORDS.length] ?? "";
  return Array.from({ length: count }, (_, at) => word(at)).join(" ");
}
