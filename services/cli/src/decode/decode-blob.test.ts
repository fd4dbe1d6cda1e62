import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeAttributedBody,
  encodePropertyList,
  encodeTypedStream,
  type PropertyListValue,
  type TypedClass,
  type TypedGroup,
  type TypedObject,
} from "@imesh/imessage-codec";
import { SeededRandom } from "@imesh/testing";
import { PLAIN } from "../terminal/style.ts";
import { appPayload, archiveOf, linkPayload, listOf, mentionBody } from "../testing/blobs.ts";
import { BodyFailure } from "./body-failure.ts";
import { type BlobQuestion, decodeBlob } from "./decode-blob.ts";
import { plainLines } from "./plain-lines.ts";
import { jsonOf } from "./plain-value.ts";
import { PlainWriter } from "./plain-writer.ts";

const MEANING: BlobQuestion = { bundleId: null, isTree: false };
const TREE: BlobQuestion = { bundleId: null, isTree: true };
const POLL_BUNDLE = "com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.apple.messages.Polls";

/** Kind and lines as a person sees them. */
function lines(bytes: Uint8Array, question: BlobQuestion = MEANING): string[] {
  const { kind, content } = decodeBlob(bytes, question, new PlainWriter({ keepsAbsent: false }));
  return [kind, ...plainLines(content, PLAIN)];
}

/** As a machine sees it. */
function json(bytes: Uint8Array, question: BlobQuestion = MEANING): unknown {
  return jsonOf(decodeBlob(bytes, question, new PlainWriter({ keepsAbsent: true })).content);
}

/** Where and how bytes break. */
function breakOf(bytes: Uint8Array, question: BlobQuestion = MEANING): object {
  try {
    decodeBlob(bytes, question, new PlainWriter({ keepsAbsent: false }));
  } catch (error) {
    assert.ok(error instanceof BodyFailure, String(error));
    assert.ok(error.hint !== undefined);
    return { exitCode: error.exitCode, ...error.facts };
  }
  return assert.fail("it decodes");
}

test("decodeBlob() shows a body's text, runs, parts and entities", () => {
  assert.deepEqual(lines(mentionBody()), [
    "attributed-body",
    'text: "hello Ann"',
    "runs:",
    '  - { start: 0, length: 6, text: "hello ", attributes: { __kIMMessagePartAttributeName: 0 } }',
    "  - start: 6",
    "    length: 3",
    '    text: "Ann"',
    '    attributes: { __kIMMentionConfirmedMention: "+15550101", __kIMMessagePartAttributeName: 0 }',
    "parts:",
    '  - kind: "text"',
    "    index: 0",
    "    range: { start: 0, length: 9 }",
    '    text: "hello Ann"',
    '    entities: [{ kind: "mention", handle: "+15550101", range: { start: 6, length: 3 } }]',
  ]);
});

test("decodeBlob() shows a body as it is written, each object once", () => {
  assert.deepEqual(lines(encodeAttributedBody({ text: "hi" }), TREE), [
    "typedstream",
    "systemVersion: 1000",
    "isBigEndian: false",
    "oddForms: 0",
    "groups:",
    "  - @:",
    "      object: 1",
    '      class: "NSMutableAttributedString 0 < NSAttributedString 0 < NSObject 0"',
    "      groups:",
    "        - @:",
    "            object: 2",
    '            class: "NSMutableString 1 < NSString 1 < NSObject 0"',
    "            groups: [{ +: <2 bytes 68 69, hi> }]",
    "        - { iI: [1, 2] }",
    "        - @:",
    "            object: 3",
    '            class: "NSDictionary 0 < NSObject 0"',
    "            groups:",
    "              - { i: 1 }",
    "              - @:",
    "                  object: 4",
    '                  class: "NSString 1 < NSObject 0"',
    "                  groups:",
    "                    - +: <29 bytes 5f 5f 6b 49 4d 4d 65 73 73 61 67 65 50 61 72 74 41 74 74 72 69 62 75 74 65 4e 61 6d 65, " +
      "__kIMMessagePartAttributeName>",
    "              - @:",
    "                  object: 5",
    '                  class: "NSNumber 0 < NSValue 0 < NSObject 0"',
    '                  groups: [{ *: { c-string: "i" } }, { i: 0 }]',
  ]);
});

