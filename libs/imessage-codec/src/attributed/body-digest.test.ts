import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { IOS_TEXT_BODY, MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { randomBody } from "../fixtures/random-body.ts";
import { ATTRIBUTE_KEY } from "./attribute-keys.ts";
import type { AttributeRun, AttributeValue } from "./attributed-body.ts";
import { bodyDigest } from "./body-digest.ts";
import { decodeAttributedBody } from "./decode-attributed-body.ts";
import { type ComposedBody, encodeAttributedBody } from "./encode-attributed-body.ts";

const ROUNDS = 1_000;

/** What Messages adds or rewrites without anyone seeing it, and names that nobody knows. */
const UNSEEN: readonly (readonly [string, AttributeValue])[] = [
  ["__kIMDataDetectedAttributeName", { kind: "data", value: Uint8Array.of(1, 2, 3) }],
  ["__kIMPhoneNumberAttributeName", { kind: "data", value: new Uint8Array(700) }],
  ["__kIMAddressAttributeName", { kind: "data", value: new Uint8Array(7) }],
  ["__kIMCalendarEventAttributeName", { kind: "data", value: new Uint8Array(8) }],
  ["__kIMLinkAttributeName", { kind: "url", value: "https://example.com/" }],
  ["__kIMLinkIsRichLinkAttributeName", { kind: "boolean", value: true }],
  ["__kIMOneTimeCodeAttributeName", { kind: "dictionary", entries: new Map() }],
  ["__kIMFilenameAttributeName", { kind: "string", value: "photo.heic" }],
  ["__kIMInlineMediaWidthAttributeName", { kind: "real", value: 640.5 }],
  ["__kIMInlineMediaHeightAttributeName", { kind: "integer", value: 480n }],
  [ATTRIBUTE_KEY.baseWritingDirection, { kind: "integer", value: 1n }],
  ["__kIMOfMacOS99AttributeName", { kind: "integer", value: 1n }],
];

const one: AttributeValue = { kind: "integer", value: 1n };

function run(length: number, ...attributes: readonly (readonly [string, AttributeValue])[]): AttributeRun {
  return { length, attributes: new Map(attributes) };
}

function part(number: bigint): readonly [string, AttributeValue] {
  return [ATTRIBUTE_KEY.messagePart, { kind: "integer", value: number }];
}

function transfer(guid: string): readonly [string, AttributeValue] {
  return [ATTRIBUTE_KEY.fileTransferGuid, { kind: "string", value: guid }];
}

function digestOf(text: string, ...runs: readonly AttributeRun[]): number {
  const digest = bodyDigest(encodeAttributedBody({ text, runs }));
  assert.ok(digest !== undefined && Number.isInteger(digest) && digest >= 0 && digest < 2 ** 32);
  return digest;
}

/** A body with parts, attachments, mentions, formatting, effects and transcripts anywhere. */
function randomVisibleBody(random: SeededRandom): { text: string; runs: readonly AttributeRun[] } {
  const { text, runs } = randomBody(random);
  const handles = ["+15550100", "a@example.com"];
  let partNumber = 0n;
  const visible = runs.map(({ length }) => {
    partNumber += random.chance(0.5) ? 1n : 0n;
    const attributes = new Map<string, AttributeValue>([part(partNumber)]);
    for (const key of [ATTRIBUTE_KEY.bold, ATTRIBUTE_KEY.italic, ATTRIBUTE_KEY.strikethrough]) {
      if (random.chance(0.2)) {
        attributes.set(key, one);
      }
    }
    if (random.chance(0.2)) {
      attributes.set(ATTRIBUTE_KEY.textEffect, { kind: "integer", value: BigInt(random.integer(4, 12)) });
    }
    if (random.chance(0.2)) {
      attributes.set(ATTRIBUTE_KEY.confirmedMention, { kind: "string", value: random.pick(handles) });
    }
    if (random.chance(0.2)) {
      attributes.set(ATTRIBUTE_KEY.fileTransferGuid, { kind: "string", value: `at_${random.integer(0, 9)}` });
    }
    if (random.chance(0.1)) {
      attributes.set(ATTRIBUTE_KEY.audioTranscript, { kind: "string", value: random.pick(["hi", "ho"]) });
    }
    return { length, attributes };
  });
  return { text, runs: visible };
}

/** The same to the eye: other attributes, runs cut anywhere, order and number types changed, other transfer guids. */
function disguised(
  random: SeededRandom,
  body: { text: string; runs: readonly AttributeRun[] },
): ComposedBody {
  const runs: AttributeRun[] = [];
  for (const { length, attributes } of body.runs) {
    for (let left = length; left > 0; ) {
      const piece = random.chance(0.6) ? left : random.integer(1, left);
      left -= piece;
      const entries = [...attributes].map(
        ([key, value]) => [key, disguisedValue(random, key, value)] as const,
      );
      const added = UNSEEN.filter(() => random.chance(0.2));
      runs.push(
        run(piece, ...(random.chance(0.5) ? [...added, ...entries] : [...entries, ...added].reverse())),
      );
    }
  }
  return { text: body.text, runs, style: random.pick(["mac", "ios"]) };
}

function disguisedValue(random: SeededRandom, key: string, value: AttributeValue): AttributeValue {
  if (key === ATTRIBUTE_KEY.fileTransferGuid) {
    return { kind: "string", value: `at_${random.integer(10, 99)}_NEW` };
  }
  if (value.kind === "integer" && random.chance(0.2)) {
    return { kind: "real", value: Number(value.value) };
  }
  return value;
}

/** What the digest must tell apart, written out, for comparison. */
function visibleForm(body: { text: string; runs: readonly AttributeRun[] }): string {
  const units: string[] = [];
  for (const { length, attributes } of body.runs) {
    const seen = [...attributes].map(([key, value]) => {
      const isGuid = key === ATTRIBUTE_KEY.fileTransferGuid;
      return `${key}=${isGuid ? "" : "value" in value ? String(value.value) : ""}`;
    });
    units.push(...Array.from({ length }, () => seen.sort().join()));
  }
  return `${body.text}|${units.join(";")}`;
}

test(`${ROUNDS} bodies give the number of their disguise, and distinct ones distinct numbers`, () => {
  const random = SeededRandom.fromEnvironment("body digests");
  const forms = new Map<number, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const body = randomVisibleBody(random);
    const digest = bodyDigest(encodeAttributedBody(body));
    assert.equal(bodyDigest(encodeAttributedBody(disguised(random, body))), digest, `round ${round}`);
    assert.ok(digest !== undefined);
    const form = visibleForm(body);
    assert.equal(forms.get(digest) ?? form, form, `round ${round}`);
    forms.set(digest, form);
  }
  assert.ok(forms.size > ROUNDS / 2, `${forms.size} different bodies`);
});

