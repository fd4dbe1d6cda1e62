import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import { bytesOfHex, concat } from "../fixtures/hex.ts";
import { decodePropertyList, readPropertyList } from "./decode-property-list.ts";
import { encodePropertyList } from "./encode-property-list.ts";
import { type AssemblyForm, assemble, bigEndian } from "./fixtures/assemble.ts";
import { randomPropertyList } from "./fixtures/random-property-list.ts";
import { PropertyListError } from "./property-list-error.ts";
import { PROPERTY_LIST_LIMITS } from "./property-list-limits.ts";

const MUTATIONS = 12_000;
const KIB_256 = 256 * 1024;

function fileOf(...objects: readonly string[]): Uint8Array {
  return assemble(objects.map(bytesOfHex));
}

test("decodePropertyList() says what is broken and where", () => {
  const cases: readonly (readonly [string, Uint8Array, string, number | null])[] = [
    ["nothing", new Uint8Array(), "bad-header", 0],
    ["XML", new TextEncoder().encode('<?xml version="1.0"?>'.padEnd(60)), "bad-header", 0],
    ["a header alone", bytesOfHex("62706c6973743030"), "bad-trailer", null],
    ["a fill byte", fileOf("0f"), "unknown-marker", 8],
    ["a URL", fileOf("0c"), "unknown-marker", 8],
    ["a real of 2 bytes", fileOf("21 0000"), "unknown-marker", 8],
    ["an integer of 32 bytes", fileOf(`15 ${"00".repeat(32)}`), "unknown-marker", 8],
    ["an ordered set", fileOf("b0"), "unknown-marker", 8],
    ["an integer cut off", fileOf("13 00"), "unexpected-end", 9],
    ["data cut off", fileOf("4f 12 7fffffff 00"), "unexpected-end", 14],
    ["a string cut off", fileOf("62 0041"), "unexpected-end", 9],
    ["an array cut off", fileOf("af 13 ffffffffffffffff 00"), "unexpected-end", 18],
    ["a dictionary cut off", fileOf("df 13 00ffffffffffffff 00"), "unexpected-end", 18],
    ["a count of 16 bytes", fileOf(`4f 14 ${"00".repeat(16)}`), "integer-out-of-range", 9],
    ["a count that is text", fileOf("4f 51 41"), "integer-out-of-range", 9],
    ["ASCII that is none", fileOf("52 4180"), "invalid-string", 9],
    ["a UID of 33 bits", fileOf("84 0100000000"), "integer-out-of-range", 8],
    ["a reference too far", fileOf("a1 01"), "reference-out-of-range", 9],
    ["an array in itself", fileOf("a1 00"), "cycle", 8],
    ["a cycle of two", fileOf("a1 01", "c1 00"), "cycle", 8],
    ["a dictionary as its own value", fileOf("d1 01 00", "51 41"), "cycle", 8],
    ["a key that is a number", fileOf("d1 01 01", "10 01"), "key-not-string", 8],
    ["a key twice", fileOf("d2 01 02 01 02", "51 41", "51 41"), "duplicate-key", 8],
    [
      "one object at two offsets",
      assemble([bytesOfHex("a2 01 02"), bytesOfHex("52 4142")], { offsets: [8, 11, 11] }),
      "overlap",
      11,
    ],
  ];
  for (const [what, bytes, code, offset] of cases) {
    assert.throws(() => decodePropertyList(bytes), { name: "PropertyListError", code, offset }, what);
  }
});

test("decodePropertyList() refuses trailers that lie", () => {
  const lies: readonly (readonly [AssemblyForm, string])[] = [
    [{ offsetBytes: 0 }, "bad-trailer"],
    [{ offsetBytes: 9 }, "bad-trailer"],
    [{ referenceBytes: 0 }, "bad-trailer"],
    [{ referenceBytes: 9 }, "bad-trailer"],
    [{ objectCount: 0n }, "bad-trailer"],
    [{ objectCount: 2n }, "bad-trailer"],
    [{ objectCount: 2n ** 64n - 1n }, "bad-trailer"],
    [{ rootIndex: 1n }, "bad-trailer"],
    [{ rootIndex: 2n ** 63n }, "bad-trailer"],
    [{ offsetTableOffset: 8n }, "bad-trailer"],
    [{ offsetTableOffset: 10n }, "bad-trailer"],
    [{ offsetTableOffset: 2n ** 64n - 1n }, "bad-trailer"],
    [{ offsets: [7] }, "offset-out-of-range"],
    [{ offsets: [9] }, "offset-out-of-range"],
    [{ offsets: [0xffff] }, "offset-out-of-range"],
  ];
  for (const [lie, code] of lies) {
    assert.throws(() => decodePropertyList(assemble([bytesOfHex("09")], lie)), { code }, code);
  }
  const tooMany = assemble(Array.from({ length: 257 }, () => bytesOfHex("09")));
  assert.throws(() => decodePropertyList(tooMany), { code: "bad-trailer" });
});

test("every truncation of a list is an error", () => {
  const bytes = encodePropertyList(randomPropertyList(new SeededRandom(7)));
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => decodePropertyList(bytes.slice(0, length)), PropertyListError, `${length} bytes`);
  }
});

