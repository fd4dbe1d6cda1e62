import { encodeAttributedBody } from "@imesh/imessage-codec";
import type { StoredChat } from "../../mac/chat-tables.ts";
import type { SpecialColumns } from "../../mac/new-message.ts";
import type { Tables } from "../../mac/tables.ts";
import { OrderRefusedError } from "../say-order.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { type ActPorts, demand, NotThereError, type TouchedMessages, writtenMessage } from "./act.ts";
import { writeActorRow } from "./actor-rows.ts";
import { insertTransfer, writeTransferFile } from "./attachments.ts";
import { type ComposedParts, checkPieces, composeParts } from "./composed-parts.ts";
import { type MessagePart, partsOfRow } from "./message-parts.ts";
import { checkPart } from "./order-checks.ts";
import { placeOf } from "./places.ts";
import type { BodyForm, ComposeAct } from "./shapes.ts";

const SUBJECT_UNITS_MAX = 1_000;
const EFFECT_FORM = /^[A-Za-z0-9.]{0,100}$/;

/** Of four drawn bodies three are in attributedBody only, as current systems write most of theirs. */
const TEXT_COLUMN_SHARE = 0.25;
/** A broken body ends after this much of it: never within what would still make a shorter one. */
const BROKEN_SHARE = 0.6;

/**
 * Somebody writes a message of any shape: row, attachments and their joins in one save, then the wait and the join to the chat
 * (docs/chat-db.md §18); of this account as {@link writeActorRow} does.
 */
export async function compose(order: ComposeAct, ports: ActPorts): Promise<TouchedMessages> {
  check(order);
  const place = placeOf(order, ports);
  const thread = threadColumns(order.reply, place.known, ports);
  const guid = ports.random.uuid().toUpperCase();
  const composed = composeParts(order.pieces, guid, ports.random);
  const { chat, actor } = place.make();
  const content = contentColumns(order.form, composed.parts, { isOwn: actor.isOwn, random: ports.random });
  for (const { transfer, piece } of composed.transfers) writeTransferFile(transfer, piece, ports);
  const special: SpecialColumns = {
    ...thread,
    partCount: composed.parts.length,
    hasAttachments: composed.transfers.length > 0,
    isAutoReply: order.isAutoReply,
    subject: order.subject === "" ? null : order.subject,
    effectId: order.effectId === "" ? null : order.effectId,
  };
  const attach = (tables: Tables, rowid: bigint) =>
    insertTransfers(tables, rowid, composed, { isOutgoing: actor.isOwn, ports });
  return [await writeActorRow({ chat, actor, guid, ...content, special, attach }, ports)];
}

function check({ pieces, subject, effectId, form }: ComposeAct): void {
  checkPieces(pieces);
  if (subject.length > SUBJECT_UNITS_MAX) {
    throw new OrderRefusedError("subject", `must have at most ${SUBJECT_UNITS_MAX} UTF-16 code units`);
  }
  if (!EFFECT_FORM.test(effectId)) {
    throw new OrderRefusedError("effect_id", "must be at most 100 letters, digits and dots");
  }
  const hasFile = pieces.some(({ kind }) => kind === "file");
  if (form === "text" && hasFile) throw new OrderRefusedError("form", "must have a body for a file");
}

/** The root of the thread: of a reply to a reply the one that it has already (docs/chat-db.md §10). */
function threadColumns(
  reply: ComposeAct["reply"],
  chat: StoredChat | undefined,
  { writer }: ActPorts,
): Pick<SpecialColumns, "threadGuid" | "threadPart"> {
  if (reply === undefined) return {};
  checkPart(reply.part, "reply.part");
  const { tables } = writer.database;
  const message = writtenMessage(tables, reply.rowid);
  const isHere = tables.changes.chatsOf(reply.rowid).some(({ rowid }) => rowid === chat?.rowid);
  demand(isHere, "the message replied to is in another chat");
  if (message.threadGuid !== null) return { threadGuid: message.threadGuid, threadPart: message.threadPart };
  const part = partsOfRow(message).find((each) => each.part === reply.part);
  if (part === undefined) throw new NotThereError("part");
  return { threadGuid: message.guid, threadPart: `${part.part}:${part.start}:${part.text.length}` };
}

/** The columns that hold what was said. */
function contentColumns(
  form: BodyForm,
  parts: readonly MessagePart[],
  { isOwn, random }: { isOwn: boolean; random: SeededRandom },
): { readonly text: string | null; readonly attributedBody: Uint8Array | null } {
  const text = parts.map((part) => part.text).join("");
  const runs = parts.flatMap((part) => part.runs);
  const attributedBody = encodeAttributedBody({ text, runs, style: isOwn ? "mac" : "ios" });
  const isInText = random.next() < TEXT_COLUMN_SHARE;
  switch (form) {
    case "drawn":
      return { text: isInText ? text : null, attributedBody };
    case "both":
      return { text, attributedBody };
    case "body":
      return { text: null, attributedBody };
    case "text":
      return { text, attributedBody: null };
    case "broken": {
      const length = Math.floor(attributedBody.length * BROKEN_SHARE);
      return { text: null, attributedBody: attributedBody.slice(0, length) };
    }
  }
}

function insertTransfers(
  tables: Tables,
  rowid: bigint,
  { transfers }: ComposedParts,
  { isOutgoing, ports }: { isOutgoing: boolean; ports: ActPorts },
): void {
  for (const { transfer, piece } of transfers) {
    const { sizeBytes, transferState, genmoji: description } = piece;
    const emoji = description === "" ? {} : { emoji: { identifier: transfer.guid, description } };
    const facts = { sizeBytes, transferState, isOutgoing, ...emoji };
    tables.attachments.join(rowid, insertTransfer(tables, transfer, facts, ports));
  }
}
