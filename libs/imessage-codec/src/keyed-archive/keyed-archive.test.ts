import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { decodePropertyList } from "../property-list/decode-property-list.ts";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { type PropertyListLiteral, propertyListOf } from "../property-list/property-list-literal.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import type { ArchivedValue } from "./archived-value.ts";
import { encodeKeyedArchive } from "./encode-keyed-archive.ts";
import { archivedObject, randomArchivedValue } from "./fixtures/random-archived-value.ts";
import { decodeKeyedArchive } from "./keyed-archive.ts";

const ROUNDS = 800;

function map(record: Readonly<Record<string, PropertyListLiteral>>): PropertyListLiteral {
  return new Map(Object.entries(record));
}

function uid(value: number): PropertyListValue {
  return { kind: "uid", value };
}

function classOf(...names: readonly string[]): PropertyListLiteral {
  return map({ $classname: names[0] ?? "", $classes: names });
}

/** An archive whose objects after nil are given as they stand in the file; `root` is the first of them. */
function archiveOf(...objects: readonly PropertyListLiteral[]): Uint8Array {
  return encodePropertyList(
    propertyListOf(
      map({
        $archiver: "NSKeyedArchiver",
        $version: 100_000n,
        $top: map({ root: uid(1) }),
        $objects: ["$null", ...objects],
      }),
    ),
  );
}

function rootOf(...objects: readonly PropertyListLiteral[]): ArchivedValue | undefined {
  return decodeKeyedArchive(archiveOf(...objects)).root();
}

test("a document as NSKeyedArchiver writes it reads as values", () => {
  const root = rootOf(
    map({ $class: uid(2), "NS.keys": [uid(3), uid(4)], "NS.objects": [uid(5), uid(8)] }),
    classOf("NSMutableDictionary", "NSDictionary", "NSObject"),
    "URL",
    "sessionIdentifier",
    map({ $class: uid(7), "NS.base": uid(0), "NS.relative": uid(6) }),
    "https://example.com/",
    classOf("NSURL", "NSObject"),
    map({ $class: uid(9), "NS.uuidbytes": Uint8Array.from({ length: 16 }, (_, index) => index * 17) }),
    classOf("NSUUID", "NSObject"),
  );
  assert.deepEqual(root, {
    kind: "dictionary",
    entries: new Map<string, ArchivedValue>([
      ["URL", { kind: "url", relative: "https://example.com/", base: null }],
      ["sessionIdentifier", { kind: "uuid", value: "00112233-4455-6677-8899-AABBCCDDEEFF" }],
    ]),
    otherEntries: [],
  });
});

test("every Foundation class is read, also by the name of a subclass", () => {
  const cases: readonly (readonly [PropertyListLiteral, readonly string[], ArchivedValue])[] = [
    [
      map({ "NS.string": "hi", $class: uid(2) }),
      ["NSMutableString", "NSString"],
      { kind: "string", value: "hi" },
    ],
    [
      map({ "NS.data": Uint8Array.of(1), $class: uid(2) }),
      ["NSMutableData", "NSData"],
      { kind: "data", value: Uint8Array.of(1) },
    ],
    [map({ "NS.time": 1.5, $class: uid(2) }), ["NSDate"], { kind: "date", secondsSince2001: 1.5 }],
    [map({ "NS.time": 3n, $class: uid(2) }), ["__NSDate", "NSDate"], { kind: "date", secondsSince2001: 3 }],
    [map({ $class: uid(2) }), ["NSNull"], { kind: "null" }],
    [
      map({ "NS.objects": [uid(0), true], $class: uid(2) }),
      ["NSArray"],
      { kind: "array", items: [{ kind: "null" }, { kind: "boolean", value: true }] },
    ],
    [map({ "NS.objects": [], $class: uid(2) }), ["NSMutableSet", "NSSet"], { kind: "set", items: [] }],
  ];
  for (const [object, names, value] of cases) {
    assert.deepEqual(rootOf(object, classOf(...names, "NSObject")), value, names[0]);
  }
});

