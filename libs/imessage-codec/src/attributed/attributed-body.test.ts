import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import { IOS_TEXT_BODY, MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { decodeTypedStream } from "../typedstream/decode-typed-stream.ts";
import { encodeTypedStream } from "../typedstream/encode-typed-stream.ts";
import type { TypedGroup, TypedObject, TypedValue } from "../typedstream/typed-value.ts";
import type { AttributedBody, AttributeRun } from "./attributed-body.ts";
import { decodeAttributedBody } from "./decode-attributed-body.ts";
import { encodeAttributedBody } from "./encode-attributed-body.ts";
import { FOUNDATION_CLASS, FoundationObjects } from "./foundation-objects.ts";
import { messageRun } from "./message-run.ts";

const HANDLE = parseHandleAddress("+15550100199");
const MENTION_RUNS = [
  messageRun(5, { part: 0 }),
  messageRun(3, { part: 0, mention: HANDLE }),
  messageRun(1, { part: 0 }),
];

/** The groups of a body as a Mac composes it, to break one at a time. */
function bodyOfGroups(groups: readonly TypedGroup[]): Uint8Array {
  const root: TypedObject = { kind: "object", class: FOUNDATION_CLASS.mutableAttributedString, groups };
  return encodeTypedStream({ systemVersion: 1000, groups: [{ encoding: "@", values: [root] }] });
}

function objectGroup(value: TypedValue): TypedGroup {
  return { encoding: "@", values: [value] };
}

function runGroup(index: number, length: number): TypedGroup {
  return {
    encoding: "iI",
    values: [
      { kind: "integer", value: index },
      { kind: "integer", value: length },
    ],
  };
}

function stringOfBytes(bytes: readonly number[]): TypedGroup {
  const content: TypedGroup = { encoding: "+", values: [{ kind: "bytes", bytes: Uint8Array.from(bytes) }] };
  return objectGroup({ kind: "object", class: FOUNDATION_CLASS.string, groups: [content] });
}

const NUMBERS = new FoundationObjects({ integerType: "i", sharesNames: false });
const EMPTY_DICTIONARY = objectGroup(NUMBERS.dictionary(new Map()));

test("the documented Mac body reads as text with a mention", () => {
  assert.deepEqual(decodeAttributedBody(MAC_MENTION_BODY), { text: "Call Mia ", runs: MENTION_RUNS });
});

test("encodeAttributedBody() writes the documented Mac body byte for byte", () => {
  assert.deepEqual(encodeAttributedBody({ text: "Call Mia ", runs: MENTION_RUNS }), MAC_MENTION_BODY);
});

test("encodeAttributedBody() writes the documented iOS body byte for byte", () => {
  assert.deepEqual(encodeAttributedBody({ text: "Test 3", style: "ios" }), IOS_TEXT_BODY);
  assert.deepEqual(decodeAttributedBody(IOS_TEXT_BODY), {
    text: "Test 3",
    runs: [
      {
        length: 6,
        attributes: new Map([
          ["__kIMBaseWritingDirectionAttributeName", { kind: "integer", value: -1n }],
          ["__kIMMessagePartAttributeName", { kind: "integer", value: 0n }],
        ]),
      },
    ],
  });
});

test("bodies keep attachments and parts", () => {
  const attachmentGuid = parseAttachmentGuid("at_0_6F8A2B3C-0000-4000-8000-000000000001");
  const runs = [messageRun(1, { part: 0, attachmentGuid }), messageRun(4, { part: 1 })];
  for (const style of ["mac", "ios"] as const) {
    const body = decodeAttributedBody(encodeAttributedBody({ text: "\uFFFClook", runs, style }));
    assert.equal(body.text, "\uFFFClook");
    const [slot, words] = body.runs;
    assert.deepEqual(slot?.attributes.get("__kIMFileTransferGUIDAttributeName"), {
      kind: "string",
      value: attachmentGuid,
    });
    assert.deepEqual(words?.attributes.get("__kIMMessagePartAttributeName"), { kind: "integer", value: 1n });
  }
});

test("an empty text has no runs", () => {
  const bytes = encodeAttributedBody({ text: "" });
  assert.deepEqual(decodeAttributedBody(bytes), { text: "", runs: [] });
});

test("long texts at every form of the length come back", () => {
  for (const length of [1, 127, 128, 32_767, 32_768, 65_535, 65_536, 100_000]) {
    const text = "x".repeat(length);
    assert.deepEqual(decodeAttributedBody(encodeAttributedBody({ text })), {
      text,
      runs: [messageRun(length, { part: 0 })],
    });
  }
});

test("1,000 runs with attributes of their own come back", () => {
  const runs = Array.from({ length: 1_000 }, (_, part) => messageRun(2, { part }));
  const body: AttributedBody = { text: "🧵".repeat(1_000), runs };
  assert.deepEqual(decodeAttributedBody(encodeAttributedBody(body)), body);
});

test("odd characters come back: byte-order mark, U+FFFD, U+FFFC, NUL; a lone surrogate becomes U+FFFD", () => {
  const text = "\uFEFF\uFFFD\uFFFC\0 \u{1F9F5}";
  assert.equal(decodeAttributedBody(encodeAttributedBody({ text })).text, text);
  assert.equal(decodeAttributedBody(encodeAttributedBody({ text: "a\uD83Eb" })).text, "a\uFFFDb");
});

test("equal attributes are written once, whatever their order", () => {
  const forwards: AttributeRun["attributes"] = new Map([
    ["a", { kind: "null" }],
    ["b", { kind: "boolean", value: true }],
  ]);
  const backwards = new Map([...forwards].reverse());
  const body = { text: "xy", runs: [forwards, backwards].map((attributes) => ({ length: 1, attributes })) };
  const [first, second] = decodeAttributedBody(encodeAttributedBody(body)).runs;
  assert.equal(first?.attributes, second?.attributes);
});

test("decodeAttributedBody() refuses streams that are no body", () => {
  const text = stringOfBytes([0x68, 0x69]);
  const whole = [text, runGroup(1, 2), EMPTY_DICTIONARY];
  assert.equal(decodeAttributedBody(bodyOfGroups(whole)).text, "hi");
  const cases: readonly (readonly [string, readonly TypedGroup[], string])[] = [
    ["no string", [], "not-an-attributed-string"],
    ["nil for a string", [objectGroup({ kind: "nil" })], "not-an-attributed-string"],
    ["a dictionary for a string", [EMPTY_DICTIONARY], "not-an-attributed-string"],
    ["text that is not UTF-8", [stringOfBytes([0x68, 0xff])], "invalid-utf8"],
    ["a surrogate in UTF-8", [stringOfBytes([0xed, 0xa0, 0x80])], "invalid-utf8"],
    ["no runs", [text], "run-length"],
    ["runs too short", [text, runGroup(1, 1), EMPTY_DICTIONARY], "run-length"],
    ["runs too long", [...whole, runGroup(1, 1)], "run-length"],
    ["index 0", [text, runGroup(0, 2)], "run-index"],
    ["a negative index", [text, runGroup(-1, 2)], "run-index"],
    ["an index too far", [text, runGroup(2, 2), EMPTY_DICTIONARY], "run-index"],
    ["attributes missing", [text, runGroup(1, 2)], "not-an-attributed-string"],
    ["attributes nil", [text, runGroup(1, 2), objectGroup({ kind: "nil" })], "not-an-attributed-string"],
    ["attributes twice", [...whole, EMPTY_DICTIONARY], "not-an-attributed-string"],
    ["a string for attributes", [text, runGroup(1, 2), text], "not-an-attributed-string"],
  ];
  for (const [what, groups, code] of cases) {
    assert.throws(
      () => decodeAttributedBody(bodyOfGroups(groups)),
      { name: "TypedStreamError", code, offset: null },
      what,
    );
  }
  const { systemVersion, groups } = decodeTypedStream(bodyOfGroups(whole));
  for (const count of [0, 2]) {
    const stream = { systemVersion, groups: Array.from({ length: count }, () => groups[0] as TypedGroup) };
    assert.throws(() => decodeAttributedBody(encodeTypedStream(stream)), {
      code: "not-an-attributed-string",
    });
  }
});

test("attribute values of unknown classes or forms are opaque and never fatal", () => {
  const newClass = { kind: "class", name: "XYNew", version: 3, superclass: null } as const;
  const strange: readonly (readonly [TypedValue, unknown])[] = [
    [
      { kind: "object", class: newClass, groups: [runGroup(1, 2)] },
      { kind: "opaque", className: "XYNew" },
    ],
    [
      { kind: "object", class: FOUNDATION_CLASS.number, groups: [] },
      { kind: "opaque", className: "NSNumber" },
    ],
    [
      { kind: "object", class: FOUNDATION_CLASS.array, groups: [] },
      { kind: "opaque", className: "NSArray" },
    ],
    [
      { kind: "object", class: FOUNDATION_CLASS.url, groups: [] },
      { kind: "opaque", className: "NSURL" },
    ],
    [stringOfBytes([0xff]).values[0] as TypedValue, { kind: "opaque", className: "NSString" }],
    [{ kind: "nil" }, { kind: "null" }],
  ];
  for (const [value, expected] of strange) {
    const dictionary: TypedObject = {
      kind: "object",
      class: FOUNDATION_CLASS.dictionary,
      groups: [
        { encoding: "i", values: [{ kind: "integer", value: 1 }] },
        objectGroup(NUMBERS.string("key")),
        objectGroup(value),
      ],
    };
    const body = decodeAttributedBody(
      bodyOfGroups([stringOfBytes([0x68]), runGroup(1, 1), objectGroup(dictionary)]),
    );
    assert.deepEqual(body.runs, [{ length: 1, attributes: new Map([["key", expected]]) }]);
  }
});

test("encodeAttributedBody() refuses runs that do not cover the text, and opaque values", () => {
  const opaque: AttributeRun = {
    length: 1,
    attributes: new Map([["a", { kind: "opaque", className: "X" }]]),
  };
  for (const runs of [[], [messageRun(2, { part: 0 })], [opaque]]) {
    assert.throws(() => encodeAttributedBody({ text: "x", runs }), { name: "AssertionError" });
  }
});