test("decodeBlob() tells summaries, chat properties and other property lists by their keys", () => {
  const body = encodeAttributedBody({ text: "old", style: "ios" });
  const versions = [
    new Map<string, Uint8Array | number>([
      ["t", body],
      ["d", 1],
    ]),
  ];
  const summary = listOf({ ec: new Map([["0", versions]]), rp: [2n], ust: true, later: "kept" });
  assert.deepEqual(lines(summary), [
    "message-summary-info",
    `history: { 0: [{ text: "old", bodyBytes: ${body.length}, secondsSince2001: 1 }] }`,
    "unsentParts: [2]",
    "usesStandalone: true",
    'other: { later: "kept" }',
  ]);
  const background = new Map([
    ["trabaid", "CHANNEL"],
    ["trabak", "SECRET"],
    ["later", "kept"],
  ]);
  assert.deepEqual(lines(listOf({ groupPhotoGuid: "at-1", backgroundProperties: background })), [
    "chat-properties",
    'groupPhotoGuid: "at-1"',
    'background: { channelGuid: "CHANNEL", other: { later: "kept" } }',
  ]);
  const date: PropertyListValue = { kind: "date", secondsSince2001: 0 };
  assert.deepEqual(lines(listOf({ a: [1n, 2.5, true], b: date, trabak: "SECRET" })), [
    "property-list",
    'root: { a: [1, 2.5, true], b: { date: "2001-01-01T00:00:00.000Z" }, trabak: "(secret)" }',
  ]);
  assert.deepEqual(lines(encodePropertyList({ kind: "string", value: "x" })), ["property-list", 'root: "x"']);
});

test("decodeBlob() shows every type of a property list as it is written, but no secret", () => {
  const uid: PropertyListValue = { kind: "uid", value: 3 };
  const set: PropertyListValue = { kind: "set", items: [{ kind: "null" }] };
  const date: PropertyListValue = { kind: "date", secondsSince2001: 1.5 };
  const bytes = listOf({ a: [1n, 2, true, uid, set, date], b: Uint8Array.of(1, 2), trabak: "SECRET" });
  const a = [{ integer: 1n }, { real: 2 }, { boolean: true }, { uid: 3 }, { set: [null] }, { date: 1.5 }];
  const root = { dictionary: { a: { array: a }, b: { bytes: 2, hex: "0102" }, trabak: "(secret)" } };
  assert.deepEqual(json(bytes, TREE), { root });
});

test("decodeBlob() shows a link by what it means, any other archive by its objects", () => {
  const link = linkPayload("Cakes");
  const facts = `payloadBytes: ${link.length}`;
  const meaning = 'link: { url: "https://example.com/", title: "Cakes" }';
  assert.deepEqual(lines(link), ["balloon", 'kind: "link-preview"', facts, meaning]);
  assert.deepEqual(lines(appPayload()), [
    "keyed-archive",
    "root:",
    '  an: "Chess"',
    "  appid: 9007199254740993",
    '  ldtext: "Your move"',
    '  when: { date: "2001-01-01T00:00:00.000Z" }',
  ]);
  assert.deepEqual(lines(archiveOf({ kind: "uuid", value: "00000000-0000-4000-8000-000000000001" })), [
    "keyed-archive",
    'root: { uuid: "00000000-0000-4000-8000-000000000001" }',
  ]);
});

test("decodeBlob() takes the bundle's word for what an archive is", () => {
  const bundleId = "com.apple.messages.MSMessageExtensionBalloonPlugin:ABCDE12345:com.example.chess";
  const app = appPayload();
  assert.deepEqual(lines(app, { bundleId, isTree: false }), [
    "balloon",
    'kind: "app"',
    "bundle:",
    '  kind: "extension"',
    `  id: "${bundleId}"`,
    '  teamId: "ABCDE12345"',
    '  extensionId: "com.example.chess"',
    `payloadBytes: ${app.length}`,
    'app: { appName: "Chess", appStoreId: 9007199254740993, fallbackText: "Your move" }',
  ]);
  const poll = breakOf(app, { bundleId: POLL_BUNDLE, isTree: false });
  assert.deepEqual(poll, { exitCode: 65, code: "poll-url", offset: null, bytes: app.length });
});

test("decodeBlob() tells where bytes break", () => {
  const body = mentionBody();
  const list = listOf({ a: 1n });
  const damaged = Uint8Array.from(list);
  damaged[8] = 0x70;
  const noBody = encodeTypedStream({
    systemVersion: 1000,
    groups: [{ encoding: "i", values: [{ kind: "integer", value: 7 }] }],
  });
  assert.deepEqual(
    [
      breakOf(body.subarray(0, 60)),
      breakOf(Uint8Array.of(0x04, 0x0b)),
      breakOf(noBody),
      breakOf(damaged),
      breakOf(Buffer.from("bplist00")),
      breakOf(Buffer.from("hello")),
    ],
    [
      { code: "unexpected-end", offset: 52, bytes: 60 },
      { code: "unexpected-end", offset: 2, bytes: 2 },
      { code: "not-an-attributed-string", offset: null, bytes: noBody.length },
      { code: "unknown-marker", offset: 8, bytes: list.length },
      { code: "bad-trailer", offset: null, bytes: 8 },
      { code: "unknown-format", offset: 0, bytes: 5 },
    ].map((facts) => ({ exitCode: 65, ...facts })),
  );
  assert.deepEqual(lines(noBody, TREE).slice(-1), ["groups: [{ i: 7 }]"]);
});

