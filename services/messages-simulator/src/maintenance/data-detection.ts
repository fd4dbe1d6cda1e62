import {
  ATTRIBUTE_KEY,
  type AttributeRun,
  decodeAttributedBody,
  encodeAttributedBody,
  TypedStreamError,
} from "@imesh/imessage-codec";
import { type DetectedKind, scannerResult } from "../messages/payloads/detected-data.ts";
import type { SeededRandom } from "../messages/seeded-random.ts";

/** Something that data detection finds, and the attribute that it gets beside the general one. */
interface Finding {
  readonly what: DetectedKind;
  readonly attribute: string;
}

const KINDS: readonly [Finding, ...Finding[]] = [
  { what: "phone-number", attribute: ATTRIBUTE_KEY.phoneNumber },
  { what: "address", attribute: ATTRIBUTE_KEY.address },
  { what: "calendar-event", attribute: ATTRIBUTE_KEY.calendarEvent },
];

const DETECTED = ATTRIBUTE_KEY.dataDetected;
const DETECTED_ATTRIBUTES: ReadonlySet<string> = new Set<string>([
  DETECTED,
  ...KINDS.map(({ attribute }) => attribute),
]);

/**
 * A body as Messages writes it anew when it has detected data in it (docs/chat-db.md §17): the same text and the same visible
 * attributes, one word marked. Marks of an earlier time go. Undefined for a body without a word, or one that is damaged.
 */
export function detectData(attributedBody: Uint8Array, random: SeededRandom): Uint8Array | undefined {
  const body = decode(attributedBody);
  if (body === undefined) return undefined;
  const words = [...body.text.matchAll(/[\p{L}\p{N}]+/gu)];
  const word = words[random.integer(0, Math.max(words.length - 1, 0))];
  if (word === undefined) return undefined;
  const style = body.runs.some(({ attributes }) => attributes.has(ATTRIBUTE_KEY.baseWritingDirection))
    ? "ios"
    : "mac";
  const plain = body.runs.map(withoutMarks);
  const runs = markRange(plain, { start: word.index, end: word.index + word[0].length }, random);
  return encodeAttributedBody({ text: body.text, runs, style });
}

function decode(attributedBody: Uint8Array) {
  try {
    return decodeAttributedBody(attributedBody);
  } catch (error) {
    // Damaged on purpose by a test; data detection leaves it alone as well.
    if (!(error instanceof TypedStreamError)) throw error;
    return undefined;
  }
}

function withoutMarks(run: AttributeRun): AttributeRun {
  return {
    length: run.length,
    attributes: new Map([...run.attributes].filter(([name]) => !DETECTED_ATTRIBUTES.has(name))),
  };
}

/** Cuts the runs at both ends of the range and marks what lies within. */
function markRange(
  runs: readonly AttributeRun[],
  range: { readonly start: number; readonly end: number },
  random: SeededRandom,
): readonly AttributeRun[] {
  const kind = random.pick(KINDS);
  const found = { start: range.start, length: range.end - range.start };
  const data = { kind: "data", value: scannerResult(kind.what, found, random) } as const;
  const marked: AttributeRun[] = [];
  let start = 0;
  for (const { length, attributes } of runs) {
    const end = start + length;
    const cuts = [
      start,
      Math.max(start, Math.min(range.start, end)),
      Math.max(start, Math.min(range.end, end)),
      end,
    ];
    const marks = new Map([...attributes, [DETECTED, data], [kind.attribute, data]] as const);
    for (const [index, of] of [attributes, marks, attributes].entries()) {
      const stretch = (cuts[index + 1] ?? end) - (cuts[index] ?? start);
      if (stretch > 0) marked.push({ length: stretch, attributes: of });
    }
    start = end;
  }
  return marked;
}
