import assert from "node:assert/strict";
import { test } from "node:test";
import { realRows, SKIP_REAL_VECTORS } from "../fixtures/real-vectors.ts";
import { decodePropertyList } from "../property-list/decode-property-list.ts";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { decodeSummaryInfo } from "./decode-summary-info.ts";
import { NOTHING } from "./fixtures/summary-literals.ts";
import { latestChange } from "./latest-change.ts";
import { textOfVersion } from "./version-text.ts";

const range = (start: number, length: number) => ({ start, length });

/** What the columns of the known files say, but for the bodies of the histories. */
const EXPECTED: Readonly<Record<string, object>> = {
  "fixture1.json": { usesStandalone: true },
  "fixture2.json": { usesStandalone: true, association: { ...NOTHING.association, contentType: 0n } },
  "partial_leading_unsends.json": {
    usesStandalone: true,
    unsentParts: [0, 1],
    originalRanges: new Map([
      [0, range(0, 1)],
      [1, range(1, 1)],
      [2, range(2, 1)],
    ]),
  },
  "partial_multiple_middle_adjacent_unsend.json": {
    usesStandalone: true,
    unsentParts: [1, 2],
    originalRanges: new Map([
      [0, range(0, 37)],
      [1, range(37, 1)],
      [2, range(38, 1)],
      [3, range(39, 35)],
    ]),
  },
  "partial_trailing_unsends.json": {
    usesStandalone: true,
    editedParts: [0],
    unsentParts: [1, 2],
    originalRanges: new Map([
      [0, range(0, 20)],
      [1, range(20, 1)],
      [2, range(21, 1)],
    ]),
  },
};

/** Parts that the newest change took back, by file; no file's newest change is an edit. */
const UNSENT: Readonly<Record<string, readonly number[]>> = {
  "partial_leading_unsends.json": [0, 1],
  "partial_multiple_middle_adjacent_unsend.json": [1, 2],
  "partial_trailing_unsends.json": [1, 2],
};

test("real summaries are read, and written so that they read the same", { skip: SKIP_REAL_VECTORS }, () => {
  for (const [file, { messageSummaryInfo: bytes, dateEdited }] of realRows()) {
    if (bytes === null) continue;
    const list = decodePropertyList(bytes);
    assert.deepEqual(decodePropertyList(encodePropertyList(list)), list, file);
    const info = decodeSummaryInfo(bytes);
    if (!(file in EXPECTED)) continue;
    assert.ok(encodePropertyList(list).length <= bytes.length, file);
    assert.deepEqual({ ...info, history: new Map() }, { ...NOTHING, ...EXPECTED[file] }, file);
    const change = latestChange(info, dateEdited);
    assert.deepEqual(change.edited, [], file);
    assert.deepEqual(
      change.unsent.map(({ part }) => part),
      UNSENT[file] ?? [],
      file,
    );
  }
});

test("a real history has the texts of both versions and their times", {
  skip: SKIP_REAL_VECTORS,
}, (context) => {
  const bytes = realRows().get("partial_trailing_unsends.json")?.messageSummaryInfo;
  if (bytes == null) {
    context.skip("the folder has no partial_trailing_unsends.json");
    return;
  }
  const info = decodeSummaryInfo(bytes);
  const versions = info.history.get(0) ?? [];
  assert.deepEqual(
    versions.map((version) => [version.secondsSince2001, textOfVersion(version)?.length]),
    [
      [725_505_911.336, 20],
      [725_505_920.689707, 1],
    ],
  );
  // Had the row been looked at between the edit and the unsends, the edit would have been the newest change.
  const between = latestChange({ ...info, unsentParts: [] }, 725_505_920_690_000_000n);
  assert.deepEqual(
    between.edited.map(({ part, after }) => [part, after]),
    [[0, "a"]],
  );
});