test("unknown classes, and known ones in another form, are objects with their fields", () => {
  const object = (className: string, fields: Readonly<Record<string, ArchivedValue>>) =>
    archivedObject(className, fields);
  const cases: readonly (readonly [Readonly<Record<string, PropertyListLiteral>>, ArchivedValue])[] = [
    [{ red: 0.5 }, object("NSColor", { red: { kind: "real", value: 0.5 } })],
    [{ "NS.relative": 1n }, object("NSURL", { "NS.relative": { kind: "integer", value: 1n } })],
    [
      { "NS.keys": ["a"], "NS.objects": [] },
      object("NSDictionary", {
        "NS.keys": { kind: "array", items: [{ kind: "string", value: "a" }] },
        "NS.objects": { kind: "array", items: [] },
      }),
    ],
    [
      { "NS.uuidbytes": new Uint8Array(15) },
      object("NSUUID", { "NS.uuidbytes": { kind: "data", value: new Uint8Array(15) } }),
    ],
    [{}, object("NSAttributedString", {})],
  ];
  for (const [fields, value] of cases) {
    const className = value.kind === "object" ? value.className : "";
    assert.deepEqual(rootOf(map({ ...fields, $class: uid(2) }), classOf(className, "NSObject")), value);
  }
});

test("an attributed string keeps text, runs and attributes", () => {
  const bold = new Map<string, ArchivedValue>([["bold", { kind: "boolean", value: true }]]);
  const plain = new Map<string, ArchivedValue>();
  const text: ArchivedValue = {
    kind: "attributed-string",
    text: "x".repeat(301),
    runs: [
      { length: 1, attributes: bold },
      { length: 299, attributes: plain },
      { length: 1, attributes: bold },
    ],
  };
  const bytes = encodeKeyedArchive(new Map([["root", text]]));
  assert.deepEqual(decodeKeyedArchive(bytes).root(), text);
  const info = {
    $class: uid(2),
    NSString: uid(3),
    NSAttributes: uid(4),
    NSAttributeInfo: Uint8Array.of(2, 0),
  };
  const withInfo = (attributeInfo: readonly number[]) =>
    rootOf(
      map({ ...info, NSAttributeInfo: Uint8Array.from(attributeInfo) }),
      classOf("NSAttributedString", "NSObject"),
      "hi",
      [map({})],
    )?.kind;
  assert.equal(withInfo([2, 0]), "attributed-string");
  assert.equal(withInfo([0x82, 0, 0]), "attributed-string");
  for (const broken of [[], [1, 0], [3, 0], [2, 1], [2], [0x82], [0x80, 0x80, 0x80, 0x80, 0x80, 1, 0]]) {
    assert.equal(withInfo(broken), "object", broken.join());
  }
});

test("shared objects are one object, and are written once", () => {
  const shared = archivedObject("X", { name: { kind: "string", value: "again" } });
  const bytes = encodeKeyedArchive(
    new Map<string, ArchivedValue>([
      ["root", { kind: "array", items: [shared, shared] }],
      ["other", shared],
    ]),
  );
  const archive = decodeKeyedArchive(bytes);
  assert.deepEqual(archive.names, ["root", "other"]);
  const root = archive.root();
  assert.ok(root?.kind === "array");
  assert.equal(root.items[0], root.items[1]);
  assert.equal(archive.top("other"), root.items[0]);
  assert.equal(archive.top("missing"), undefined);
  const document = decodePropertyList(bytes);
  const objects = document.kind === "dictionary" ? document.entries.get("$objects") : undefined;
  // nil, the array, X, its text, two classes.
  assert.equal(objects?.kind === "array" && objects.items.length, 6);
});

test("an object that holds itself holds a reference to itself", () => {
  const items: ArchivedValue[] = [];
  const list: ArchivedValue = { kind: "array", items };
  items.push(list, archivedObject("X", { owner: list }));
  const root = decodeKeyedArchive(encodeKeyedArchive(new Map([["root", list]]))).root();
  const reference: ArchivedValue = { kind: "reference", uid: 1 };
  assert.deepEqual(root, { kind: "array", items: [reference, archivedObject("X", { owner: reference })] });
});

test("nothing is converted before it is asked for", () => {
  const archive = decodeKeyedArchive(archiveOf([uid(99)]));
  assert.equal(archive.valuesRead, 0);
  assert.throws(() => archive.root(), { code: "uid-out-of-range" });
  assert.throws(() => archive.root(), { code: "uid-out-of-range" }, "asked again");
});

test(`${ROUNDS} random archives come back, and the same bytes are written again`, () => {
  const random = SeededRandom.fromEnvironment("random archives");
  for (let round = 0; round < ROUNDS; round += 1) {
    const value = randomArchivedValue(random);
    const bytes = encodeKeyedArchive(new Map([["root", value]]));
    const decoded = decodeKeyedArchive(bytes).root();
    assert.deepEqual(decoded, value, `round ${round}`);
    assert.ok(decoded !== undefined);
    assert.deepEqual(encodeKeyedArchive(new Map([["root", decoded]])), bytes, `round ${round}`);
  }
});
