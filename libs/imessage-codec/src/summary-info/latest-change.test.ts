import assert from "node:assert/strict";
import { test } from "node:test";
import type { PropertyListLiteral } from "../property-list/property-list-literal.ts";
import { decodeSummaryInfo } from "./decode-summary-info.ts";
import { dictionary, range, summaryBytes, version } from "./fixtures/summary-literals.ts";
import { latestChange, unsentPartsOf } from "./latest-change.ts";
import type { SummaryInfo } from "./summary-info.ts";

const AT = 725_505_920.5;
const AT_NS = 725_505_920_500_000_000n;

function summary(record: Readonly<Record<string, PropertyListLiteral>>): SummaryInfo {
  return decodeSummaryInfo(summaryBytes(record));
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

test("an unsend leaves no date: every unsent part is meant, but for those that were known", () => {
  const info = summary({ rp: [0n, 2n], otr: dictionary({ "0": range(0, 4), "1": range(4, 1) }) });
  const first = { part: 0, originalRange: { start: 0, length: 4 } };
  assert.deepEqual(latestChange(info, AT_NS), { edited: [], unsent: [first, unsent(2)] });
  assert.deepEqual(latestChange(info, AT_NS, []), { edited: [], unsent: [first, unsent(2)] });
  assert.deepEqual(latestChange(info, AT_NS, [0]), { edited: [], unsent: [unsent(2)] });
  assert.deepEqual(unsentPartsOf(info), [first, unsent(2)]);
});

test("an edit at the date hides older unsends, unless one is news to the caller", () => {
  const info = summary({ ...EDITED_TWICE, rp: [4n, 5n] });
  const edited = [{ part: 0, before: "two", after: "three" }];
  assert.deepEqual(latestChange(info, AT_NS), { edited, unsent: [] });
  assert.deepEqual(latestChange(info, AT_NS, [4, 5]), { edited, unsent: [] });
  assert.deepEqual(latestChange(info, AT_NS, [4]), { edited, unsent: [unsent(5)] });
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
  const known = latestChange(summary({ ...EDITED_TWICE, rp: [9n] }), AT_NS + 60_000_000_000n, [9]);
  assert.deepEqual(known, { edited, unsent: [] });
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
