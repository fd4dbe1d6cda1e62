import assert from "node:assert/strict";
import { test } from "node:test";
import { IOS_TEXT_BODY, MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { bytesOfAscii, bytesOfHex, concat } from "../fixtures/hex.ts";
import { decodeTypedStream } from "./decode-typed-stream.ts";
import { encodeTypedStream } from "./encode-typed-stream.ts";
import { TYPED_STREAM_LIMITS } from "./typed-stream-limits.ts";
import type { TypedClass, TypedGroup, TypedObject, TypedValue } from "./typed-value.ts";

const HEADER = concat(bytesOfHex("040b"), bytesOfAscii("streamtyped"), bytesOfHex("81e803"));
const GROUPS_START = HEADER.length;

function streamOf(hex: string): Uint8Array {
  return concat(HEADER, bytesOfHex(hex));
}

function groupsOf(hex: string): readonly TypedGroup[] {
  return decodeTypedStream(streamOf(hex)).groups;
}

/** Hex of a new shared string. */
function sharedHex(text: string): string {
  return `84 ${[text.length, ...bytesOfAscii(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

test("the documented bodies decode and come out byte for byte", () => {
  assert.equal(MAC_MENTION_BODY.length, 333);
  assert.equal(IOS_TEXT_BODY.length, 235);
  for (const body of [MAC_MENTION_BODY, IOS_TEXT_BODY]) {
    assert.deepEqual(encodeTypedStream(decodeTypedStream(body)), body);
  }
});

test("decodeTypedStream() shares what the stream shares", () => {
  const root = decodeTypedStream(MAC_MENTION_BODY).groups[0]?.values[0] as TypedObject;
  const classNames: string[] = [];
  for (let current: TypedClass | null = root.class; current !== null; current = current.superclass) {
    classNames.push(current.name);
  }
  assert.deepEqual(classNames, ["NSMutableAttributedString", "NSAttributedString", "NSObject"]);
  const [, , first, , second] = root.groups.map((group) => group.values[0] as TypedObject);
  assert.equal(first?.groups.at(-1)?.values[0], second?.groups.at(-1)?.values[0]);
});

test("decodeTypedStream() reads every type of value", () => {
  const values = (hex: string): readonly TypedValue[] => groupsOf(hex)[0]?.values ?? [];
  assert.deepEqual(values(`${sharedHex("cCBsSilIL")} 85 85 01 92 92 92 92 92 92`), [
    { kind: "integer", value: -123 },
    { kind: "integer", value: 133 },
    { kind: "integer", value: 1 },
    { kind: "integer", value: -110 },
    { kind: "integer", value: 146 },
    { kind: "integer", value: -110 },
    { kind: "integer", value: -110 },
    { kind: "integer", value: 146 },
    { kind: "integer", value: 146 },
  ]);
  assert.deepEqual(values(`${sharedHex("qQfd")} 92 92 05 83 000000000000e03f`), [
    { kind: "long", value: -110n },
    { kind: "long", value: 146n },
    { kind: "real", value: 5 },
    { kind: "real", value: 0.5 },
  ]);
  assert.deepEqual(values(`${sharedHex("%:*#@+!")} 84 01 61 93 84 93 85 85 85`), [
    { kind: "atom", text: "a" },
    { kind: "atom", text: "a" },
    { kind: "c-string", text: "a" },
    { kind: "nil" },
    { kind: "nil" },
    { kind: "nil" },
    { kind: "nil" },
  ]);
  assert.deepEqual(values(`${sharedHex("[3c][2s]{p=ii}+[0c]")} 848586 01 02 03 04 02 6869`), [
    { kind: "bytes", bytes: bytesOfHex("848586") },
    {
      kind: "list",
      items: [
        { kind: "integer", value: 1 },
        { kind: "integer", value: 2 },
      ],
    },
    {
      kind: "list",
      items: [
        { kind: "integer", value: 3 },
        { kind: "integer", value: 4 },
      ],
    },
    { kind: "bytes", bytes: bytesOfHex("6869") },
    { kind: "bytes", bytes: new Uint8Array() },
  ]);
});

test("objects of unknown classes are kept group by group, and come out again", () => {
  const bytes = streamOf(
    `${sharedHex("@")} 84 84 ${sharedHex("New")} 81 8000 85 ${sharedHex("ic")} 01 85 ${sharedHex("#")} 93 86 92 92`,
  );
  const { groups } = decodeTypedStream(bytes);
  const object = groups[0]?.values[0] as TypedObject;
  const newClass: TypedClass = { kind: "class", name: "New", version: 128, superclass: null };
  assert.deepEqual(object, {
    kind: "object",
    groups: [
      {
        encoding: "ic",
        values: [
          { kind: "integer", value: 1 },
          { kind: "integer", value: -123 },
        ],
      },
      { encoding: "#", values: [newClass] },
    ],
    class: newClass,
  });
  assert.equal(groups[1]?.values[0], object);
  assert.deepEqual(encodeTypedStream({ systemVersion: 1000, groups }), bytes);
});

test("an object may refer to itself", () => {
  const bytes = streamOf(`${sharedHex("@")} 84 84 ${sharedHex("Loop")} 00 85 92 92 86`);
  const object = decodeTypedStream(bytes).groups[0]?.values[0] as TypedObject;
  assert.equal(object.groups[0]?.values[0], object);
  assert.deepEqual(encodeTypedStream(decodeTypedStream(bytes)), bytes);
});

test("references beyond one byte are read and written", () => {
  // 300 C-strings with texts of their own, then the first and the last again.
  const strings = Array.from(
    { length: 300 },
    (_, index) => ({ kind: "c-string", text: `s${index}` }) as const,
  );
  const values: readonly TypedValue[] = [...strings, strings[0], strings[299]].map(
    (item) => item as TypedValue,
  );
  const stream = { systemVersion: 1000, groups: values.map((value) => ({ encoding: "*", values: [value] })) };
  const bytes = encodeTypedStream(stream);
  assert.deepEqual(decodeTypedStream(bytes), stream);
  // S0 "*", then slot 0 and slot 299 = 189 + 110.
  assert.deepEqual(bytes.slice(-6), bytesOfHex("92 92 92 81bd00"));
  assert.deepEqual(encodeTypedStream(decodeTypedStream(bytes)), bytes);
});

test("decodeTypedStream() says what is broken and where", () => {
  const at = GROUPS_START;
  const cases: readonly (readonly [string, string, string, number])[] = [
    ["a nil encoding", "85", "unexpected-tag", at],
    ["an end without an object", "86", "unexpected-tag", at],
    ["a reserved tag", "80", "reserved-tag", at],
    ["an encoding out of the table", "92", "reference-out-of-range", at],
    ["an unknown type", sharedHex("x"), "encoding-invalid", at],
    ["an empty encoding", "8400", "encoding-invalid", at],
    ["a long string", "84 05 4040", "unexpected-end", at + 2],
    ["an object without content", `${sharedHex("@")} 84`, "unexpected-end", at + 4],
    ["an object without a class", `${sharedHex("@")} 84 85`, "unexpected-tag", at + 3],
    ["a class without a name", `${sharedHex("@")} 84 84 85`, "unexpected-tag", at + 4],
    ["an object out of the table", `${sharedHex("@")} 92`, "reference-out-of-range", at + 3],
    ["an object reference below the table", `${sharedHex("@")} 81 00ff`, "reference-out-of-range", at + 3],
    [
      "a class where an object is due",
      `${sharedHex("@")} 84 84 ${sharedHex("A")} 00 85 92 93 86`,
      "reference-kind",
      at + 11,
    ],
    ["an object as its own class", `${sharedHex("@")} 84 92`, "reference-kind", at + 4],
    [
      "an object where a C-string is due",
      `${sharedHex("@")} 84 84 ${sharedHex("A")} 00 85 ${sharedHex("*")} 92`,
      "reference-kind",
      at + 13,
    ],
    ["a C-string without text", `${sharedHex("*")} 84 85`, "unexpected-tag", at + 3],
    [
      "a class that is its own superclass",
      `${sharedHex("#")} 84 ${sharedHex("A")} 00 92`,
      "too-deep",
      at + 3,
    ],
    ["an integer too large for a short", `${sharedHex("s")} 82 ffff0000`, "integer-out-of-range", at + 3],
    ["bytes after the end", `${sharedHex("c")} 01 01`, "reference-out-of-range", at + 4],
  ];
  for (const [what, hex, code, offset] of cases) {
    assert.throws(() => groupsOf(hex), { name: "TypedStreamError", code, offset }, what);
  }
});

test("decodeTypedStream() refuses other headers", () => {
  for (const length of [0, 1, 12]) {
    assert.throws(() => decodeTypedStream(HEADER.slice(0, length)), { code: "unexpected-end" });
  }
  const wrong = [bytesOfHex("030b"), bytesOfHex("040c")].map((start) => concat(start, HEADER.slice(2)));
  for (const bytes of [...wrong, bytesOfAscii("bplist00 and more bytes")]) {
    assert.throws(() => decodeTypedStream(bytes), { code: "bad-header", offset: 0 });
  }
  assert.deepEqual(decodeTypedStream(HEADER), { systemVersion: 1000, groups: [] });
});

test("every truncation of a body is an error", () => {
  for (let length = 0; length < MAC_MENTION_BODY.length; length += 1) {
    if (length !== GROUPS_START) {
      assert.throws(
        () => decodeTypedStream(MAC_MENTION_BODY.slice(0, length)),
        { name: "TypedStreamError", code: "unexpected-end" },
        `${length} bytes`,
      );
    }
  }
});

test("decodeTypedStream() keeps every limit", () => {
  const limits = TYPED_STREAM_LIMITS;
  const object = `84 84 ${sharedHex("A")} 00 85`;
  const nested = (depth: number): Uint8Array =>
    streamOf(`${sharedHex("@")} ${object} ${"92 84 93 ".repeat(depth - 1)} ${"86".repeat(depth)}`);
  assert.equal(decodeTypedStream(nested(limits.objectDepthMax)).groups.length, 1);
  assert.throws(() => decodeTypedStream(nested(limits.objectDepthMax + 1)), { code: "too-deep" });
  assert.throws(() => decodeTypedStream(nested(100_000)), { code: "too-deep" });

  const chain = (length: number): Uint8Array =>
    streamOf(`${sharedHex("#")} 84 ${sharedHex("A")} 00 ${"84 93 00 ".repeat(length - 1)} 85`);
  assert.equal(decodeTypedStream(chain(limits.classChainLengthMax)).groups.length, 1);
  assert.throws(() => decodeTypedStream(chain(limits.classChainLengthMax + 1)), { code: "too-deep" });

  const bytes = streamOf(`${sharedHex("*")} 84 92 92 84 92`);
  for (const tight of [{ byteLengthMax: 20 }, { objectTableLengthMax: 1 }, { sharedStringsMax: 0 }]) {
    assert.throws(
      () => decodeTypedStream(bytes, { ...limits, ...tight }),
      { code: "byteLengthMax" in tight ? "too-large" : "table-full" },
      JSON.stringify(tight),
    );
  }
  assert.throws(() => decodeTypedStream(new Uint8Array(limits.byteLengthMax + 1)), { code: "too-large" });
});

test("values that take no bytes cannot multiply", () => {
  const bombs = ["[999999999!]", "[999999999[0c]]", "[999999999{e=}]", `{s=${"!".repeat(120)}}`];
  for (const bomb of bombs) {
    const again = "92".repeat(10_000);
    assert.throws(() => groupsOf(`${sharedHex(bomb)} ${again}`), { code: "value-budget" }, bomb.slice(0, 20));
  }
  assert.throws(() => groupsOf(sharedHex("[999999999@]")), { code: "unexpected-end" });
  assert.throws(() => groupsOf(sharedHex("[999999999c]")), { code: "unexpected-end" });
});

test("encodeTypedStream() refuses values that do not fit their encoding", () => {
  const bad: readonly TypedGroup[] = [
    { encoding: "x", values: [] },
    { encoding: "i", values: [] },
    { encoding: "i", values: [{ kind: "real", value: 1 }] },
    { encoding: "@", values: [{ kind: "c-string", text: "" }] },
    { encoding: "[2c]", values: [{ kind: "bytes", bytes: new Uint8Array(1) }] },
    { encoding: "%", values: [{ kind: "atom", text: "\u0100" }] },
  ];
  for (const group of bad) {
    assert.throws(() => encodeTypedStream({ systemVersion: 1000, groups: [group] }), {
      name: "AssertionError",
    });
  }
});