test("decodeBlob() disarms what strangers wrote, keys and class names too", () => {
  const evil = "\u001b[2J\n\u202e";
  const shown = [
    lines(encodeAttributedBody({ text: evil })),
    lines(listOf({ [evil]: evil })),
    lines(listOf({ [evil]: evil }), TREE),
    lines(linkPayload(evil)),
    lines(archiveOf({ kind: "object", className: evil, superclassNames: [], fields: new Map() })),
  ];
  for (const line of shown.flat()) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    assert.doesNotMatch(line, /[\u0000-\u001f\u202e]/);
  }
  for (const each of shown) assert.match(each.join(""), /\ufffd\[2J⏎\ufffd/);
});

test("decodeBlob() cuts what would print for ever", () => {
  let value: PropertyListValue = { kind: "string", value: "x" };
  for (let depth = 0; depth < 60; depth += 1) value = { kind: "array", items: [value, value] };
  const bytes = encodePropertyList(value);
  for (const question of [MEANING, TREE]) {
    const writer = new PlainWriter({ keepsAbsent: false, unitsMax: 10_000 });
    const { content } = decodeBlob(bytes, question, writer);
    assert.ok(writer.isCut);
    assert.ok(plainLines(content, PLAIN).length < 10_000);
  }
});

test("decodeBlob() ends where an object holds itself", () => {
  const root: TypedClass = { kind: "class", name: "NSObject", version: 0, superclass: null };
  const groups: TypedGroup[] = [];
  const object: TypedObject = { kind: "object", class: root, groups };
  groups.push({ encoding: "@", values: [object] });
  const bytes = encodeTypedStream({ systemVersion: 1000, groups: [{ encoding: "@", values: [object] }] });
  assert.deepEqual(lines(bytes, TREE).slice(-1), [
    'groups: [{ @: { object: 1, class: "NSObject 0", groups: [{ @: { reference: 1 } }] } }]',
  ]);
});

test("decodeBlob() shows or refuses any damaged bytes, and never breaks itself", () => {
  const seed = 20_260_101;
  const random = new SeededRandom(seed);
  const originals = [mentionBody(), linkPayload("Cakes"), appPayload(), listOf({ rp: [1n], ec: new Map() })];
  let refused = 0;
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = Uint8Array.from(random.pick(originals));
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    for (const question of [MEANING, TREE, { bundleId: POLL_BUNDLE, isTree: false }]) {
      const writer = new PlainWriter({ keepsAbsent: round % 2 === 0 });
      try {
        const { content } = decodeBlob(bytes, question, writer);
        plainLines(content, PLAIN);
        JSON.stringify(jsonOf(content), (_key, value) => (typeof value === "bigint" ? String(value) : value));
      } catch (error) {
        assert.ok(error instanceof BodyFailure, `seed ${seed}, round ${round}: ${error}`);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 500 && refused < 5_900, `refused ${refused}`);
});

/** `depth` arrays in one another, as a binary property list. */
function nestedArrays(depth: number): Uint8Array {
  const objects = Array.from({ length: depth }, (_, index) => [0xa1, index + 1]).flat();
  const offsets = Array.from({ length: depth + 1 }, (_, index) => 8 + 2 * index);
  const trailer = Buffer.alloc(32);
  trailer.set([1, 1], 6);
  trailer.writeUInt8(depth + 1, 15);
  trailer.writeUInt8(8 + 2 * depth + 1, 31);
  return Buffer.concat([Buffer.from("bplist00"), Buffer.from([...objects, 0x09, ...offsets]), trailer]);
}

test("a body that does not decode comes with a hint that fits what is wrong", () => {
  const hintOf = (bytes: Uint8Array) => {
    try {
      decodeBlob(bytes, MEANING, new PlainWriter({ keepsAbsent: false }));
    } catch (error) {
      return error instanceof BodyFailure ? error.hint : String(error);
    }
    return "it decodes";
  };
  const base64 = Buffer.from(Buffer.from(mentionBody()).toString("base64"));
  assert.match(hintOf(base64) ?? "", /^It is base64/);
  assert.match(hintOf(Buffer.from('<?xml version="1.0"?>\n<plist/>')) ?? "", /^It is XML/);
  assert.match(hintOf(Buffer.from("hello")) ?? "", /^A typedstream begins with/);
  assert.match(hintOf(nestedArrays(90)) ?? "", /^Messages writes nothing so deep/);
  assert.match(hintOf(mentionBody().subarray(0, 14)) ?? "", /^Is it whole\?/);
});
