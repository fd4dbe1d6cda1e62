import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import { bytesOfAscii, concat } from "../fixtures/hex.ts";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { assemble, bigEndian } from "../property-list/fixtures/assemble.ts";
import { PropertyListError } from "../property-list/property-list-error.ts";
import { type PropertyListLiteral, propertyListOf } from "../property-list/property-list-literal.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import { decodeSummaryInfo } from "./decode-summary-info.ts";
import { bodyOf, dictionary, NOTHING, range, summaryBytes, version } from "./fixtures/summary-literals.ts";
import { latestChange } from "./latest-change.ts";
import { textOfVersion } from "./version-text.ts";

const MUTATIONS = 6_000;

/** A column with every kind of key, to be read and to be damaged. */
const FULL: Readonly<Record<string, PropertyListLiteral>> = {
  ec: dictionary({
    "0": [version("first", 725_505_911.336), version("second", 725_505_920.5, { bcg: "BC-GUID" })],
    "12": [version("only", 1)],
  }),
  ep: [0n],
  rp: [2n, 1n, 2n],
  otr: dictionary({ "0": range(0, 5), "2": range(5, 1) }),
  edfp: [0n],
  rdfp: [3n],
  euh: ["+15550001111"],
  ust: true,
  amc: 1n,
  ams: "quoted",
  amab: "com.example.app",
  amsa: "com.apple.siri",
  enc: true,
  i: 1n,
  osn: "SMS",
  oui: "555-0001",
  acsr: "iMessage",
  rfgs: ["G-1", "G-2"],
  orgid: "OLD-GUID",
  smlmt: { kind: "date", secondsSince2001: 700 },
  smotg: ["S-1"],
  translationLanguage: "de",
  translatedText: "zweite",
  smv: 3n,
  smm: dictionary({ a: 1n }),
  stid: "sat",
  swyan: "News",
  eogcd: 7n,
  zzz: [1n],
};

test("decodeSummaryInfo() reads every key, and keeps the others", () => {
  const info = decodeSummaryInfo(summaryBytes(FULL));
  const body = (text: string, at: number, guid: string | null = null) => ({
    body: bodyOf(text),
    secondsSince2001: at,
    backwardCompatibleGuid: guid,
  });
  const raw = (...keys: readonly string[]): ReadonlyMap<string, PropertyListValue> =>
    new Map(keys.map((key) => [key, propertyListOf(FULL[key] ?? null)]));
  assert.deepEqual(info, {
    history: new Map([
      [0, [body("first", 725_505_911.336), body("second", 725_505_920.5, "BC-GUID")]],
      [12, [body("only", 1)]],
    ]),
    editedParts: [0],
    unsentParts: [2, 1],
    originalRanges: new Map([
      [0, { start: 0, length: 5 }],
      [2, { start: 5, length: 1 }],
    ]),
    editFailedParts: [0],
    unsendFailedParts: [3],
    handlesWithoutEditing: ["+15550001111"],
    usesStandalone: true,
    association: {
      contentType: 1n,
      summary: "quoted",
      appBundleId: "com.example.app",
      originAppBundleId: "com.apple.siri",
    },
    service: {
      isEncrypted: true,
      isInterworked: true,
      originalServiceName: "SMS",
      originalUnformattedId: "555-0001",
      replacementServiceName: "iMessage",
      replicatedFallbackGuids: ["G-1", "G-2"],
    },
    formerGuid: "OLD-GUID",
    schedule: { modifiedSecondsSince2001: 700, originalGuids: ["S-1"] },
    translation: { language: "de", text: "zweite" },
    spam: raw("smv", "smm"),
    satellite: raw("stid"),
    sharedWithYou: raw("swyan"),
    other: raw("eogcd", "zzz"),
    faults: [],
  });
  assert.deepEqual(info.history.get(0)?.map(textOfVersion), ["first", "second"]);
});

test("an empty dictionary says nothing", () => {
  assert.deepEqual(decodeSummaryInfo(summaryBytes({})), NOTHING);
});

test("bytes that are no dictionary are refused", () => {
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [new Uint8Array(), "bad-header"],
    [encodePropertyList(propertyListOf([])), "not-a-dictionary"],
  ];
  for (const [bytes, code] of cases) {
    assert.throws(() => decodeSummaryInfo(bytes), { name: "PropertyListError", code });
  }
});

test("a key that cannot be read spoils no other, is a fault and stays as it is", () => {
  const cases: readonly (readonly [string, PropertyListLiteral, string])[] = [
    ["ec", [], "wrong-type"],
    ["ec", dictionary({ "0": "text" }), "wrong-type"],
    ["ec", dictionary({ "0": ["text"] }), "wrong-type"],
    ["ec", dictionary({ "01": [] }), "wrong-type"],
    ["ec", dictionary({ "-1": [] }), "wrong-type"],
    ["ec", dictionary({ "1000000000": [] }), "wrong-type"],
    ["rp", 1n, "wrong-type"],
    ["rp", ["1"], "wrong-type"],
    ["rp", [-1n], "out-of-range"],
    ["ep", [1_000_000_000n], "out-of-range"],
    ["otr", dictionary({ "0": dictionary({ lo: 0n }) }), "wrong-type"],
    ["otr", dictionary({ "0": range(-1, 2) }), "wrong-type"],
    ["euh", [1n], "wrong-type"],
    ["ust", "yes", "wrong-type"],
    ["ust", 2n, "wrong-type"],
    ["amc", "1", "wrong-type"],
    ["ams", 1n, "wrong-type"],
    ["smlmt", Number.NaN, "wrong-type"],
    ["smlmt", "now", "wrong-type"],
    ["translatedText", new Uint8Array(1), "wrong-type"],
  ];
  for (const [key, value, code] of cases) {
    const info = decodeSummaryInfo(summaryBytes({ [key]: value, orgid: "OLD" }));
    const history = key === "ec" ? info.history : NOTHING.history;
    const other = new Map([[key, propertyListOf(value)]]);
    const expected = { ...NOTHING, history, formerGuid: "OLD", other, faults: [{ key, code }] };
    assert.deepEqual(info, expected, `${key} ${code}`);
  }
});

