import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DatabaseFacts, type ResumeMoment, resumeTail, tailAtHead } from "./resume-tail.ts";
import type { TailState } from "./row-cursor.ts";

const FILE = { device: 1n, inode: 2n };
const OTHER_FILE = { device: 1n, inode: 3n };
const GUID_HASH = 77;
const PENDING = [{ rowid: 40n, kind: "unjoined" as const, sinceUnixMs: 5, fingerprint: 6 }];
const STATE: TailState = {
  databaseUid: "uid",
  file: FILE,
  afterRowid: 50n,
  afterGuidHash: GUID_HASH,
  pending: PENDING,
};

function facts(changes: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    databaseUid: "uid",
    file: FILE,
    headRowid: 60n,
    endRowid: 60n,
    guidHashAt: (rowid) => (rowid === 50n ? GUID_HASH : Number(rowid) + 1_000),
    ...changes,
  };
}

/** What becomes of the tail, in a word. */
function verdict(state: TailState, found: DatabaseFacts, moment: ResumeMoment): string {
  const resumption = resumeTail(state, found, moment);
  if (resumption.kind === "restarted") {
    assert.deepEqual(resumption.state, tailAtHead(found));
    return resumption.reason;
  }
  assert.deepEqual(resumption.state, { ...state, file: found.file });
  return "continued";
}

describe("resumeTail()", () => {
  const noUid = { ...STATE, databaseUid: "" };
  const empty = { ...STATE, afterRowid: 0n, afterGuidHash: 0, pending: [] };
  const deleted = { guidHashAt: () => undefined };
  const rewritten = { guidHashAt: () => 78 };
  const cases: readonly [string, TailState, Partial<DatabaseFacts>, ResumeMoment, string][] = [
    ["the same database", STATE, {}, "read", "continued"],
    ["the same database, from a stored cursor", STATE, {}, "open", "continued"],
    ["the newest row was deleted", STATE, { headRowid: 49n, endRowid: 50n, ...deleted }, "open", "continued"],
    ["the guid at the position was rewritten", STATE, rewritten, "open", "continued"],
    ["another uid", STATE, { databaseUid: "other" }, "read", "uid-changed"],
    ["a uid that is gone", STATE, { databaseUid: "" }, "read", "uid-changed"],
    ["fewer rows than ever given out before", STATE, { headRowid: 9n, endRowid: 9n }, "read", "beyond-end"],
    ["an empty one in its place", STATE, { headRowid: 0n, endRowid: 0n, ...deleted }, "open", "beyond-end"],
    ["a restored copy", STATE, { file: OTHER_FILE }, "read", "continued"],
    ["a restored copy with other rows", STATE, { file: OTHER_FILE, ...rewritten }, "read", "guid-mismatch"],
    ["a restored copy without the row", STATE, { file: OTHER_FILE, ...deleted }, "open", "guid-mismatch"],
    ["empty then, the same now", empty, {}, "open", "continued"],
    ["empty then, a copy now", empty, { file: OTHER_FILE }, "open", "continued"],
    ["no uid, the same row", noUid, { databaseUid: "" }, "open", "continued"],
    ["no uid, another row", noUid, { databaseUid: "", ...rewritten }, "open", "guid-mismatch"],
    ["no uid, another row, while open", noUid, { databaseUid: "", ...rewritten }, "read", "continued"],
    ["no uid, the row deleted", noUid, { databaseUid: "", ...deleted }, "open", "continued"],
    [
      "no uid, another file, the row gone",
      noUid,
      { databaseUid: "", file: OTHER_FILE, ...deleted },
      "open",
      "guid-mismatch",
    ],
    [
      "no uid, empty then, another file",
      { ...empty, databaseUid: "" },
      { databaseUid: "", file: OTHER_FILE },
      "open",
      "guid-mismatch",
    ],
  ];
  for (const [name, state, changes, moment, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(verdict(state, facts(changes), moment), expected));
  }

  test("starts an empty database at 0, without a guid to remember", () => {
    const found = facts({ headRowid: 0n, endRowid: 0n, guidHashAt: () => undefined });
    assert.deepEqual(tailAtHead(found), {
      databaseUid: "uid",
      file: FILE,
      afterRowid: 0n,
      afterGuidHash: 0,
      pending: [],
    });
  });
});
