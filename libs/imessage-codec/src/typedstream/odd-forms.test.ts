import assert from "node:assert/strict";
import { test } from "node:test";
import { IOS_TEXT_BODY, MAC_MENTION_BODY } from "../fixtures/documented-bodies.ts";
import { bytesOfAscii, bytesOfHex, concat } from "../fixtures/hex.ts";
import { decodeTypedStream } from "./decode-typed-stream.ts";
import { encodeTypedStream } from "./encode-typed-stream.ts";
import type { TypedStream, TypedValue } from "./typed-value.ts";

const HEADER = concat(bytesOfHex("040b"), bytesOfAscii("streamtyped"), bytesOfHex("81e803"));

function streamOf(hex: string): Uint8Array {
  return concat(HEADER, bytesOfHex(hex));
}

function sharedHex(text: string): string {
  return `84 ${[text.length, ...bytesOfAscii(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function firstValue(stream: TypedStream): TypedValue | undefined {
  return stream.groups[0]?.values[0];
}

test("Apple's streams have no odd forms", () => {
  for (const bytes of [MAC_MENTION_BODY, IOS_TEXT_BODY]) {
    assert.equal(decodeTypedStream(bytes).oddForms, undefined);
  }
});

test("every odd form of a number is read for what it means and comes out as it was", () => {
  const cases: readonly (readonly [string, string, TypedValue])[] = [
    ["i", "81 0500", { kind: "integer", value: 5 }],
    ["i", "82 05000000", { kind: "integer", value: 5 }],
    ["i", "87 fbffffffffffffff", { kind: "integer", value: -5 }],
    ["s", "82 05000000", { kind: "integer", value: 5 }],
    ["l", "82 92000000", { kind: "integer", value: 146 }],
    // Unsigned: one byte above 127, two above 32767, four above 2³¹.
    ["I", "ff", { kind: "integer", value: 255 }],
    ["S", "81 ffff", { kind: "integer", value: 65_535 }],
    ["L", "82 ffffffff", { kind: "integer", value: 4_294_967_295 }],
    ["Q", "92", { kind: "long", value: 146n }],
    ["Q", "87 0100000000000000", { kind: "long", value: 1n }],
    ["q", "87 ffffffffffffffff", { kind: "long", value: -1n }],
    // Floating-point: with bytes of its own although integral, as an integer that needs 64 bits, as a longer one.
    ["d", "83 000000000000f03f", { kind: "real", value: 1 }],
    ["f", "83 0000803f", { kind: "real", value: 1 }],
    ["d", "87 0000000001000000", { kind: "real", value: 2 ** 32 }],
    ["d", "87 0100000000002000", { kind: "real", value: 2 ** 53 }],
    ["f", "82 02000000", { kind: "real", value: 2 }],
    // A NaN that says something.
    ["d", "83 010000000000f07f", { kind: "real", value: Number.NaN }],
    ["f", "83 0100a0ff", { kind: "real", value: Number.NaN }],
    // Lengths and counts.
    ["+", "82 02000000 6869", { kind: "bytes", bytes: bytesOfAscii("hi") }],
  ];
  for (const [encoding, hex, value] of cases) {
    const bytes = streamOf(`${sharedHex(encoding)} ${hex}`);
    const stream = decodeTypedStream(bytes);
    assert.deepEqual(firstValue(stream), value, hex);
    assert.equal(stream.oddForms?.numbers.size, 1, hex);
    assert.deepEqual(encodeTypedStream(stream), bytes, hex);
    const { oddForms, ...usual } = stream;
    // Whether a NaN keeps its bits by itself is the machine's affair.
    const isNaNumber = value.kind === "real" && Number.isNaN(value.value);
    assert.ok(isNaNumber || !Buffer.from(encodeTypedStream(usual)).equals(bytes), hex);
    assert.deepEqual(firstValue(decodeTypedStream(encodeTypedStream(usual))), value, hex);
  }
});

test("odd versions, lengths of names and references come out as they were", () => {
  const cases = [
    // System version as 32 bits.
    concat(HEADER.slice(0, 13), bytesOfHex("82e8030000"), bytesOfHex(`${sharedHex("c")} 01`)),
    // Length of a name, version of a class, references to a string, a class and an object.
    streamOf(`84 8101 00 40 84 84 ${sharedHex("A")} 87 0000000000000000 85 86`),
    streamOf(
      `${sharedHex("@")} 84 84 ${sharedHex("A")} 00 85 86  81 92ff 84 82 93ffffff 86  92 87 92ffffffffffffff`,
    ),
  ];
  for (const bytes of cases) {
    assert.deepEqual(encodeTypedStream(decodeTypedStream(bytes)), bytes);
  }
});

test("a shared string written twice, and references to either, come out as they were", () => {
  const bytes = streamOf(
    `${sharedHex("c")} 01 ${sharedHex("c")} 02 ${sharedHex("c")} 03 94 04 92 05 93 06 81 93ff 07`,
  );
  const stream = decodeTypedStream(bytes);
  assert.equal(stream.groups.length, 7);
  assert.deepEqual([...(stream.oddForms?.strings.values() ?? [])], [null, null, 2, 1, 1]);
  assert.deepEqual(encodeTypedStream(stream), bytes);
});

test("odd forms are left unused where the tree has become another", () => {
  const bytes = streamOf(`${sharedHex("i")} 81 0500 92 82 07000000 92 09`);
  const { oddForms, ...stream } = decodeTypedStream(bytes);
  assert.ok(oddForms !== undefined);
  const seven = { kind: "integer", value: 7 } as const;
  const groups = stream.groups.map((group, index) => (index === 0 ? { ...group, values: [seven] } : group));
  const changed = encodeTypedStream({ ...stream, groups, oddForms });
  assert.deepEqual(changed, streamOf(`${sharedHex("i")} 07 92 07 92 09`));
  assert.deepEqual(decodeTypedStream(changed).groups, groups);
});

test("a big-endian stream is read, and comes out as it was", () => {
  const header = concat(bytesOfHex("040b"), bytesOfAscii("typedstream"), bytesOfHex("8103e8"));
  const bytes = concat(
    header,
    bytesOfHex(`${sharedHex("siqfd+")} 81 0102 82 01020304 87 0102030405060708`),
    bytesOfHex("83 3f000000 83 3fe0000000000000 81 0003 616263"),
  );
  const stream = decodeTypedStream(bytes);
  assert.equal(stream.isBigEndian, true);
  assert.equal(stream.systemVersion, 1000);
  assert.deepEqual(stream.groups[0]?.values, [
    { kind: "integer", value: 0x0102 },
    { kind: "integer", value: 0x0102_0304 },
    { kind: "long", value: 0x0102_0304_0506_0708n },
    { kind: "real", value: 0.5 },
    { kind: "real", value: 0.5 },
    { kind: "bytes", bytes: bytesOfAscii("abc") },
  ]);
  // The length of the last is longer than needed, which is odd in either order.
  assert.equal(stream.oddForms?.numbers.size, 1);
  assert.deepEqual(encodeTypedStream(stream), bytes);
});

test("an archive in an archive is data, and reads by itself", () => {
  const data: TypedValue = { kind: "bytes", bytes: MAC_MENTION_BODY };
  const encoding = `[${MAC_MENTION_BODY.length}c]`;
  const outer = encodeTypedStream({ systemVersion: 1000, groups: [{ encoding, values: [data] }] });
  const inner = firstValue(decodeTypedStream(outer));
  assert.ok(inner?.kind === "bytes");
  assert.deepEqual(decodeTypedStream(inner.bytes), decodeTypedStream(MAC_MENTION_BODY));
});

test("odd forms in every byte are within the budget", () => {
  const bytes = streamOf(`${sharedHex("[200I]")} ${"ff".repeat(200)} ${`92 ${"fe".repeat(200)}`.repeat(20)}`);
  const stream = decodeTypedStream(bytes);
  assert.equal(stream.oddForms?.numbers.size, 4_200);
  assert.deepEqual(encodeTypedStream(stream), bytes);
});