test("the good entries of a history that has bad ones are kept", () => {
  const info = decodeSummaryInfo(
    summaryBytes({ ec: dictionary({ x: [], "0": [version("a", 1), 7n, dictionary({ t: "b", d: "c" })] }) }),
  );
  assert.deepEqual(
    info.history,
    new Map([
      [
        0,
        [
          { body: bodyOf("a"), secondsSince2001: 1, backwardCompatibleGuid: null },
          { body: null, secondsSince2001: null, backwardCompatibleGuid: null },
        ],
      ],
    ]),
  );
  assert.deepEqual(info.faults, [{ key: "ec", code: "wrong-type" }]);
});

test("textOfVersion() is null without a body, and for one that is broken", () => {
  const at = { secondsSince2001: null, backwardCompatibleGuid: null };
  assert.equal(textOfVersion({ body: null, ...at }), null);
  assert.equal(textOfVersion({ body: Uint8Array.of(4, 11), ...at }), null);
});

test("one long list of versions under every part is taken once, not for every part", () => {
  const long = propertyListOf(Array.from({ length: 2_000 }, () => dictionary({ d: 1 })));
  const parts = Object.fromEntries(Array.from({ length: 2_000 }, (_, part) => [String(part), long]));
  const bytes = summaryBytes({ ec: dictionary(parts) });
  assert.ok(bytes.length < 64 * 1024);
  const info = decodeSummaryInfo(bytes);
  const versions = [...info.history.values()].reduce((sum, list) => sum + list.length, 0);
  assert.ok(versions * 8 <= bytes.length, `${versions} of ${bytes.length} bytes`);
  assert.deepEqual(info.faults, [{ key: "ec", code: "too-much-content" }]);
});

test("one long string under every item of a list is not taken for every item", () => {
  const long = "h".repeat(20_000);
  const info = decodeSummaryInfo(summaryBytes({ euh: Array.from({ length: 50_000 }, () => long) }));
  const units = info.handlesWithoutEditing.reduce((sum, handle) => sum + handle.length, 0);
  assert.ok(units > 0 && units <= 4 * 250_000, `${units}`);
  assert.deepEqual(info.faults, [{ key: "euh", code: "too-much-content" }]);
});

test("of a list that names one object 900,000 times, the first 4,096 items are read", () => {
  const listOf = (key: string, item: Uint8Array) => {
    const references = concat(
      Uint8Array.of(0xaf, 0x12, ...bigEndian(900_000, 4)),
      new Uint8Array(900_000).fill(3),
    );
    const name = Uint8Array.of(0x50 | key.length, ...bytesOfAscii(key));
    const bytes = assemble([Uint8Array.of(0xd1, 1, 2), name, references, item], { offsetBytes: 4 });
    return decodeSummaryInfo(bytes);
  };
  const handles = listOf("euh", Uint8Array.of(0x50));
  assert.deepEqual(handles.handlesWithoutEditing, new Array(4_096).fill(""));
  assert.deepEqual(handles.faults, [{ key: "euh", code: "too-much-content" }]);
  const parts = listOf("rp", Uint8Array.of(0x10, 5));
  assert.deepEqual([parts.unsentParts, parts.faults], [[5], [{ key: "rp", code: "too-much-content" }]]);
});

test("a list of 4,096 parts is read whole", () => {
  const numbers = Array.from({ length: 4_096 }, (_, part) => part);
  const { editedParts, faults } = decodeSummaryInfo(summaryBytes({ ep: numbers.map(BigInt) }));
  assert.deepEqual([editedParts, faults], [numbers, []]);
});

test(`${MUTATIONS} damaged columns are read, or refused by PropertyListError`, () => {
  const random = SeededRandom.fromEnvironment("damaged summaries");
  const whole = summaryBytes(FULL);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < MUTATIONS; round += 1) {
    const outcome = outcomeOf(damaged(random, whole));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  for (const needed of ["read", "faults", "unexpected-end", "bad-trailer"]) {
    assert.ok((outcomes.get(needed) ?? 0) > 0, `${needed} in ${JSON.stringify([...outcomes])}`);
  }
});

function outcomeOf(bytes: Uint8Array): string {
  try {
    const info = decodeSummaryInfo(bytes);
    latestChange(info, 725_505_920_500_000_000n);
    return info.faults.length === 0 ? "read" : "faults";
  } catch (error) {
    assert.ok(error instanceof PropertyListError, String(error));
    return error.code;
  }
}
