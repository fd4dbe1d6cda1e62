import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow } from "@imesh/imessage-model";
import { encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
import type { ContentChange } from "./content-change.ts";
import { decodeContentChange } from "./decode-content-change.ts";
import { decodeMessageRow } from "./decode-message-row.ts";
import { messageRow } from "./fixtures/message-row-fixture.ts";
import { type EditState, UNCHANGED } from "./summary-info/edit-state.ts";
import {
  bodyOf,
  dictionary,
  range,
  summaryBytes,
  version,
} from "./summary-info/fixtures/summary-literals.ts";

const EDITED_S = 657_208_700;
const EDITED = 657_208_700_000_000_000n;
const EDITED_UNIX_NS = 1_635_515_900_000_000_000n;
const NOTHING: ContentChange = {
  edits: [],
  editedAtUnixNs: null,
  unsent: [],
  isUnsend: false,
  isWhole: false,
  editFailedParts: [],
  unsendFailedParts: [],
  formerGuid: null,
  state: UNCHANGED,
  isOutdated: false,
};
const EDITED_ONCE = { ...UNCHANGED, versions: [{ part: 0, count: 2 }] };
const BODY = encodeAttributedBody({ text: "new" });

function changeOf(columns: Partial<MessageRow>, known: EditState | null = null): ContentChange {
  const row = messageRow(columns);
  const change = decodeContentChange(row, known);
  // Both ask the same question of the same columns.
  assert.equal(decodeMessageRow(row).kind === "unsent", change.isWhole);
  return change;
}

const EDIT = { ec: dictionary({ 0: [version("old", EDITED_S - 60), version("new", EDITED_S)] }), ep: [0n] };

test("decodeContentChange() finds the edit, also where only the summary has its date", () => {
  const edits = [{ part: 0, before: "old", after: "new" }];
  const messageSummaryInfo = summaryBytes({ ...EDIT, edfp: [1n], rdfp: [2n], orgid: "FORMER" });
  const failed = { editFailedParts: [1], unsendFailedParts: [2] };
  const edited = { ...NOTHING, edits, ...failed, formerGuid: "FORMER", state: EDITED_ONCE };
  assert.deepEqual(changeOf({ attributedBody: BODY, messageSummaryInfo, dateEdited: EDITED }), {
    ...edited,
    editedAtUnixNs: EDITED_UNIX_NS,
  });
  assert.deepEqual(changeOf({ attributedBody: BODY, messageSummaryInfo }), edited);
});

test("decodeContentChange() tells an unsend of a part from an earlier one", () => {
  const rp = { rp: [1n], otr: dictionary({ 0: range(0, 3), 1: range(3, 4) }) };
  const unsent = [{ part: 1, originalRange: { start: 3, length: 4 } }];
  const later = changeOf({ attributedBody: BODY, messageSummaryInfo: summaryBytes(rp), dateEdited: EDITED });
  const state = { ...UNCHANGED, unsentParts: [1] };
  assert.deepEqual(later, { ...NOTHING, unsent, isUnsend: true, editedAtUnixNs: EDITED_UNIX_NS, state });
  const both = {
    attributedBody: BODY,
    messageSummaryInfo: summaryBytes({ ...EDIT, ...rp }),
    dateEdited: EDITED,
  };
  const edits = [{ part: 0, before: "old", after: "new" }];
  const now = { ...EDITED_ONCE, unsentParts: [1] };
  const told = { ...NOTHING, unsent, editedAtUnixNs: EDITED_UNIX_NS, state: now };
  assert.deepEqual(changeOf(both), { ...told, edits });
  // Who knows what was, knows what is new.
  assert.deepEqual(changeOf(both, UNCHANGED), { ...told, edits, isUnsend: true });
  assert.deepEqual(changeOf(both, EDITED_ONCE), { ...told, isUnsend: true });
  assert.deepEqual(changeOf(both, state), { ...told, edits });
  assert.deepEqual(changeOf(both, now), told);
});

test("decodeContentChange() forgets nothing that was known, and knows a row that is older", () => {
  const known = { versions: [{ part: 1, count: 3 }], unsentParts: [4], isWhole: true };
  const both = { versions: [{ part: 0, count: 2 }, ...known.versions], unsentParts: [4], isWhole: true };
  const edits = [{ part: 0, before: "old", after: "new" }];
  const row = { attributedBody: BODY, messageSummaryInfo: summaryBytes(EDIT) };
  assert.deepEqual(changeOf(row, known), { ...NOTHING, edits, state: both, isOutdated: true });
  assert.deepEqual(changeOf({ attributedBody: BODY }, known), { ...NOTHING, state: known, isOutdated: true });
  // What cannot be read says nothing of the time either.
  const unread = { attributedBody: BODY, messageSummaryInfo: Uint8Array.of(1, 2) };
  assert.deepEqual(changeOf(unread, known), { ...NOTHING, state: known });
  // An empty row that was filled later is a message after all.
  assert.deepEqual(changeOf({ attributedBody: BODY }, { ...UNCHANGED, isWhole: true }), NOTHING);
});

test("decodeContentChange() tells once that nothing is left", () => {
  const summary = summaryBytes({ ...EDIT, rp: [0n], otr: dictionary({ 0: range(0, 3) }) });
  const gone = { messageSummaryInfo: summary, partCount: 0 };
  assert.deepEqual([changeOf(gone, EDITED_ONCE).isUnsend, changeOf(gone, EDITED_ONCE).edits], [true, []]);
  const { state } = changeOf(gone, EDITED_ONCE);
  assert.deepEqual(state, { ...EDITED_ONCE, unsentParts: [0], isWhole: true });
  assert.equal(changeOf(gone, state).isUnsend, false);
  // Also where the column no longer says why.
  for (const columns of [{}, { messageSummaryInfo: Uint8Array.of(1, 2) }, { isOversized: true }]) {
    const empty = { isEmpty: true, dateEdited: EDITED, ...columns };
    assert.deepEqual(changeOf(empty).state, { ...UNCHANGED, isWhole: true });
    assert.equal(changeOf(empty, { ...UNCHANGED, isWhole: true }).isUnsend, false);
  }
});

test("decodeContentChange() knows when nothing is left", () => {
  const rp = summaryBytes({ ...EDIT, rp: [0n], otr: dictionary({ 0: range(0, 3) }) });
  const whole = { isUnsend: true, isWhole: true };
  const unsent = [{ part: 0, originalRange: { start: 0, length: 3 } }];
  const state = { ...EDITED_ONCE, unsentParts: [0], isWhole: true };
  assert.deepEqual(changeOf({ messageSummaryInfo: rp, partCount: 0 }), {
    ...NOTHING,
    ...whole,
    unsent,
    state,
  });
  assert.deepEqual(changeOf({ isEmpty: true, dateEdited: EDITED }), {
    ...NOTHING,
    ...whole,
    editedAtUnixNs: EDITED_UNIX_NS,
    state: { ...UNCHANGED, isWhole: true },
  });
  assert.equal(changeOf({ isEmpty: true, partCount: 0 }).isWhole, true);
  const partial = summaryBytes({ rp: [0n], otr: dictionary({ 0: range(0, 3), 1: range(3, 1) }) });
  assert.equal(changeOf({ messageSummaryInfo: partial, cacheHasAttachments: true }).isWhole, false);
});

test("decodeContentChange() says nothing of what it cannot read", () => {
  assert.deepEqual(changeOf({ attributedBody: BODY }), NOTHING);
  const unread = { ...NOTHING, state: null };
  assert.deepEqual(changeOf({ text: "x", messageSummaryInfo: Uint8Array.of(1, 2) }), unread);
  assert.deepEqual(changeOf({ text: "x", isOversized: true, dateEdited: 2n ** 63n - 1n }), unread);
  assert.deepEqual(changeOf({ text: "x", messageSummaryInfo: summaryBytes({ orgid: "a\0b" }) }), NOTHING);
  assert.deepEqual(decodeContentChange(messageRow({ messageSummaryInfo: 5 as never })), unread);
});

test("decodeContentChange() bounds what it tells", () => {
  const long = "x".repeat(80_000);
  const versions = [
    dictionary({ t: bodyOf(long), d: 1 }),
    dictionary({ t: bodyOf(`${long}y`), d: EDITED_S }),
  ];
  const ec = dictionary(Object.fromEntries(Array.from({ length: 9 }, (_, part) => [String(part), versions])));
  const few = changeOf({ text: "x", messageSummaryInfo: summaryBytes({ ec }), dateEdited: EDITED });
  const units = few.edits.flatMap(({ before, after }) => [before?.length ?? 0, after?.length ?? 0]);
  assert.deepEqual([units[0], units[1], units.reduce((sum, each) => sum + each)], [65_536, 65_536, 524_288]);
  const short = [version("a", 1), version("b", EDITED_S)];
  const many = dictionary(Object.fromEntries(Array.from({ length: 99 }, (_, part) => [String(part), short])));
  const bytes = summaryBytes({
    ec: many,
    rp: Array.from({ length: 2_000 }, (_, part) => BigInt(part + 200)),
  });
  const change = changeOf({ text: "x", messageSummaryInfo: bytes, dateEdited: EDITED });
  assert.deepEqual([change.edits.length, change.unsent.length], [64, 1_024]);
  assert.deepEqual(
    change.edits,
    decodeContentChange(messageRow({ text: "x", messageSummaryInfo: bytes }), UNCHANGED).edits,
  );
});
