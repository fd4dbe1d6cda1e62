import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { bytesOfAscii, bytesOfHex, concat } from "../fixtures/hex.ts";
import { decodePropertyList, readPropertyList } from "./decode-property-list.ts";
import { encodePropertyList } from "./encode-property-list.ts";
import { assemble } from "./fixtures/assemble.ts";
import { randomPropertyList } from "./fixtures/random-property-list.ts";
import { type PropertyListLiteral, propertyListOf } from "./property-list-literal.ts";
import type { PropertyListValue } from "./property-list-value.ts";

const ROUNDS = 1_500;

/** A file whose root is the one object in the hex. */
function fileOf(hex: string): Uint8Array {
  return assemble([bytesOfHex(hex)]);
}

test("encodePropertyList() writes the bytes that the format prescribes", () => {
  const value = propertyListOf(new Map<string, PropertyListLiteral>([["ust", true]]));
  const expected = concat(
    bytesOfAscii("bplist00"),
    bytesOfHex("d1 01 02"),
    bytesOfHex("53"),
    bytesOfAscii("ust"),
    bytesOfHex("09"),
    bytesOfHex("08 0b 0f"),
    bytesOfHex("000000000000 01 01 0000000000000003 0000000000000000 0000000000000010"),
  );
  assert.deepEqual(encodePropertyList(value), expected);
  assert.deepEqual(decodePropertyList(expected), value);
});

test("decodePropertyList() reads every type in every size", () => {
  const cases: readonly (readonly [string, PropertyListValue])[] = [
    ["00", { kind: "null" }],
    ["08", { kind: "boolean", value: false }],
    ["09", { kind: "boolean", value: true }],
    ["10 ff", { kind: "integer", value: 255n }],
    ["11 ffff", { kind: "integer", value: 65_535n }],
    ["12 ffffffff", { kind: "integer", value: 4_294_967_295n }],
    ["13 ffffffffffffffff", { kind: "integer", value: -1n }],
    ["14 0000000000000000 ffffffffffffffff", { kind: "integer", value: 2n ** 64n - 1n }],
    ["14 ffffffffffffffff fffffffffffffffe", { kind: "integer", value: -2n }],
    ["22 3fc00000", { kind: "real", value: 1.5 }],
    ["23 3ff8000000000000", { kind: "real", value: 1.5 }],
    ["33 c1cd27e440000000", { kind: "date", secondsSince2001: -978_307_200 }],
    ["42 abcd", { kind: "data", value: bytesOfHex("abcd") }],
    ["4f 10 02 abcd", { kind: "data", value: bytesOfHex("abcd") }],
    ["4f 13 0000000000000002 abcd", { kind: "data", value: bytesOfHex("abcd") }],
    ["52 6869", { kind: "string", value: "hi" }],
    ["62 00e9 d83e", { kind: "string", value: "é\uD83E" }],
    ["80 07", { kind: "uid", value: 7 }],
    ["83 ffffffff", { kind: "uid", value: 4_294_967_295 }],
    ["8f 000000000000000000000000 00000009", { kind: "uid", value: 9 }],
    ["a0", { kind: "array", items: [] }],
    ["c0", { kind: "set", items: [] }],
    ["d0", { kind: "dictionary", entries: new Map() }],
  ];
  for (const [hex, value] of cases) {
    assert.deepEqual(decodePropertyList(fileOf(hex)), value, hex);
  }
});

test("decodePropertyList() reads references and offsets of every size", () => {
  for (const bytes of [1, 2, 3, 4, 8]) {
    const list = concat(bytesOfHex("a1"), new Uint8Array(bytes - 1), Uint8Array.of(1));
    const file = assemble([list, bytesOfHex("09")], { offsetBytes: bytes, referenceBytes: bytes });
    assert.deepEqual(decodePropertyList(file), { kind: "array", items: [{ kind: "boolean", value: true }] });
  }
});

test("an object that is referred to twice is one object", () => {
  const file = assemble([bytesOfHex("a3 01 01 02"), bytesOfHex("a0"), bytesOfHex("42 0102")]);
  const { root, objectsRead, referencesRead } = readPropertyList(file);
  assert.ok(root.kind === "array");
  assert.equal(root.items[0], root.items[1]);
  assert.deepEqual([objectsRead, referencesRead], [3, 3]);
});

test("encodePropertyList() writes equal scalars once, and the same container once", () => {
  const list: PropertyListValue = { kind: "array", items: [{ kind: "string", value: "again" }] };
  const root: PropertyListValue = { kind: "array", items: [list, list, { kind: "string", value: "again" }] };
  const document = readPropertyList(encodePropertyList(root));
  assert.deepEqual(document, { root, objectsRead: 3, referencesRead: 4 });
});

test("encodePropertyList() tells 1 from 1.0 and 0 from -0", () => {
  const root = propertyListOf([1n, 1, 0, -0, "1", true]);
  assert.deepEqual(decodePropertyList(encodePropertyList(root)), root);
});

test("10,000 strings need references of two bytes and offsets of four", () => {
  const root = propertyListOf(Array.from({ length: 10_000 }, (_, index) => `string number ${index}`));
  const bytes = encodePropertyList(root);
  assert.deepEqual([bytes.at(-26), bytes.at(-25)], [4, 2]);
  assert.deepEqual(decodePropertyList(bytes), root);
});

test(`${ROUNDS} random values come back, and the same bytes are written again`, () => {
  const random = SeededRandom.fromEnvironment("random property lists");
  for (let round = 0; round < ROUNDS; round += 1) {
    const value = randomPropertyList(random);
    const bytes = encodePropertyList(value);
    const decoded = decodePropertyList(bytes);
    assert.deepEqual(decoded, value, `round ${round}`);
    assert.deepEqual(encodePropertyList(decoded), bytes, `round ${round}`);
  }
});

test("encodePropertyList() refuses what a reader would refuse", () => {
  const items: PropertyListValue[] = [];
  const endless: PropertyListValue = { kind: "array", items };
  items.push(endless);
  let deep: PropertyListValue = { kind: "array", items: [] };
  for (let depth = 0; depth < 64; depth += 1) {
    deep = { kind: "array", items: [deep] };
  }
  const bad: readonly PropertyListValue[] = [
    endless,
    deep,
    { kind: "uid", value: -1 },
    { kind: "uid", value: 2 ** 32 },
    { kind: "integer", value: 2n ** 127n },
  ];
  for (const value of bad) {
    assert.throws(() => encodePropertyList(value), { name: "AssertionError" });
  }
});
