import { readEntries, writeEntries } from "../../mac/property-lists.ts";
import { seeMessage } from "../see.ts";
import {
  type ActPorts,
  appleNow,
  demand,
  NotThereError,
  type TouchedMessages,
  writtenMessage,
} from "./act.ts";
import { attachmentOf, encodeParts, type MessagePart, partsOfRow, textPart } from "./message-parts.ts";
import { checkPart, checkText } from "./order-checks.ts";
import {
  retractedParts,
  type SummaryInfo,
  withEdit,
  withOriginalRanges,
  withRetraction,
} from "./summary-info.ts";

const NS_PER_S = 1e9;

/**
 * A part gets another text (docs/chat-db.md §11): the row stays, its body is written anew in the form of edits, `text` becomes
 * NULL, the history grows. How late and how often does not matter here: a Mac applies what arrives.
 */
export function edit(order: { rowid: bigint; part: number; text: string }, ports: ActPorts): TouchedMessages {
  checkText(order.text);
  checkPart(order.part, "part");
  const { message, parts, info } = changeable(order.rowid, ports);
  const now = appleNow(ports);
  const part = partNumbered(parts, order.part, info);
  demand(attachmentOf(part) === undefined, "the part is an attachment");
  demand(part.text !== order.text, "the part says that already");
  const edited = textPart(order.part, order.text);
  const before = { body: encodeParts([part]), atSeconds: Number(message.date) / NS_PER_S };
  const after = { body: encodeParts([edited]), atSeconds: Number(now) / NS_PER_S };
  const ranged = withOriginalRanges(info, parts);
  const kept = parts.map((each) => (each === part ? edited : each));
  write(message.rowid, kept, withEdit(ranged, order.part, { before, after }), now, ports);
  return [message.rowid];
}

/** Parts are taken back; all of them when `parts` names none. `date_retracted` stays 0, as on a Mac. */
export function unsend(order: { rowid: bigint; parts: readonly number[] }, ports: ActPorts): TouchedMessages {
  for (const part of order.parts) checkPart(part, "parts");
  const { message, parts, info } = changeable(order.rowid, ports);
  const gone = order.parts.length === 0 ? parts : order.parts.map((part) => partNumbered(parts, part, info));
  const kept = parts.filter((part) => !gone.includes(part));
  const ranged = withOriginalRanges(info, parts);
  const numbers = gone.map(({ part }) => part);
  write(message.rowid, kept, withRetraction(ranged, numbers), appleNow(ports), ports);
  return [message.rowid];
}

function changeable(rowid: bigint, { writer }: ActPorts) {
  const message = writtenMessage(writer.database.tables, rowid);
  demand(message.balloonBundleId === null, "the message has a balloon");
  const isUnsent = message.isFromMe === 1n && message.isSent === 0n && message.scheduleType === 0n;
  demand(!isUnsent, "the message was not sent");
  const parts = partsOfRow(message);
  demand(parts.length > 0, "the message has no content");
  return { message, parts, info: readEntries(message.summaryInfo) };
}

function partNumbered(parts: readonly MessagePart[], number: number, info: SummaryInfo): MessagePart {
  demand(!retractedParts(info).includes(number), "the part was taken back");
  const found = parts.find(({ part }) => part === number);
  if (found === undefined) throw new NotThereError("part");
  return found;
}

function write(
  rowid: bigint,
  parts: readonly MessagePart[],
  info: SummaryInfo,
  dateEdited: bigint,
  { writer }: ActPorts,
): void {
  writer.database.save((tables) => {
    tables.changes.setContent({
      rowid,
      attributedBody: parts.length === 0 ? null : encodeParts(parts),
      summaryInfo: writeEntries(info),
      dateEdited,
      partCount: parts.length,
      isEmpty: parts.length === 0,
    });
    seeMessage(tables, rowid, "content");
  });
}
