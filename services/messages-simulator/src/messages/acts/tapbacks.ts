import { encodeAttributedBody } from "@imesh/imessage-codec";
import { writeBinaryPlist } from "../../mac/binary-plist-writer.ts";
import { finishMessage, joinArrival } from "../incoming.ts";
import { incomingRow, ownRow, type RowFacts } from "../message-rows.ts";
import { writeDelivered, writeSent } from "../outgoing.ts";
import { OrderRefusedError } from "../say-order.ts";
import { seeMessage } from "../see.ts";
import {
  type ActPorts,
  appleNow,
  demand,
  NotThereError,
  type TapbackAct,
  type TouchedMessages,
  writtenMessage,
} from "./act.ts";
import { attachmentOf, type MessagePart, partsOfRow } from "./message-parts.ts";
import { checkPart } from "./order-checks.ts";
import { type Actor, actorIn } from "./people.ts";
import { tapbackSummary } from "./summary-info.ts";

/** What is taken back is what was given, and this. */
const REMOVAL = 1_000;
const TYPE_EMOJI = 2_006;
const EMOJI_UNITS_MAX = 64;
const QUOTE_UNITS_MAX = 200;

const GIVEN = ["Loved", "Liked", "Disliked", "Laughed at", "Emphasized", "Questioned"] as const;
const TAKEN = ["a heart", "a like", "a dislike", "a laugh", "an exclamation", "a question mark"] as const;

/**
 * A tapback comes: a row of its own, and in a later save the older ones of the same person on the same part go, so that
 * the last one stands (reference §2.6, §4.2). One by a contact is joined after the usual wait.
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
  const row = await write(order, { target, part, actor, chat: message.chat }, ports);
  const gone = replace(target, actor, row, ports);
  return [row, ...gone];
}

function check({ part, type, emoji }: TapbackAct): void {
  checkPart(part, "part");
  const given = type >= 3_000 ? type - REMOVAL : type;
  if (!Number.isInteger(given) || given < 2_000 || given > TYPE_EMOJI) {
    throw new OrderRefusedError("type", "must be 2000 to 2006 or 3000 to 3006");
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
  else demand(!isSame(order.type), "the tapback is there already");
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
    readonly chat: { readonly rowid: bigint; readonly guid: string };
  },
  ports: ActPorts,
): Promise<bigint> {
  const { actor, chat, part } = about;
  const { database, account } = ports.writer;
  const text = phrase(order, quoteOf(part));
  const date = appleNow(ports);
  const facts: RowFacts = {
    guid: ports.random.uuid().toUpperCase(),
    text,
    attributedBody: encodeAttributedBody({ text, style: actor.isOwn ? "mac" : "ios" }),
    date,
    account,
    chatGuid: chat.guid,
    previousGuid: database.tables.messages.lastGuid(chat.rowid),
    special: {
      associatedGuid: about.target,
      associatedType: order.type,
      associatedEmoji: order.emoji === "" ? null : order.emoji,
      associatedStart: part.start,
      associatedLength: part.text.length,
      summaryInfo: writeBinaryPlist(tapbackSummary(clip(part.text))),
    },
  };
  if (!actor.isOwn) {
    const row = incomingRow({ ...facts, handleRowid: actor.handleRowid });
    const rowid = database.save(({ messages }) => messages.insert(row));
    await joinArrival({ chatRowid: chat.rowid, rowid, date, joinDelayMs: ports.joinDelayMs }, ports.writer);
    return rowid;
  }
  const rowid = database.save((tables) => {
    const inserted = tables.messages.insert(ownRow(facts));
    tables.messages.join(chat.rowid, inserted, date);
    seeMessage(tables, inserted, "new");
    return inserted;
  });
  finishMessage(database, chat.rowid, rowid, { account, readApple: date });
  writeSent(rowid, ports.writer);
  if (database.tables.chats.findChat(chat.guid)?.isGroup === false) writeDelivered(rowid, ports.writer);
  return rowid;
}

/** Deletes the older tapbacks of the same person on the same part in a save of its own. */
function replace(target: string, actor: Actor, rowid: bigint, ports: ActPorts): TouchedMessages {
  const older = olderTapbacks(target, actor, rowid, ports);
  if (older.length === 0) return [];
  ports.writer.database.save((tables) => {
    for (const each of older) {
      const isSeen = tables.changes.chatsOf(each.rowid).length > 0;
      tables.changes.delete(each.rowid);
      if (isSeen) seeMessage(tables, each.rowid, "deleted");
    }
  });
  return older.map((each) => each.rowid);
}

/** What people whose phones know no tapbacks read. */
function phrase({ type, emoji }: TapbackAct, quote: string): string {
  const isRemoval = type >= 3_000;
  const index = type - (isRemoval ? 3_000 : 2_000);
  if (isRemoval) return `Removed ${TAKEN[index] ?? emoji} from ${quote}`;
  const given = GIVEN[index];
  return given === undefined ? `Reacted ${emoji} to ${quote}` : `${given} ${quote}`;
}

function quoteOf(part: MessagePart): string {
  return attachmentOf(part) === undefined ? `“${clip(part.text)}”` : "an attachment";
}

/** No emoji is cut in two. */
function clip(text: string): string {
  return text.length <= QUOTE_UNITS_MAX ? text : `${text.slice(0, QUOTE_UNITS_MAX).toWellFormed()}…`;
}
