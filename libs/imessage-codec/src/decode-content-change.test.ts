import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow } from "@imesh/imessage-model";
import { encodeAttributedBody } from "./attributed/encode-attributed-body.ts";
import type { ContentChange } from "./content-change.ts";
import { decodeContentChange } from "./decode-content-change.ts";
import { decodeMessageRow } from "./decode-message-row.ts";
import { messageRow } from "./fixtures/message-row-fixture.ts";
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
};
const BODY = encodeAttributedBody({ text: "new" });

function changeOf(columns: Partial<MessageRow>): ContentChange {
  const row = messageRow(columns);
  const change = decodeContentChange(row);
  // Both ask the same question of the same columns.
  assert.equal(decodeMessageRow(row).kind === "unsent", change.isWhole);
  return change;
}

const EDIT = { ec: dictionary({ 0: [version("old", EDITED_S - 60), version("new", EDITED_S)] }), ep: [0n] };

test("decodeContentChange() finds the edit, also where only the summary has its date", () => {
  const edits = [{ part: 0, before: "old", after: "new" }];
  const messageSummaryInfo = summaryBytes({ ...EDIT, edfp: [1n], rdfp: [2n], orgid: "FORMER" });
  const edited = { ...NOTHING, edits, editFailedParts: [1], unsendFailedParts: [2], formerGuid: "FORMER" };
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
  assert.deepEqual(later, { ...NOTHING, unsent, isUnsend: true, editedAtUnixNs: EDITED_UNIX_NS });
  const both = {
    attributedBody: BODY,
    messageSummaryInfo: summaryBytes({ ...EDIT, ...rp }),
    dateEdited: EDITED,
  };
  const edits = [{ part: 0, before: "old", after: "new" }];
  assert.deepEqual(changeOf(both), { ...NOTHING, edits, unsent, editedAtUnixNs: EDITED_UNIX_NS });
});

test("decodeContentChange() knows when nothing is left", () => {
  const rp = summaryBytes({ ...EDIT, rp: [0n], otr: dictionary({ 0: range(0, 3) }) });
  const whole = { isUnsend: true, isWhole: true };
  const unsent = [{ part: 0, originalRange: { start: 0, length: 3 } }];
  assert.deepEqual(changeOf({ messageSummaryInfo: rp, partCount: 0 }), { ...NOTHING, ...whole, unsent });
  assert.deepEqual(changeOf({ isEmpty: true, dateEdited: EDITED }), {
    ...NOTHING,
    ...whole,
    editedAtUnixNs: EDITED_UNIX_NS,
  });
  assert.equal(changeOf({ isEmpty: true, partCount: 0 }).isWhole, true);
  const partial = summaryBytes({ rp: [0n], otr: dictionary({ 0: range(0, 3), 1: range(3, 1) }) });
  assert.equal(changeOf({ messageSummaryInfo: partial, cacheHasAttachments: true }).isWhole, false);
});

test("decodeContentChange() says nothing of what it cannot read", () => {
  assert.deepEqual(changeOf({ attributedBody: BODY }), NOTHING);
  assert.deepEqual(changeOf({ text: "x", messageSummaryInfo: Uint8Array.of(1, 2) }), NOTHING);
  assert.deepEqual(changeOf({ text: "x", isOversized: true, dateEdited: 2n ** 63n - 1n }), NOTHING);
  assert.deepEqual(changeOf({ text: "x", messageSummaryInfo: summaryBytes({ orgid: "a\0b" }) }), NOTHING);
  assert.deepEqual(decodeContentChange(messageRow({ messageSummaryInfo: 5 as never })), NOTHING);
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
});
