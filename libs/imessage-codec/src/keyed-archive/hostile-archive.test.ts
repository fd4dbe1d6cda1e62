import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { type PropertyListLiteral, propertyListOf } from "../property-list/property-list-literal.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import type { ArchivedValue } from "./archived-value.ts";
import { encodeKeyedArchive } from "./encode-keyed-archive.ts";
import { archivedObject, randomArchivedValue } from "./fixtures/random-archived-value.ts";
import { decodeKeyedArchive } from "./keyed-archive.ts";
import { KeyedArchiveError } from "./keyed-archive-error.ts";

const MUTATIONS = 12_000;

function uid(value: number): PropertyListValue {
  return { kind: "uid", value };
}

function map(record: Readonly<Record<string, PropertyListLiteral>>): PropertyListLiteral {
  return new Map(Object.entries(record));
}

const OUTER = {
  $archiver: "NSKeyedArchiver",
  $version: 100_000n,
  $top: map({ root: uid(1) }),
};

function archiveOf(
  objects: readonly PropertyListLiteral[],
  outer: Readonly<Record<string, PropertyListLiteral>> = OUTER,
): Uint8Array {
  return encodePropertyList(propertyListOf(map({ ...outer, $objects: ["$null", ...objects] })));
}

const DICTIONARY_CLASS = map({ $classname: "NSDictionary", $classes: ["NSDictionary", "NSObject"] });
const ARRAY_CLASS = map({ $classname: "NSArray", $classes: ["NSArray", "NSObject"] });

test("decodeKeyedArchive() refuses what is no archive", () => {
  assert.throws(() => decodeKeyedArchive(new Uint8Array(3)), {
    name: "KeyedArchiveError",
    code: "not-a-property-list",
    offset: 0,
  });
  const whole = { ...OUTER, $objects: ["$null"] };
  const broken: readonly PropertyListLiteral[] = [
    "NSKeyedArchiver",
    map({}),
    map({ ...whole, $archiver: "NSArchiver" }),
    map({ ...whole, $version: 100_001n }),
    map({ ...whole, $version: 100_000 }),
    map({ ...whole, $top: uid(1) }),
    map({ ...whole, $objects: [] }),
    map({ ...whole, $objects: ["nil"] }),
    map({ ...whole, $objects: "$null" }),
  ];
  assert.deepEqual(decodeKeyedArchive(encodePropertyList(propertyListOf(map(whole)))).names, ["root"]);
  for (const value of broken) {
    assert.throws(() => decodeKeyedArchive(encodePropertyList(propertyListOf(value))), {
      name: "KeyedArchiveError",
      code: "not-a-keyed-archive",
      offset: null,
    });
  }
});

test("objects that are broken are refused when they are asked for", () => {
  const cases: readonly (readonly [string, readonly PropertyListLiteral[], string])[] = [
    ["an object that is not there", [], "uid-out-of-range"],
    ["a reference for an object", [uid(1)], "uid-out-of-range"],
    ["a class that is not there", [map({ $class: uid(2) })], "class-invalid"],
    ["a class by name", [map({ $class: "NSArray" })], "class-invalid"],
    ["an object as its own class", [map({ $class: uid(1) })], "class-invalid"],
    ["a class without a chain", [map({ $class: uid(2) }), map({ $classname: "X" })], "class-invalid"],
    [
      "a chain that starts elsewhere",
      [map({ $class: uid(2) }), map({ $classname: "X", $classes: ["Y"] })],
      "class-invalid",
    ],
    [
      "a chain of numbers",
      [map({ $class: uid(2) }), map({ $classname: "X", $classes: ["X", 1n] })],
      "class-invalid",
    ],
    [
      "a chain too long",
      [map({ $class: uid(2) }), map({ $classname: "X", $classes: Array.from({ length: 33 }, () => "X") })],
      "class-invalid",
    ],
    [
      "a key twice",
      [map({ $class: uid(2), "NS.keys": ["a", "a"], "NS.objects": [1n, 2n] }), DICTIONARY_CLASS],
      "duplicate-key",
    ],
  ];
  for (const [what, objects, code] of cases) {
    const archive = decodeKeyedArchive(archiveOf(objects));
    assert.throws(() => archive.root(), { name: "KeyedArchiveError", code, offset: null }, what);
  }
});

