import {
  appleTimeToUnixNs,
  type DecodedRow,
  isHandleAddress,
  isMessageGuid,
  type MessageGuid,
  type MessageRow,
  type ReplyTarget,
  type RowFacts,
  type Sender,
  type UndecodableReason,
  type UnsupportedKind,
} from "@imesh/imessage-model";
import { type RowContent, readRowContent } from "./row-content.ts";
import { kindOfEmptyRow, unsupportedKindOf } from "./unsupported-kind.ts";

/**
 * Says what a row of `message` is. Total: never throws, whatever the row holds (I9), takes time linear in its
 * bytes, and depends on nothing but the row. The result shares the row's byte arrays.
 */
export function decodeMessageRow(row: MessageRow): DecodedRow {
  const facts = factsOf(row);
  if (!isMessageGuid(row.guid)) {
    return undecodable(row, facts, null, "invalid-guid", null);
  }
  try {
    return decodeContent(row, row.guid, facts);
  } catch {
    // Only a defect of ours ends here: bad bytes are TypedStreamError and handled where they are read. A defect
    // would normally end the process, but the row would still be there after the restart, and a stranger could
    // then stop the stream for good by sending it. The reason makes it visible; the tests refuse it.
    return undecodable(row, facts, row.guid, "decoder-failed", null);
  }
}

function decodeContent(row: MessageRow, guid: MessageGuid, facts: RowFacts): DecodedRow {
  const kind = unsupportedKindOf(row);
  if (kind !== null) {
    return unsupported(row, facts, guid, kind);
  }
  const content = readRowContent(row);
  const subject = row.subject === "" ? null : row.subject;
  if (content.text === "" && subject === null && content.attachmentGuids.length === 0) {
    return content.bodyFault === null
      ? unsupported(row, facts, guid, kindOfEmptyRow(row))
      : undecodable(row, facts, guid, content.bodyFault.code, content.bodyFault.offset);
  }
  return message(row, facts, guid, content, subject);
}

function factsOf(row: MessageRow): RowFacts {
  return {
    direction: row.isFromMe ? "own" : "incoming",
    sender: senderOf(row),
    service: row.service,
    sentAtUnixNs: appleTimeToUnixNs(row.date),
  };
}

// Own rows of direct chats may point at the peer's handle.
function senderOf(row: MessageRow): Sender | null {
  if (row.isFromMe || row.sender === null || !isHandleAddress(row.sender.address)) {
    return null;
  }
  return { address: row.sender.address, service: row.sender.service, country: row.sender.country };
}

function message(
  row: MessageRow,
  facts: RowFacts,
  guid: MessageGuid,
  content: RowContent,
  subject: string | null,
): DecodedRow {
  return {
    kind: "message",
    ...facts,
    guid,
    text: content.text,
    subject,
    reply: replyOf(row),
    effectId: row.expressiveSendStyleId === "" ? null : row.expressiveSendStyleId,
    attachmentGuids: content.attachmentGuids,
    mentions: content.mentions,
    isEdited: row.dateEdited !== null && row.dateEdited !== 0n,
    bodySource: content.bodySource,
    bodyFault: content.bodyFault,
  };
}

function replyOf(row: MessageRow): ReplyTarget | null {
  if (row.threadOriginatorGuid === null || !isMessageGuid(row.threadOriginatorGuid)) {
    return null;
  }
  // `part:start:length`; -1 as an unsigned number where unset. 9 digits are any number of bubbles.
  const part = /^(\d{1,9}):/.exec(row.threadOriginatorPart ?? "")?.[1];
  return { originatorGuid: row.threadOriginatorGuid, part: part === undefined ? null : Number(part) };
}

function unsupported(row: MessageRow, facts: RowFacts, guid: MessageGuid, what: UnsupportedKind): DecodedRow {
  return {
    kind: "unsupported",
    ...facts,
    guid,
    what,
    associatedMessageGuid: row.associatedMessageGuid,
    associatedMessageType: row.associatedMessageType,
    itemType: row.itemType,
    balloonBundleId: row.balloonBundleId,
  };
}

function undecodable(
  row: MessageRow,
  facts: RowFacts,
  guid: MessageGuid | null,
  reason: UndecodableReason,
  offset: number | null,
): DecodedRow {
  const plainText = row.text === "" ? null : row.text;
  return { kind: "undecodable", ...facts, guid, reason, offset, raw: row.attributedBody, plainText };
}
