/** What must be true of a decoded row, and of a content change, whatever the row holds. */
import assert from "node:assert/strict";
import {
  ATTACHMENTS_MAX,
  type ContentChange,
  type DecodedMessage,
  type DecodedRow,
  decodeContentChange,
  decodeMessageRow,
  type EditState,
  ENTITIES_MAX,
  MENTIONS_MAX,
  PARTS_MAX,
  TEXT_UNITS_MAX,
} from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";

const EDITS_MAX = 64;
const EDIT_UNITS_MAX = 65_536;

/** No defect of the decoder, no size without a bound, and nothing that contradicts itself or the row. */
export function checkRow(decoded: DecodedRow, row: MessageRow): void {
  assert.ok(!(decoded.kind === "undecodable" && decoded.reason === "decoder-failed"), "a row is decoded");
  assert.equal(decoded.direction, row.isFromMe ? "own" : "incoming", "the flag says whose it is");
  assert.ok(!row.isFromMe || decoded.sender === null, "own rows have no sender");
  assert.ok(decoded.guid === null || decoded.guid === row.guid, "a guid is the row's");
  switch (decoded.kind) {
    case "message":
      checkMessage(decoded);
      break;
    case "unsent":
      assert.ok(decoded.parts.length <= PARTS_MAX, "unsent parts have a bound");
      break;
    case "reaction":
      assert.ok(
        (decoded.emoji?.length ?? 0) <= 64 && (decoded.quotedText?.length ?? 0) <= 4_096,
        "reactions end",
      );
      break;
    case "undecodable":
      assert.ok((decoded.plainText?.length ?? 0) <= TEXT_UNITS_MAX, "plain text has a bound");
      break;
    default:
      break;
  }
}

function checkMessage(message: DecodedMessage): void {
  const { text, parts, entities, attachments, attachmentGuids, mentions } = message;
  assert.ok(text.length <= TEXT_UNITS_MAX && (message.subject?.length ?? 0) <= TEXT_UNITS_MAX, "texts end");
  assert.ok(parts.length <= PARTS_MAX && message.unsentParts.length <= PARTS_MAX, "parts end");
  assert.ok(entities.length <= ENTITIES_MAX && mentions.length <= MENTIONS_MAX, "entities end");
  assert.ok(attachments.length <= ATTACHMENTS_MAX, "attachments end");
  assert.ok(text !== "" || entities.length === 0, "no entity without text");
  let start = 0;
  for (const { range } of entities) {
    assert.ok(range.start >= start && range.length > 0, "entities follow each other");
    assert.ok(range.start + range.length <= text.length, "entities lie in the text");
    start = range.start;
  }
  const guids = attachments.map(({ guid }) => guid);
  assert.equal(new Set(guids).size, guids.length, "an attachment is told once");
  assert.deepEqual(guids.slice(0, attachmentGuids.length), attachmentGuids, "named ones come first");
  for (const part of parts.slice(0, ATTACHMENTS_MAX)) {
    const guid = part.kind === "attachment" ? part.attachment.transferGuid : null;
    assert.ok(guid === null || attachmentGuids.includes(guid), "a part's attachment is among them");
  }
}

/** Bounds, the same mind as decodeMessageRow() about what is left, and no memory of its own: what was told is not told again. */
export function checkContentChange(change: ContentChange, row: MessageRow, known: EditState | null): void {
  assert.ok(change.edits.length <= EDITS_MAX, "edits have a bound");
  for (const { before, after } of change.edits) {
    assert.ok((before?.length ?? 0) <= EDIT_UNITS_MAX && (after?.length ?? 0) <= EDIT_UNITS_MAX, "edits end");
  }
  for (const parts of [change.unsent, change.editFailedParts, change.unsendFailedParts]) {
    assert.ok(parts.length <= PARTS_MAX, "parts have a bound");
  }
  const decoded = decodeMessageRow(row);
  if (decoded.guid !== null) {
    assert.equal(change.isWhole, decoded.kind === "unsent", "both agree what is left");
  }
  const isTold = known?.isWhole === true;
  assert.ok(
    !change.isWhole || (change.isUnsend !== isTold && change.edits.length === 0),
    "the whole of it is an unsend, once",
  );
  assert.ok(known === null || change.state !== null, "what is known is not forgotten");
  if (change.state !== null) {
    const again = decodeContentChange(row, change.state);
    assert.deepEqual([again.edits, again.isUnsend, again.isOutdated], [[], false, change.isOutdated]);
    assert.deepEqual(again.state, change.state, "to read a row again changes nothing");
  }
}
