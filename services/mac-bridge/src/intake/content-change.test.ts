import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageRow, RowReason } from "@imesh/contracts/broker/v1";
import { encodeAttributedBody, type PropertyListLiteral } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { EventDraft } from "../journal/bridge-event.ts";
import { NOW_UNIX_NS } from "../testing/commands.ts";
import { partVersion, summaryDictionary, summaryInfo } from "../testing/content-rows.ts";
import { outcomeOfBatch } from "../testing/intake-batches.ts";
import { type RowFacts, wireRow } from "../testing/rows.ts";
import { Telling } from "../testing/telling.ts";

const EDITED_UNIX_NS = NOW_UNIX_NS + 60_000_000_000n;
const EDITED_S = Number(EDITED_UNIX_NS / 1_000_000_000n) - 978_307_200;

function changedRow(
  summary: Readonly<Record<string, PropertyListLiteral>>,
  facts: Partial<RowFacts> = {},
): MessageRow {
  const columns = {
    messageSummaryInfo: summaryInfo(summary),
    dateEdited: unixNsToAppleTime(EDITED_UNIX_NS),
    ...facts.columns,
  };
  return wireRow({ rowid: 7n, sequence: 3n, reason: RowReason.CONTENT, ...facts, columns });
}

function changed(...change: Parameters<typeof changedRow>): readonly EventDraft[] {
  return outcomeOfBatch({ rows: [changedRow(...change)] }).drafts;
}

const EDIT = {
  ec: summaryDictionary({ 0: [partVersion("before", EDITED_S - 50), partVersion("after", EDITED_S)] }),
  ep: [0n],
};

test("an edit says what each part said and says, with the message as it is", () => {
  const [draft, ...rest] = changed(EDIT, { attributedBody: encodeAttributedBody({ text: "after" }) });
  assert.deepEqual(rest, []);
  assert.ok(draft?.payload.kind === "edit");
  const { message, ...edit } = draft.payload;
  assert.deepEqual(edit, {
    kind: "edit",
    edits: [{ part: 0, before: "before", after: "after" }],
    editedAtUnixNs: EDITED_UNIX_NS,
    failedParts: [],
  });
  assert.deepEqual([message.text, message.isEdited, message.direction], ["after", true, "incoming"]);
  assert.equal(draft.sourceKey?.reason, "content");
  // How far the message is edited, what it says, and the change's place.
  assert.match(draft.sourceKey.fingerprint, /^0x2\/;[0-9a-f]+:3$/);
});

test("a part that is taken back leaves the message, all parts leave nothing", () => {
  const [partly] = changed({ rp: [1n] }, { attributedBody: encodeAttributedBody({ text: "left" }) });
  assert.ok(partly?.payload.kind === "unsend");
  const { message, ...part } = partly.payload;
  const { direction, sender } = part;
  assert.deepEqual([part.parts, part.isWhole, message?.text], [[1], false, "left"]);
  assert.deepEqual([direction, sender?.address], ["incoming", "+15550100"]);
  const gone = { text: undefined, isEmpty: true, partCount: 0 };
  for (const isFromMe of [false, true]) {
    const [wholly, ...rest] = changed({ rp: [0n] }, { isFromMe, columns: gone });
    assert.deepEqual(rest, []);
    assert.ok(wholly?.payload.kind === "unsend");
    assert.deepEqual(
      [wholly.payload.guid, wholly.payload.isWhole, wholly.payload.message, wholly.payload.direction],
      ["GUID-7", true, null, isFromMe ? "own" : "incoming"],
    );
  }
  const [first] = changed({ rp: [0n] }, { reason: RowReason.NEW, columns: gone });
  assert.ok(first?.payload.kind === "unsend" && first.payload.isWhole);
});

test("an edit and an unsend in one change are two events, whose keys differ", async () => {
  await using telling = await Telling.start();
  telling.tell(wireRow({ rowid: 7n }));
  const [edit, unsend, ...rest] = telling.tell(
    changedRow({ ...EDIT, rp: [1n] }, { attributedBody: encodeAttributedBody({ text: "after" }) }),
  );
  assert.deepEqual(rest, []);
  assert.deepEqual(
    [edit, unsend].map((draft) => `${draft?.payload.kind} ${draft?.sourceKey?.reason}`),
    ["edit content", "unsend content-unsent"],
  );
  assert.equal(edit?.sourceKey?.fingerprint, unsend?.sourceKey?.fingerprint);
});

test("where nothing was told of a message, an edit that explains its date is the change", () => {
  const body = encodeAttributedBody({ text: "after" });
  const drafts = changed({ ...EDIT, rp: [1n] }, { attributedBody: body });
  assert.deepEqual(
    drafts.map(({ payload, sourceKey }) => `${payload.kind} ${sourceKey?.reason}`),
    ["edit content"],
  );
});

test("content that nobody wrote is an update: a preview, a transcript, a broken summary", () => {
  const [draft] = changed({}, { columns: { dateEdited: 0n } });
  assert.ok(draft?.payload.kind === "message-update" && draft.payload.reason === "content");
  const broken = { messageSummaryInfo: Buffer.from("no property list"), dateEdited: 0n };
  assert.deepEqual(
    changed({}, { columns: broken }).map(({ payload }) => payload.kind),
    ["message-update"],
  );
});