test("any random body gives a number, and undefined exactly where its decoder refuses it", () => {
  const random = SeededRandom.fromEnvironment("digests of damaged bodies");
  let refused = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = encodeAttributedBody(randomBody(random));
    assert.ok(bodyDigest(bytes) !== undefined, `round ${round}`);
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    const isReadable = reads(bytes);
    refused += isReadable ? 0 : 1;
    assert.equal(bodyDigest(bytes) !== undefined, isReadable, `round ${round}`);
  }
  assert.ok(refused > 10, `${refused} refused`);
  assert.equal(bodyDigest(new Uint8Array(0)), undefined);
});

function reads(bytes: Uint8Array): boolean {
  try {
    decodeAttributedBody(bytes);
    return true;
  } catch {
    return false;
  }
}

test("each thing that a person sees changes the number", () => {
  const plain = digestOf("ab\uFFFC", run(3, part(0n)));
  const variants: readonly (readonly [string, number])[] = [
    ["text", digestOf("ba\uFFFC", run(3, part(0n)))],
    ["part boundary", digestOf("ab\uFFFC", run(2, part(0n)), run(1, part(1n)))],
    ["part boundary elsewhere", digestOf("ab\uFFFC", run(1, part(0n)), run(2, part(1n)))],
    ["part number", digestOf("ab\uFFFC", run(3, part(1n)))],
    ["attachment", digestOf("ab\uFFFC", run(2, part(0n)), run(1, part(0n), transfer("at_0")))],
    ...(["bold", "italic", "underline", "strikethrough"] as const).map(
      (name) => [name, digestOf("ab\uFFFC", run(3, part(0n), [ATTRIBUTE_KEY[name], one]))] as const,
    ),
    ["part of it bold", digestOf("ab\uFFFC", run(1, part(0n), [ATTRIBUTE_KEY.bold, one]), run(2, part(0n)))],
    ...[4n, 5n].map(
      (value) =>
        [
          `effect ${value}`,
          digestOf("ab\uFFFC", run(3, part(0n), [ATTRIBUTE_KEY.textEffect, { kind: "integer", value }])),
        ] as const,
    ),
    ...["+15550100", "+15550101", ""].map(
      (value) =>
        [
          `mention of '${value}'`,
          digestOf("ab\uFFFC", run(3, part(0n), [ATTRIBUTE_KEY.confirmedMention, { kind: "string", value }])),
        ] as const,
    ),
    [
      "transcript",
      digestOf(
        "ab\uFFFC",
        run(3, part(0n), [ATTRIBUTE_KEY.audioTranscript, { kind: "string", value: "hi" }]),
      ),
    ],
  ];
  const names = new Map([[plain, "plain"]]);
  for (const [name, digest] of variants) {
    assert.equal(names.get(digest), undefined, name);
    names.set(digest, name);
  }
});

test("formatting that is switched off, and a missing part number, count as none and as 0", () => {
  const off: AttributeValue = { kind: "boolean", value: false };
  assert.equal(digestOf("a", run(1, [ATTRIBUTE_KEY.bold, off])), digestOf("a", run(1, part(0n))));
});

test("numbers stay what they are: they are kept from one version to the next", () => {
  assert.deepEqual(
    [MAC_MENTION_BODY, IOS_TEXT_BODY, encodeAttributedBody({ text: "" })].map(bodyDigest),
    [3_380_352_707, 592_940_929, 2_610_738_074],
  );
});