test("decodePropertyList() keeps every limit", () => {
  const limits = PROPERTY_LIST_LIMITS;
  assert.throws(() => decodePropertyList(new Uint8Array(limits.byteLengthMax + 1)), { code: "too-large" });
  const two = fileOf("a1 01", "09");
  assert.throws(() => decodePropertyList(two, { ...limits, objectCountMax: 1 }), {
    code: "too-many-objects",
  });
  assert.throws(() => decodePropertyList(two, { ...limits, depthMax: 0 }), { code: "too-deep" });
  assert.equal(decodePropertyList(two, { ...limits, depthMax: 1 }).kind, "array");
  const chain = (length: number): Uint8Array =>
    assemble(
      Array.from({ length }, (_, index) => (index + 1 < length ? bytesOfHex("a1") : bytesOfHex("a0"))).map(
        (head, index) => (index + 1 < length ? concat(head, bigEndian(index + 1, 2)) : head),
      ),
      { referenceBytes: 2, offsetBytes: 3 },
    );
  assert.equal(decodePropertyList(chain(limits.depthMax)).kind, "array");
  assert.throws(() => decodePropertyList(chain(limits.depthMax + 1)), { code: "too-deep" });
  assert.throws(() => decodePropertyList(chain(20_000)), { code: "too-deep" });
});

test("a chain that is read from its inner end is refused all the same", () => {
  // Object 0 lists the links innermost first, so that each is met while only one container is open.
  const links = 1_000;
  const order = Array.from({ length: links }, (_, index) => links - index);
  const root = concat(bytesOfHex("af 11"), bigEndian(links, 2), ...order.map((link) => bigEndian(link, 2)));
  const chain = Array.from({ length: links }, (_, index) =>
    index + 1 < links ? concat(bytesOfHex("a1"), bigEndian(index + 2, 2)) : bytesOfHex("a0"),
  );
  const file = assemble([root, ...chain], { referenceBytes: 2, offsetBytes: 4 });
  assert.throws(() => decodePropertyList(file), { code: "too-deep" });
});

test("lists that hold each other twice, 60 deep, are read once each", () => {
  const depth = 60;
  const doubling = Array.from({ length: depth }, (_, index) =>
    index + 1 < depth ? concat(bytesOfHex("a2"), Uint8Array.of(index + 1, index + 1)) : bytesOfHex("a0"),
  );
  const { root, objectsRead, referencesRead } = readPropertyList(assemble(doubling));
  assert.deepEqual([objectsRead, referencesRead], [depth, 2 * (depth - 1)]);
  assert.deepEqual(readPropertyList(encodePropertyList(root)).objectsRead, depth);
});

test("256 KiB never make more than one object for each byte, and mostly far fewer", () => {
  const half = KIB_256 / 2;
  const overlapping = (object: Uint8Array, count: number) =>
    assemble([concat(bytesOfHex("af 12"), bigEndian(count, 4), ...countTo(count)), object], {
      referenceBytes: 3,
      offsetBytes: 4,
      offsets: [8, ...Array.from({ length: count }, () => 8 + 6 + count * 3)],
    });
  const countTo = (count: number) => Array.from({ length: count }, (_, index) => bigEndian(index + 1, 3));
  // Thousands of objects that each claim one long string, or one long list.
  const long = concat(bytesOfHex("5f 12"), bigEndian(half, 4), new Uint8Array(half).fill(0x41));
  assert.throws(() => decodePropertyList(overlapping(long, 15_000)), { code: "overlap" });
  // As many references as fit, all to one object.
  const wide = assemble(
    [
      concat(bytesOfHex("af 12"), bigEndian(KIB_256 - 100, 4), new Uint8Array(KIB_256 - 100).fill(1)),
      bytesOfHex("09"),
    ],
    { offsetBytes: 4 },
  );
  assert.deepEqual(
    [readPropertyList(wide).objectsRead, readPropertyList(wide).referencesRead],
    [2, KIB_256 - 100],
  );
  // As many objects as fit.
  const many = 30_000;
  const small = assemble(
    [
      concat(bytesOfHex("af 12"), bigEndian(many, 4), ...countTo(many)),
      ...countTo(many).map(() => bytesOfHex("d0")),
    ],
    { referenceBytes: 3, offsetBytes: 4 },
  );
  assert.ok(small.length < KIB_256);
  assert.deepEqual(
    [readPropertyList(small).objectsRead, readPropertyList(small).referencesRead],
    [many + 1, many],
  );
});

test(`${MUTATIONS} damaged lists are read or refused by PropertyListError, never with more objects than bytes`, () => {
  const random = SeededRandom.fromEnvironment("damaged property lists");
  const outcomes = new Map<string, number>();
  let bytes = new Uint8Array();
  for (let round = 0; round < MUTATIONS; round += 1) {
    if (round % 20 === 0) {
      bytes = new Uint8Array(encodePropertyList(randomPropertyList(random)));
    }
    const outcome = outcomeOf(damaged(random, bytes));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  // The damage must reach every kind of check, or this test shows nothing.
  const expected = [
    "read",
    "bad-header",
    "bad-trailer",
    "offset-out-of-range",
    "reference-out-of-range",
    "unexpected-end",
    "unknown-marker",
    "key-not-string",
    "cycle",
    "overlap",
  ];
  for (const needed of expected) {
    assert.ok((outcomes.get(needed) ?? 0) > 0, `${needed} in ${JSON.stringify([...outcomes])}`);
  }
});

/** "read", or the code of the PropertyListError; any other error fails the test. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    const { objectsRead, referencesRead } = readPropertyList(bytes);
    assert.ok(objectsRead <= bytes.length && referencesRead <= bytes.length);
    return "read";
  } catch (error) {
    assert.ok(error instanceof PropertyListError, String(error));
    return error.code;
  }
}
