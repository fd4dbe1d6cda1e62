import { ATTACHMENT_SLOT, messageRun } from "@imesh/imessage-codec";
import { parseAttachmentGuid } from "@imesh/imessage-model";
import type { SpecialAttachment } from "../../mac/attachment-tables.ts";
import type { Tables } from "../../mac/tables.ts";
import { ensureChat } from "../chats.ts";
import { joinArrival } from "../incoming.ts";
import { incomingRow } from "../message-rows.ts";
import { checkSay, OrderRefusedError } from "../say-order.ts";
import { seeMessage } from "../see.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { ActPorts, AttachmentAct, TouchedMessages } from "./act.ts";
import { appleNow } from "./act.ts";
import { attachmentFilename, type FileKind, kindOf } from "./attachment-files.ts";
import { encodeParts, type MessagePart, textPart } from "./message-parts.ts";
import { checkTransfer } from "./order-checks.ts";

const ATTACHMENTS_MAX = 20;
const NS_PER_S = 1_000_000_000n;
const KINDS: readonly [FileKind, ...FileKind[]] = ["jpeg", "heic", "mov", "pdf"];

/** transfer_state of a transfer that is over. */
export const STATE_FINISHED = 5;

/** An attachment that is to be inserted. */
export interface Transfer {
  readonly guid: string;
  readonly name: string;
}

/** How an attachment begins; what makes it special is in SpecialAttachment. */
export interface TransferFacts extends SpecialAttachment {
  readonly sizeBytes: bigint;
  readonly transferState: number;
}

/**
 * A contact sends attachments, each a part of its own, with the words as the last part (docs/chat-db.md §18): message, attachments and
 * their joins in one save, then the wait and the join to the chat. With `isJoinLate` the attachments' joins are the
 * last save of all. A finished transfer has its file and its permanent guid at once.
 */
export async function sayAttachment(order: AttachmentAct, ports: ActPorts): Promise<TouchedMessages> {
  const { from, groupGuid } = check(order, ports);
  const { writer, random } = ports;
  const { database, account } = writer;
  const { chat, handleRowid } = ensureChat(
    database,
    { address: from, groupGuid, groupId: random.uuid().toUpperCase() },
    account,
  );
  const guid = random.uuid().toUpperCase();
  const transfers = planTransfers(order, guid, random);
  const parts = partsWith(transfers, order.text);
  for (const transfer of transfers) writeTransferFile(transfer, order, ports);
  const date = appleNow(ports);
  const hasTextColumn = random.next() < 0.25;
  const { rowid, attachments } = database.save((tables) => {
    const row = incomingRow({
      guid,
      text: hasTextColumn ? parts.map(({ text }) => text).join("") : null,
      attributedBody: encodeParts(parts),
      date,
      account,
      chatGuid: chat.guid,
      previousGuid: tables.messages.lastGuid(chat.rowid),
      handleRowid,
      special: { partCount: parts.length, hasAttachments: true, isAudioMessage: order.isAudio },
    });
    const inserted = tables.messages.insert(row);
    const rowids = transfers.map((transfer) => insertTransfer(tables, transfer, factsOf(order), ports));
    if (!order.isJoinLate) for (const each of rowids) tables.attachments.join(inserted, each);
    return { rowid: inserted, attachments: rowids };
  });
  await joinArrival({ chatRowid: chat.rowid, rowid, date, joinDelayMs: ports.joinDelayMs }, writer);
  if (order.isJoinLate) {
    database.save((tables) => {
      // Deleted in the moment since its join: then there is nothing to give them to.
      if (tables.changes.facts(rowid) === undefined) return;
      for (const each of attachments) tables.attachments.join(rowid, each);
      seeMessage(tables, rowid, "attachments");
    });
  }
  return [rowid];
}

function check(order: AttachmentAct, { writer }: ActPorts) {
  const { attachments, sizeBytes, transferState, isAudio, text } = order;
  // A text is checked as any other, and may be missing here.
  const said = { from: order.from, text: text === "" ? " " : text, groupGuid: order.groupGuid };
  const checked = checkSay({ ...said, joinDelayMs: undefined, ageNs: 0n }, writer.account);
  if (!Number.isInteger(attachments) || attachments < 1 || attachments > ATTACHMENTS_MAX) {
    throw new OrderRefusedError("attachments", `must be 1 to ${ATTACHMENTS_MAX}`);
  }
  checkTransfer({ sizeBytes, transferState });
  if (isAudio && (attachments !== 1 || text !== "")) {
    throw new OrderRefusedError("is_audio", "must come with one attachment and no text");
  }
  return checked;
}

function planTransfers(order: AttachmentAct, messageGuid: string, random: SeededRandom): readonly Transfer[] {
  return Array.from({ length: order.attachments }, (_, part) =>
    planTransfer({ ...order, part, messageGuid }, random),
  );
}

/** Name and guid of an attachment that is to be sent: a picture, a film, a paper, or a voice. */
export function planTransfer(
  order: {
    readonly part: number;
    readonly messageGuid: string;
    readonly transferState: number;
    readonly isAudio: boolean;
  },
  random: SeededRandom,
): Transfer {
  const temporary = random.uuid().toUpperCase();
  const kind = random.pick(KINDS);
  const number = random.integer(1, 9_999);
  const isFinished = order.transferState === STATE_FINISHED;
  const guid = isFinished ? permanentGuid(order.part, order.messageGuid) : temporary;
  const name = order.isAudio ? "Audio Message.caf" : `IMG_${String(number).padStart(4, "0")}.${kind}`;
  return { guid, name };
}

/** The file of a transfer that is over is on the disk before its row says so. */
export function writeTransferFile(
  transfer: Transfer,
  { sizeBytes, transferState }: TransferFacts,
  { files }: ActPorts,
): void {
  if (transferState !== STATE_FINISHED) return;
  files.write(attachmentFilename(transfer.guid, transfer.name), Number(sizeBytes));
}

/** Guid of an attachment once its transfer is over. */
export function permanentGuid(part: number, messageGuid: string): string {
  return `at_${part}_${messageGuid}`;
}

/** The part that an attachment is. */
export function attachmentPart(part: number, guid: string): MessagePart {
  const run = messageRun(ATTACHMENT_SLOT.length, { part, attachmentGuid: parseAttachmentGuid(guid) });
  return { part, start: 0, text: ATTACHMENT_SLOT, runs: [run] };
}

function partsWith(transfers: readonly Transfer[], text: string): readonly MessagePart[] {
  const attached = transfers.map(({ guid }, part) => attachmentPart(part, guid));
  return text === "" ? attached : [...attached, textPart(transfers.length, text)];
}

function factsOf({ sizeBytes, transferState }: AttachmentAct): TransferFacts {
  return { sizeBytes, transferState };
}

/** Inserts the row of an attachment; its join is the caller's. */
export function insertTransfer(
  tables: Tables,
  transfer: Transfer,
  { sizeBytes, transferState, ...special }: TransferFacts,
  ports: ActPorts,
): bigint {
  const isFinished = transferState === STATE_FINISHED;
  const file = { filename: attachmentFilename(transfer.guid, transfer.name), ...kindOf(transfer.name) };
  return tables.attachments.insert({
    guid: transfer.guid,
    originalGuid: transfer.guid,
    createdSeconds: appleNow(ports) / NS_PER_S,
    transferState,
    transferName: transfer.name,
    totalBytes: sizeBytes,
    file: isFinished ? file : null,
    special,
  });
}
