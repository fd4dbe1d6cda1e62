import assert from "node:assert/strict";
import { test } from "node:test";
import type { PropertyListLiteral } from "../property-list/property-list-literal.ts";
import { decodeSummaryInfo } from "./decode-summary-info.ts";
import { type EditState, editStateOf, UNCHANGED } from "./edit-state.ts";
import { bodyOf, dictionary, range, summaryBytes, version } from "./fixtures/summary-literals.ts";
import { latestChange, unsentPartsOf } from "./latest-change.ts";
import type { SummaryInfo } from "./summary-info.ts";

const AT = 725_505_920.5;
const AT_NS = 725_505_920_500_000_000n;

function summary(record: Readonly<Record<string, PropertyListLiteral>>): SummaryInfo {
  return decodeSummaryInfo(summaryBytes(record));
}

function versions(counts: Readonly<Record<number, number>>): EditState["versions"] {
  return Object.entries(counts).map(([part, count]) => ({ part: Number(part), count }));
}

function unsent(part: number) {
  return { part, originalRange: null };
}

const EDITED_TWICE = {
  ec: dictionary({
    "0": [version("one", AT - 100), version("two", AT - 50), version("three", AT)],
    "1": [version("uno", AT - 100), version("due", AT - 20)],
  }),
};

test("an edit is the part whose last version has the date", () => {
  assert.deepEqual(latestChange(summary(EDITED_TWICE), AT_NS), {
    edited: [{ part: 0, before: "two", after: "three" }],
    unsent: [],
  });
});

test("dates up to a second apart are one change, further apart two", () => {
  const edited = [{ part: 0, before: "two", after: "three" }];
  for (const offset of [-1_000_000_000n, -1n, 999_999_999n]) {
    assert.deepEqual(latestChange(summary({ ...EDITED_TWICE, rp: [7n] }), AT_NS + offset), {
      edited,
      unsent: [],
    });
  }
  for (const offset of [-1_100_000_000n, 1_100_000_000n]) {
    const change = latestChange(summary({ ...EDITED_TWICE, rp: [7n] }), AT_NS + offset);
    assert.deepEqual(change, { edited: [], unsent: [unsent(7)] });
  }
});

test("parts edited together are both named", () => {
  const both = {
    ec: dictionary({
      "0": [version("a", 1), version("b", AT)],
      "1": [version("c", 1), version("d", AT + 0.5)],
    }),
  };
  assert.deepEqual(
    latestChange(summary(both), AT_NS).edited.map((edit) => edit.part),
    [0, 1],
  );
});

test("an unsend leaves no date: every unsent part is meant", () => {
  const info = summary({ rp: [0n, 2n], otr: dictionary({ "0": range(0, 4), "1": range(4, 1) }) });
  const first = { part: 0, originalRange: { start: 0, length: 4 } };
  assert.deepEqual(latestChange(info, AT_NS), { edited: [], unsent: [first, unsent(2)] });
  assert.deepEqual(unsentPartsOf(info), [first, unsent(2)]);
});

test("an edit at the date hides unsends from those who know nothing, and only from them", () => {
  const info = summary({ ...EDITED_TWICE, rp: [4n, 5n] });
  const edited = [{ part: 0, before: "two", after: "three" }];
  assert.deepEqual(latestChange(info, AT_NS), { edited, unsent: [] });
  const twice = { ...UNCHANGED, versions: versions({ 0: 2, 1: 2 }) };
  assert.deepEqual(latestChange(info, AT_NS, { ...twice, unsentParts: [4, 5] }), { edited, unsent: [] });
  assert.deepEqual(latestChange(info, AT_NS, { ...twice, unsentParts: [4] }), {
    edited,
    unsent: [unsent(5)],
  });
});

test("every version since the known state is an edit, in the order of the dates, whatever date_edited says", () => {
  const one = { part: 0, before: "one", after: "two" };
  const due = { part: 1, before: "uno", after: "due" };
  const two = { part: 0, before: "two", after: "three" };
  for (const date of [AT_NS, AT_NS + 60_000_000_000n, 0n, null]) {
    const since = (known: EditState) => latestChange(summary(EDITED_TWICE), date, known);
    assert.deepEqual(since(UNCHANGED), { edited: [one, due, two], unsent: [] });
    assert.deepEqual(since({ ...UNCHANGED, versions: versions({ 1: 2 }) }), {
      edited: [one, two],
      unsent: [],
    });
    assert.deepEqual(since({ ...UNCHANGED, versions: versions({ 0: 2, 1: 2 }) }).edited, [two]);
    assert.deepEqual(since(editStateOf(summary(EDITED_TWICE), false)), { edited: [], unsent: [] });
    // More than there is, as after an edit that was given up.
    assert.deepEqual(since({ ...UNCHANGED, versions: versions({ 0: 9, 1: 9 }) }).edited, []);
  }
});

test("versions without a date come where their part's last one was", () => {
  const undated = (text: string) => dictionary({ t: bodyOf(text) });
  const ec = dictionary({
    "0": [version("a", 1), version("b", 9), undated("c")],
    "1": [undated("A"), undated("B"), version("C", 5)],
  });
  assert.deepEqual(
    latestChange(summary({ ec }), null, UNCHANGED).edited.map(({ before, after }) => `${before}${after}`),
    ["AB", "BC", "ab", "bc"],
  );
});

test("a state names the parts that have a history, and those that are gone", () => {
  const info = summary({ ...EDITED_TWICE, rp: [7n, 4n] });
  assert.deepEqual(editStateOf(info, true), {
    versions: versions({ 0: 3, 1: 2 }),
    unsentParts: [4, 7],
    isWhole: true,
  });
  const original = { ec: dictionary({ "0": [version("original", AT)] }) };
  assert.deepEqual(editStateOf(summary(original), false), UNCHANGED);
});

test("a part that was edited and then unsent is unsent", () => {
  assert.deepEqual(latestChange(summary({ ...EDITED_TWICE, rp: [0n] }), AT_NS), {
    edited: [],
    unsent: [unsent(0)],
  });
});

test("without a date, and with one that nothing explains, the newest edit is meant", () => {
  const edited = [{ part: 0, before: "two", after: "three" }];
  for (const date of [null, 0n, AT_NS + 60_000_000_000n]) {
    assert.deepEqual(latestChange(summary(EDITED_TWICE), date), { edited, unsent: [] });
  }
});

test("a history that tells nothing gives no edit", () => {
  const nothing: readonly PropertyListLiteral[] = [
    dictionary({}),
    dictionary({ "0": [] }),
    dictionary({ "0": [version("original", AT)] }),
    dictionary({ "0": [dictionary({}), dictionary({})] }),
  ];
  for (const ec of nothing) {
    assert.deepEqual(latestChange(summary({ ec }), AT_NS), { edited: [], unsent: [] });
  }
});

test("versions whose bodies are broken are edits without words", () => {
  const ec = dictionary({ "0": [version("a", 1), dictionary({ t: Uint8Array.of(4), d: AT })] });
  assert.deepEqual(latestChange(summary({ ec }), AT_NS).edited, [{ part: 0, before: "a", after: null }]);
});