test("dictionaries that share one long list of keys and values are not made over and over", () => {
  const keys = Array.from({ length: 500 }, (_, index) => `key ${index}`);
  const list: PropertyListValue = propertyListOf(keys);
  const dictionaries = Array.from({ length: 500 }, () =>
    map({ $class: uid(2), "NS.keys": list, "NS.objects": list }),
  );
  const root = map({ $class: uid(3), "NS.objects": dictionaries });
  const bytes = archiveOf([root, DICTIONARY_CLASS, ARRAY_CLASS]);
  assert.ok(bytes.length < 50_000);
  const archive = decodeKeyedArchive(bytes);
  assert.throws(() => archive.root(), { code: "value-budget" });
  assert.ok(archive.valuesRead <= bytes.length);
});

test("texts that share one long list of runs are not made over and over", () => {
  const runs = Uint8Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? 1 : 0));
  const texts = Array.from({ length: 500 }, () =>
    map({ $class: uid(2), NSString: uid(4), NSAttributes: uid(5), NSAttributeInfo: uid(6) }),
  );
  const bytes = archiveOf([
    map({ $class: uid(3), "NS.objects": texts }),
    map({ $classname: "NSAttributedString", $classes: ["NSAttributedString", "NSObject"] }),
    ARRAY_CLASS,
    "x".repeat(10_000),
    [map({})],
    runs,
  ]);
  assert.throws(() => decodeKeyedArchive(bytes).root(), { code: "value-budget" });
});

test("objects that hold each other twice, 60 deep, are converted once each", () => {
  let value: ArchivedValue = { kind: "array", items: [] };
  for (let depth = 0; depth < 60; depth += 1) {
    value = archivedObject("X", { left: value, right: value });
  }
  const bytes = encodeKeyedArchive(new Map([["root", value]]));
  const archive = decodeKeyedArchive(bytes);
  const root = archive.root();
  assert.ok(root?.kind === "object");
  assert.equal(root.fields.get("left"), root.fields.get("right"));
  assert.equal(archive.valuesRead, 1 + 2 * 60);
});

test("chains are refused at 64, however they are reached", () => {
  const link = (next: number) => map({ $class: uid(2), "NS.objects": [uid(next)] });
  const chain = (length: number): PropertyListLiteral[] =>
    Array.from({ length }, (_, index) => (index + 1 < length ? link(index + 4) : "end"));
  // Number 1 is the root, 2 the class, the links follow.
  const outsideIn = (length: number) => archiveOf([link(3), ARRAY_CLASS, ...chain(length)]);
  assert.equal(decodeKeyedArchive(outsideIn(20)).root()?.kind, "array");
  for (const length of [100, 20_000]) {
    assert.throws(() => decodeKeyedArchive(outsideIn(length)).root(), { code: "too-deep" });
  }
  const links = 5_000;
  const innermostFirst = Array.from({ length: links }, (_, index) => uid(links + 2 - index));
  const ends = Array.from({ length: links }, (_, index) =>
    index + 1 < links ? link(index + 4) : map({ $class: uid(2), "NS.objects": [] }),
  );
  const insideOut = archiveOf([map({ $class: uid(2), "NS.objects": innermostFirst }), ARRAY_CLASS, ...ends]);
  assert.throws(() => decodeKeyedArchive(insideOut).root(), { code: "too-deep" });
});

test(`${MUTATIONS} damaged archives are read or refused by KeyedArchiveError, never with more values than bytes`, () => {
  const random = SeededRandom.fromEnvironment("damaged archives");
  const outcomes = new Map<string, number>();
  let bytes: Uint8Array = new Uint8Array();
  for (let round = 0; round < MUTATIONS; round += 1) {
    if (round % 20 === 0) {
      bytes = encodeKeyedArchive(new Map([["root", randomArchivedValue(random)]]));
    }
    const outcome = outcomeOf(damaged(random, bytes));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  // The damage must reach past the property list, or this test shows nothing.
  const expected = [
    "read",
    "not-a-property-list",
    "not-a-keyed-archive",
    "uid-out-of-range",
    "class-invalid",
  ];
  for (const needed of expected) {
    assert.ok((outcomes.get(needed) ?? 0) > 0, `${needed} in ${JSON.stringify([...outcomes])}`);
  }
});

/** "read", or the code of the KeyedArchiveError; any other error fails the test. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    const archive = decodeKeyedArchive(bytes);
    archive.root();
    assert.ok(archive.valuesRead <= bytes.length);
    return "read";
  } catch (error) {
    assert.ok(error instanceof KeyedArchiveError, String(error));
    return error.code;
  }
}
