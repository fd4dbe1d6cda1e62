import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import { SeededRandom } from "@imesh/testing";
import { ATTRIBUTE_KEY } from "../attributed/attribute-keys.ts";
import type { AttributeRun, AttributeValue } from "../attributed/attributed-body.ts";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { extendRun, messageRun } from "../attributed/message-run.ts";
import { damaged } from "../fixtures/damage.ts";
import { MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { messageBodyRuns, randomBody } from "../fixtures/random-body.ts";
import { TypedStreamError } from "../typedstream/typed-stream-error.ts";
import { decodeBody, messageBodyOf } from "./decode-body.ts";
import type { MessageBody } from "./message-body.ts";

const HANDLE = parseHandleAddress("+15550100");
const GUID = parseAttachmentGuid("at_0_6F8A2B3C-0000-4000-8000-000000000001");
const SLOT = "\uFFFC";
const PART_0: readonly [string, AttributeValue] = [ATTRIBUTE_KEY.messagePart, { kind: "integer", value: 0n }];

function decoded(text: string, ...runs: readonly AttributeRun[]): MessageBody {
  return decodeBody(encodeAttributedBody(runs.length === 0 ? { text } : { text, runs }));
}

function run(length: number, ...entries: readonly (readonly [string, AttributeValue])[]): AttributeRun {
  return { length, attributes: new Map(entries) };
}

test("the documented body is one part with a mention", () => {
  assert.deepEqual(decodeBody(MAC_MENTION_BODY), {
    text: "Call Mia ",
    parts: [
      {
        kind: "text",
        index: 0,
        range: { start: 0, length: 9 },
        text: "Call Mia ",
        entities: [{ kind: "mention", range: { start: 5, length: 3 }, handle: "+15550100199" }],
      },
    ],
    unreadAttributes: [],
  });
});

test("an empty text has no parts", () => {
  assert.deepEqual(decoded(""), { text: "", parts: [], unreadAttributes: [] });
});

test("a body with everything that Messages writes", () => {
  const { text, runs } = messageBodyRuns();
  const archive = Uint8Array.from({ length: 700 }, (_, index) => index & 0xff);
  const body = decoded(text, ...runs);
  assert.deepEqual(body.unreadAttributes, []);
  assert.deepEqual(body.parts, [
    {
      kind: "attachment",
      index: 0,
      range: { start: 0, length: 1 },
      attachment: {
        transferGuid: GUID,
        fileName: "IMG 1.HEIC",
        inlineWidth: 320.5,
        inlineHeight: 240,
        isEmojiImage: true,
        transcript: "What was said",
      },
    },
    {
      kind: "text",
      index: 1,
      range: { start: 1, length: 22 },
      text: text.slice(1),
      entities: [
        { kind: "link", range: { start: 1, length: 6 }, url: "https://example.com", isRichLink: true },
        { kind: "style", range: { start: 5, length: 2 }, style: "bold" },
        { kind: "style", range: { start: 5, length: 2 }, style: "italic" },
        { kind: "style", range: { start: 5, length: 2 }, style: "underline" },
        { kind: "style", range: { start: 5, length: 2 }, style: "strikethrough" },
        { kind: "effect", range: { start: 5, length: 2 }, effect: "big", number: 5n },
        { kind: "mention", range: { start: 7, length: 3 }, handle: HANDLE },
        { kind: "detected", range: { start: 10, length: 5 }, what: "phone-number", archive },
        { kind: "one-time-code", range: { start: 15, length: 6 }, code: "123456", displayCode: "123-456" },
        { kind: "writing-direction", range: { start: 21, length: 2 }, direction: "right-to-left" },
      ],
    },
  ]);
});

test("what other attributes cut apart is one entity; what differs, or is interrupted, is two", () => {
  const mention = messageRun(2, { part: 0, mention: HANDLE });
  const other = messageRun(2, { part: 0, mention: parseHandleAddress("+15550199") });
  const ranges = (...runs: readonly AttributeRun[]) =>
    messageBodyOf({
      text: "x".repeat(runs.reduce((sum, { length }) => sum + length, 0)),
      runs,
    }).parts.flatMap((part) =>
      part.kind === "text" ? part.entities.map(({ kind, range }) => [kind, range.start, range.length]) : [],
    );
  const bold = extendRun(mention, 3, { styles: ["bold"] });
  assert.deepEqual(ranges(mention, bold, mention), [
    ["mention", 0, 7],
    ["style", 2, 3],
  ]);
  assert.deepEqual(ranges(mention, other, other), [
    ["mention", 0, 2],
    ["mention", 2, 4],
  ]);
  assert.deepEqual(ranges(mention, messageRun(1, { part: 0 }), mention), [
    ["mention", 0, 2],
    ["mention", 3, 2],
  ]);
  // A bubble ends everything.
  assert.deepEqual(ranges(mention, messageRun(2, { part: 1, mention: HANDLE })), [
    ["mention", 0, 2],
    ["mention", 2, 2],
  ]);
});

test("detected data with the same bytes is one entity, whether or not it is the same instance", () => {
  const found = (length: number, archive: Uint8Array) =>
    messageRun(length, { part: 0, detected: { what: "address", archive } });
  const entities = (...runs: readonly AttributeRun[]) => {
    const [part] = decoded("xxxx", ...runs).parts;
    return part?.kind === "text" ? part.entities.map(({ range }) => range.length) : null;
  };
  assert.deepEqual(entities(found(1, Uint8Array.of(1, 2)), found(3, Uint8Array.of(1, 2))), [4]);
  assert.deepEqual(entities(found(1, Uint8Array.of(1, 2)), found(3, Uint8Array.of(1, 3))), [1, 3]);
  assert.deepEqual(entities(found(1, Uint8Array.of(1, 2)), found(3, Uint8Array.of(1))), [1, 3]);
});

test("parts keep their numbers after unsends, and may come in any order", () => {
  const body = decoded(
    "abc",
    messageRun(1, { part: 4 }),
    messageRun(1, { part: 2 }),
    messageRun(1, { part: 4 }),
  );
  assert.deepEqual(
    body.parts.map(({ index, range }) => [index, range.start, range.length]),
    [
      [4, 0, 1],
      [2, 1, 1],
      [4, 2, 1],
    ],
  );
});

test("characters without a number belong to the part before them", () => {
  const numbers = decoded(
    "abcd",
    run(1),
    messageRun(1, { part: 3 }),
    run(1),
    messageRun(1, { part: 5 }),
  ).parts;
  assert.deepEqual(
    numbers.map(({ index, range }) => [index, range.length]),
    [
      [3, 3],
      [5, 1],
    ],
  );
});

test("slots: a file, a balloon, a picture among words, an empty place among words", () => {
  const kindsOf = (body: MessageBody) =>
    body.parts.map((part) => (part.kind === "text" ? part.entities.map(({ kind }) => kind) : part.kind));
  const file = messageRun(1, { part: 0, attachmentGuid: GUID });
  assert.deepEqual(kindsOf(decoded(SLOT, file)), ["attachment"]);
  assert.deepEqual(kindsOf(decoded(SLOT)), ["plugin"]);
  assert.deepEqual(kindsOf(decoded("\uFFFD")), ["plugin"]);
  assert.deepEqual(kindsOf(decoded("\uFFFD ")), [[]]);
  assert.deepEqual(kindsOf(decoded(`a${SLOT}`, messageRun(1, { part: 0 }), file)), [["attachment"]]);
  assert.deepEqual(kindsOf(decoded(`a${SLOT}b${SLOT}`)), [["slot", "slot"]]);
  assert.deepEqual(kindsOf(decoded("name", { ...file, length: 4 })), [["attachment"]]);
  // One file cut in two, then a balloon in the same bubble.
  assert.deepEqual(kindsOf(decoded(SLOT.repeat(3), file, file, messageRun(1, { part: 0 }))), [
    "attachment",
    "plugin",
  ]);
});

test("unknown attributes, and known ones with another kind of value, are named; nothing else is lost", () => {
  const strange: readonly (readonly [string, AttributeValue])[] = [
    ["__kIMOfMacOS99AttributeName", { kind: "null" }],
    [ATTRIBUTE_KEY.link, { kind: "string", value: "https://example.com" }],
    [ATTRIBUTE_KEY.confirmedMention, { kind: "string", value: "" }],
    [ATTRIBUTE_KEY.bold, { kind: "string", value: "yes" }],
    [ATTRIBUTE_KEY.textEffect, { kind: "real", value: 0.5 }],
    [ATTRIBUTE_KEY.baseWritingDirection, { kind: "integer", value: 7n }],
    [ATTRIBUTE_KEY.oneTimeCode, { kind: "dictionary", entries: new Map() }],
    [ATTRIBUTE_KEY.dataDetected, { kind: "null" }],
    [ATTRIBUTE_KEY.audioTranscript, { kind: "string", value: "of no file" }],
    [ATTRIBUTE_KEY.link, { kind: "url", value: `https://${"x".repeat(9_000)}` }],
  ];
  for (const [name, value] of strange) {
    const body = decoded("hi", run(2, [name, value], PART_0));
    assert.deepEqual(body.unreadAttributes, [name]);
    assert.deepEqual(body.parts, [
      { kind: "text", index: 0, range: { start: 0, length: 2 }, text: "hi", entities: [] },
    ]);
  }
  assert.deepEqual(
    decoded("hi", run(2, [ATTRIBUTE_KEY.messagePart, { kind: "integer", value: -1n }])).parts[0]?.index,
    0,
  );
});

test("names of unknown attributes are few and short, and never half a character", () => {
  const entries = Array.from({ length: 40 }, (_, index): [string, AttributeValue] => [
    `${String(index).padStart(127, "n")}\u{1F9F5}`,
    { kind: "null" },
  ]);
  const names = decoded("hi", run(2, ...entries)).unreadAttributes;
  assert.equal(names.length, 32);
  assert.ok(names.every((name) => name.length === 128 && name.endsWith("\uFFFD")));
});

test("an effect without a name keeps its number; 0 is none; any type of number will do", () => {
  const numberOf = (value: AttributeValue) => {
    const [part] = decoded("x", run(1, [ATTRIBUTE_KEY.textEffect, value])).parts;
    return part?.kind === "text" ? part.entities : null;
  };
  const range = { start: 0, length: 1 };
  assert.deepEqual(numberOf({ kind: "integer", value: 2n ** 60n }), [
    { kind: "effect", range, effect: null, number: 2n ** 60n },
  ]);
  assert.deepEqual(numberOf({ kind: "real", value: 4 }), [
    { kind: "effect", range, effect: "ripple", number: 4n },
  ]);
  assert.deepEqual(numberOf({ kind: "integer", value: 0n }), []);
});

test("random and damaged bodies: parts cover the text, entities lie in their part, errors are typed", () => {
  const random = SeededRandom.fromEnvironment("message bodies");
  let read = 0;
  for (let round = 0; round < 5_000; round += 1) {
    const source = random.chance(0.5) ? messageBodyRuns() : randomBody(random);
    const bytes = encodeAttributedBody({ ...source, style: random.pick(["mac", "ios"]) });
    const body = outcomeOf(random.chance(0.3) ? bytes : damaged(random, bytes));
    if (body !== null) {
      read += 1;
      checkCover(body);
    }
  }
  assert.ok(read > 1_000, `${read} read`);
});

function outcomeOf(bytes: Uint8Array): MessageBody | null {
  try {
    return decodeBody(bytes);
  } catch (error) {
    assert.ok(error instanceof TypedStreamError, String(error));
    return null;
  }
}

function checkCover({ text, parts }: MessageBody): void {
  let end = 0;
  for (const part of parts) {
    assert.equal(part.range.start, end);
    assert.ok(part.range.length > 0);
    end += part.range.length;
    if (part.kind === "text") {
      assert.equal(part.text, text.slice(part.range.start, end));
      let start = part.range.start;
      for (const { range } of part.entities) {
        assert.ok(range.start >= start && range.length > 0 && range.start + range.length <= end);
        start = range.start;
      }
    }
  }
  assert.equal(end, text.length);
}
