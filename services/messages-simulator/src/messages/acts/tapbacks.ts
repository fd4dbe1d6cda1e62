import { ATTACHMENT_SLOT, encodeAttributedBody } from "@imesh/imessage-codec";
import type { StoredChat } from "../../mac/chat-tables.ts";
import { writeEntries } from "../../mac/property-lists.ts";
import { OrderRefusedError } from "../say-order.ts";
import {
  type ActPorts,
  demand,
  NotThereError,
  type TapbackAct,
  type TouchedMessages,
  writtenMessage,
} from "./act.ts";
import { writeActorRow } from "./actor-rows.ts";
import { deleteRows } from "./deletions.ts";
import { type MessagePart, partsOfRow, textPart } from "./message-parts.ts";
import { checkPart } from "./order-checks.ts";
import { type Actor, actorIn } from "./people.ts";
import { makeSticker } from "./stickers.ts";
import { tapbackSummary } from "./summary-info.ts";

/** What is taken back is what was given, and this. */
const REMOVAL = 1_000;
const TYPE_PLACED = 1_000;
const TYPE_EMOJI = 2_006;
const TYPE_STICKER = 2_007;
const EMOJI_UNITS_MAX = 64;
const QUOTE_UNITS_MAX = 200;

const GIVEN = ["Loved", "Liked", "Disliked", "Laughed at", "Emphasized", "Questioned"] as const;
const TAKEN = ["a heart", "a like", "a dislike", "a laugh", "an exclamation", "a question mark"] as const;

/**
 * A tapback comes: a row of its own, and in a later save the older ones of the same person on the same part go, so that
 * the last one stands (docs/chat-db.md §9). One by a contact is joined after the usual wait.
 */
export async function tapback(order: TapbackAct, ports: ActPorts): Promise<TouchedMessages> {
  check(order);
  const { database, account } = ports.writer;
  const message = writtenMessage(database.tables, order.rowid);
  const actor = actorIn(database.tables, message.chat.rowid, order.from, account);
  const part = partsOfRow(message).find((each) => each.part === order.part);
  if (part === undefined) throw new NotThereError("part");
  const target = message.balloonBundleId === null ? `p:${order.part}/${message.guid}` : `bp:${message.guid}`;
  demandPossible(order, target, actor, ports);
  const chat = database.tables.chats.findChat(message.chat.guid);
  if (chat === undefined) throw new NotThereError("chat");
  const row = await write(order, { target, part, actor, chat }, ports);
  const gone = order.type === TYPE_PLACED ? [] : replace(target, actor, row, ports);
  return [row, ...gone];
}

function check({ part, type, emoji }: TapbackAct): void {
  checkPart(part, "part");
  const given = type >= 3_000 ? type - REMOVAL : type;
  const isKnown = given === TYPE_PLACED || (given >= 2_000 && given <= TYPE_STICKER);
  if (!Number.isInteger(given) || !isKnown) {
    throw new OrderRefusedError("type", "must be 1000, 2000 to 2007 or 3000 to 3007");
  }
  const isEmoji = given === TYPE_EMOJI;
  if (isEmoji !== (emoji !== "") || emoji.length > EMOJI_UNITS_MAX) {
    throw new OrderRefusedError("emoji", `must have 1 to ${EMOJI_UNITS_MAX} units with 2006 and 3006 only`);
  }
}

function demandPossible(order: TapbackAct, target: string, actor: Actor, ports: ActPorts): void {
  const last = olderTapbacks(target, actor, undefined, ports).at(-1);
  const isSame = (type: number) => last?.type === BigInt(type) && (last.emoji ?? "") === order.emoji;
  if (order.type >= 3_000) demand(isSame(order.type - REMOVAL), "there is no such tapback to take back");
  // A sticker may be put anywhere any number of times, and another one takes the place of the last.
  else if (!isSticker(order.type)) demand(!isSame(order.type), "the tapback is there already");
}

function isSticker(type: number): boolean {
  return type === TYPE_PLACED || type === TYPE_STICKER;
}

function olderTapbacks(target: string, actor: Actor, before: bigint | undefined, { writer }: ActPorts) {
  const { changes, messages } = writer.database.tables;
  const by = { isFromMe: actor.isOwn, handleRowid: actor.handleRowid };
  return changes.tapbacks(target, by, before ?? messages.head() + 1n);
}

async function write(
  order: TapbackAct,
  about: {
    readonly target: string;
    readonly part: MessagePart;
    readonly actor: Actor;
    readonly chat: StoredChat;
  },
  ports: ActPorts,
): Promise<bigint> {
  const { actor, chat, part } = about;
  const guid = ports.random.uuid().toUpperCase();
  const text = order.type === TYPE_PLACED ? "" : phrase(order, quoteOf(part));
  const sticker = isSticker(order.type) ? makeSticker(guid, text === "" ? 0 : 1, ports) : undefined;
  const runs = text === "" ? [] : textPart(0, text).runs;
  const body = {
    text: text + (sticker?.part.text ?? ""),
    runs: [...runs, ...(sticker?.part.runs ?? [])],
  };
  const special = {
    associatedGuid: about.target,
    associatedType: order.type,
    associatedEmoji: order.emoji === "" ? null : order.emoji,
    associatedStart: part.start,
    associatedLength: part.text.length,
    summaryInfo: writeEntries(tapbackSummary(clip(part.text))),
    hasAttachments: sticker !== undefined,
    partCount: (text === "" ? 0 : 1) + (sticker === undefined ? 0 : 1),
  };
  const attributedBody = encodeAttributedBody({ ...body, style: actor.isOwn ? "mac" : "ios" });
  const attach = sticker?.attach(actor.isOwn);
  const row = { chat, actor, guid, text: body.text, attributedBody, special };
  return await writeActorRow(attach === undefined ? row : { ...row, attach }, ports);
}

/** Deletes the older tapbacks of the same person on the same part in a save of its own. */
function replace(target: string, actor: Actor, rowid: bigint, ports: ActPorts): TouchedMessages {
  const older = olderTapbacks(target, actor, rowid, ports);
  if (older.length === 0) return [];
  const { tables } = ports.writer.database;
  // One that lost its join with a kill is not seen to go.
  const seen = older.filter((each) => tables.changes.chatsOf(each.rowid).length > 0);
  const rowids = seen.map((each) => each.rowid);
  deleteRows(rowids, ports, (all) => {
    for (const each of older) all.changes.delete(each.rowid);
  });
  return older.map((each) => each.rowid);
}

/** What people whose phones know no tapbacks read. */
function phrase({ type, emoji }: TapbackAct, quote: string): string {
  const isRemoval = type >= 3_000;
  const index = type - (isRemoval ? 3_000 : 2_000);
  if (index === TYPE_STICKER - 2_000) {
    return isRemoval ? `Removed a sticker from ${quote}` : `Reacted with a sticker to ${quote}`;
  }
  if (isRemoval) return `Removed ${TAKEN[index] ?? emoji} from ${quote}`;
  const given = GIVEN[index];
  return given === undefined ? `Reacted ${emoji} to ${quote}` : `${given} ${quote}`;
}

function quoteOf(part: MessagePart): string {
  return part.text === ATTACHMENT_SLOT ? "an attachment" : `“${clip(part.text)}”`;
}

/** No emoji is cut in two. */
function clip(text: string): string {
  return text.length <= QUOTE_UNITS_MAX ? text : `${text.slice(0, QUOTE_UNITS_MAX).toWellFormed()}…`;
}
