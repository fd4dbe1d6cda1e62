import {
  type AttributeRun,
  encodeAttributedBody,
  type MessageRunFacts,
  messageRun,
} from "@imesh/imessage-codec";
import { parseHandleAddress } from "@imesh/imessage-model";
import { writeEntries } from "../mac/property-lists.ts";
import { withEdit, withOriginalRanges } from "./acts/summary-info.ts";
import { LINK_BUNDLE_ID, linkPayload } from "./payloads/link-payload.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** In words; with its attributes a body then has 200 to 600 bytes, as most on a Mac, and few have thousands. */
const TEXT_WORDS = { min: 2, max: 60 };
const LONG_WORDS = { min: 200, max: 1_500 };

/** Of texts. */
const LONG_SHARE = 0.004;
const MENTION_SHARE = 0.05;
const LINK_SHARE = 0.06;
const STYLED_SHARE = 0.02;
/** Of previews. */
const LONG_PREVIEW_SHARE = 0.05;

const WORDS = [
  "and",
  "the",
  "train",
  "tomorrow",
  "at",
  "eight",
  "café",
  "“maybe”",
  "später",
  "🎂",
  "dinner",
  "who",
  "called",
  "again",
  "日本",
  "why",
  "we",
  "should",
  "leave",
  "now",
  "ticket",
  "Sunday",
  "ok",
  "yes",
  "never",
  "mind",
  "they",
  "is",
] as const satisfies readonly [string, ...string[]];

/** A text that many messages of a long history have: a body each would take longer to encode than to store. */
export interface HistoryText {
  readonly text: string;
  readonly mac: Uint8Array;
  readonly ios: Uint8Array;
  /** The preview of the link in it; undefined without one. */
  readonly preview: { readonly bundleId: string; readonly payload: Uint8Array } | undefined;
}

/** The same text after an edit, with what the row then says of it. */
export interface EditedText extends HistoryText {
  readonly summaryInfo: Uint8Array;
}

/** Words, some with a mention, a link or a style in them. */
export function makeHistoryText(random: SeededRandom): HistoryText {
  const { min, max } = random.next() < LONG_SHARE ? LONG_WORDS : TEXT_WORDS;
  const words = Array.from({ length: random.integer(min, max) }, () => random.pick(WORDS)).join(" ");
  const kind = random.next();
  if (kind < MENTION_SHARE) {
    const mention = parseHandleAddress(`+1555300${String(random.integer(1, 200)).padStart(4, "0")}`);
    return bodyOf([
      ["@you", { mention }],
      [` ${words}`, {}],
    ]);
  }
  if (kind < MENTION_SHARE + LINK_SHARE) {
    const url = `https://example.com/${random.integer(1, 99_999)}`;
    const written = bodyOf([
      [`${words} `, {}],
      [url, { link: { url, isRichLink: true } }],
    ]);
    const payload = linkPayload({ url, hasPicture: false, longShare: LONG_PREVIEW_SHARE }, random);
    return { ...written, preview: { bundleId: LINK_BUNDLE_ID, payload } };
  }
  if (kind < MENTION_SHARE + LINK_SHARE + STYLED_SHARE) {
    return bodyOf([
      ["really", { styles: ["bold"] }],
      [` ${words}`, {}],
    ]);
  }
  return bodyOf([[words, {}]]);
}

/** What is left of a text after it was edited at `atSeconds` (since 2001), a minute after it was sent. */
export function editHistoryText(before: HistoryText, random: SeededRandom, atSeconds: number): EditedText {
  const after = bodyOf([[`${before.text} ${random.pick(WORDS)}`, {}]]);
  const part = { part: 0, start: 0, text: before.text, runs: [] };
  const info = withEdit(withOriginalRanges(new Map(), [part]), 0, {
    before: { body: before.ios, atSeconds: atSeconds - 60 },
    after: { body: after.ios, atSeconds },
  });
  return { ...after, summaryInfo: writeEntries(info) };
}

function bodyOf(pieces: readonly (readonly [string, Omit<MessageRunFacts, "part">])[]): HistoryText {
  const text = pieces.map(([words]) => words).join("");
  const runs = pieces.map(([words, facts]): AttributeRun => messageRun(words.length, { part: 0, ...facts }));
  return {
    text,
    mac: encodeAttributedBody({ text, runs }),
    ios: encodeAttributedBody({ text, runs, style: "ios" }),
    preview: undefined,
  };
}
