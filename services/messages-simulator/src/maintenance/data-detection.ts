import {
  ATTRIBUTE_KEY,
  type AttributeRun,
  decodeAttributedBody,
  encodeAttributedBody,
  TypedStreamError,
} from "@imesh/imessage-codec";
import { PlistUid, type PlistValue, writeBinaryPlist } from "../mac/binary-plist-writer.ts";
import type { SeededRandom } from "../messages/seeded-random.ts";

/** Something that data detection finds, and the attribute that it gets beside the general one. */
interface Finding {
  readonly name: string;
  readonly attribute: string;
}

const KINDS: readonly [Finding, ...Finding[]] = [
  { name: "PhoneNumber", attribute: "__kIMPhoneNumberAttributeName" },
  { name: "FullAddress", attribute: "__kIMAddressAttributeName" },
  { name: "DateTime", attribute: "__kIMCalendarEventAttributeName" },
];

const DETECTED = "__kIMDataDetectedAttributeName";
const DETECTED_ATTRIBUTES: ReadonlySet<string> = new Set([
  DETECTED,
  ...KINDS.map(({ attribute }) => attribute),
]);

/**
 * A body as Messages writes it anew when it has detected data in it (reference §4.2, T6): the same text and the same visible
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
  const data = { kind: "data", value: scannerResult(kind.name, range, random) } as const;
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

/** A keyed archive of the shape of Apple's, with what a scanner notes: the kind, the range and what it makes of it. */
function scannerResult(
  type: string,
  range: { readonly start: number; readonly end: number },
  random: SeededRandom,
): Uint8Array {
  const uid = (value: number) => new PlistUid(value);
  const dictionary = (entries: Readonly<Record<string, PlistValue>>) => new Map(Object.entries(entries));
  const objects: readonly PlistValue[] = [
    "$null",
    dictionary({
      $class: uid(4),
      AR: dictionary({
        "NS.rangeval.location": BigInt(range.start),
        "NS.rangeval.length": BigInt(range.end - range.start),
      }),
      MS: uid(2),
      SR: uid(0),
      T: uid(3),
      V: uid(2),
      S: BigInt(random.integer(1, 1_000_000)),
    }),
    random.uuid().repeat(random.integer(4, 16)),
    type,
    dictionary({ $classname: "DDScannerResult", $classes: ["DDScannerResult", "NSObject"] }),
  ];
  return writeBinaryPlist(
    dictionary({
      $archiver: "NSKeyedArchiver",
      $version: 100_000n,
      $objects: objects,
      $top: dictionary({ "dd-result": uid(1), version: 1n }),
    }),
  );
}
