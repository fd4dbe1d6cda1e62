import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { BulkMessage, BulkTables } from "../mac/bulk-tables.ts";
import type { ChatTables } from "../mac/chat-tables.ts";
import type { Account } from "./account.ts";
import { directChatGuid } from "./address.ts";
import { HistoryShapes, type HistoryTarget } from "./history-shapes.ts";
import { makeHistoryText } from "./history-texts.ts";
import { SERVICE } from "./message-rows.ts";
import type { SeededRandom } from "./seeded-random.ts";

const NS_PER_DAY = 86_400_000_000_000n;

/** The newest message is this old, the oldest that much older, however many there are. */
const NEWEST_AGE_NS = 31n * NS_PER_DAY;
const SPAN_NS = 5n * 365n * NS_PER_DAY;

/** Every tenth chat is a group of this many. */
const CHATS = 200;
const GROUP_EVERY = 10;
const GROUP_MEMBERS = 4;

/** Texts that messages are drawn from: a body each would take longer to encode than to store. */
const TEXTS = 4_096;
const OWN_SHARE = 0.4;
const TEXT_COLUMN_SHARE = 0.25;

interface OldChat {
  readonly rowid: bigint;
  readonly guid: string;
  readonly roomName: string | null;
  readonly members: readonly [bigint, ...bigint[]];
  /** Guid of its newest message so far. */
  previousGuid: string | null;
  /** The newest one that others can be about. */
  target: HistoryTarget | undefined;
}

/**
 * A past of `count` read messages over 200 chats and five years, oldest first, the newest 31 days old, so that searching,
 * paging and scanning meet what they meet on a Mac that is in use. The same for the same seed.
 */
export function writeLongHistory(
  tables: { chats: ChatTables; bulk: BulkTables },
  facts: { count: number; account: Account; nowUnixNs: bigint; random: SeededRandom },
): void {
  const { count, account, random } = facts;
  const chats = makeChats(tables.chats, account, random);
  for (const { rowid } of chats) tables.bulk.noteService(SERVICE, rowid);
  const first = makeHistoryText(random);
  const texts = Array.from({ length: Math.min(TEXTS, count) - 1 }, () => makeHistoryText(random));
  const shapes = new HistoryShapes([first, ...texts], random);
  const stepNs = SPAN_NS / BigInt(Math.max(count, 1));
  const oldest = unixNsToAppleTime(facts.nowUnixNs - NEWEST_AGE_NS - stepNs * BigInt(count));
  const common = {
    service: SERVICE,
    accountLogin: account.login,
    accountGuid: account.guid,
    accountAddress: account.address,
  };
  for (let index = 0; index < count; index += 1) {
    const date = oldest + stepNs * BigInt(index) + (BigInt(random.integer(0, 999_999_999)) % stepNs);
    const chat = chats[random.integer(0, chats.length - 1)];
    if (chat === undefined) continue;
    const message = { ...common, ...oldMessage(chat, date, shapes, random), date };
    tables.bulk.insert({ ...message, ...receipts(message) });
    chat.previousGuid = message.guid;
  }
  tables.bulk.countIndexed(count);
}

function oldMessage(chat: OldChat, date: bigint, shapes: HistoryShapes, random: SeededRandom) {
  const isOwn = random.next() < OWN_SHARE;
  const guid = random.uuid().toUpperCase();
  const hasText = random.next() < TEXT_COLUMN_SHARE;
  const { text, attributedBody, special, target } = shapes.draw({ guid, isOwn, date, hasText }, chat.target);
  chat.target = target ?? chat.target;
  return {
    guid,
    text,
    attributedBody,
    special,
    chatRowid: chat.rowid,
    chatHint: chat.guid,
    roomName: chat.roomName,
    handleRowid: isOwn ? 0n : random.pick(chat.members),
    previousGuid: chat.previousGuid,
  };
}

/** Of an own burst only the newest message gets a peer's receipt, and in groups hardly any does (docs/chat-db.md §6). */
function receipts(message: Pick<BulkMessage, "date" | "handleRowid" | "roomName">) {
  const isOwn = message.handleRowid === 0n;
  const isRead = !isOwn || (message.roomName === null && message.date % 3n === 0n);
  return {
    dateRead: isRead ? message.date + 60_000_000_000n : 0n,
    dateDelivered: isOwn && message.roomName === null ? message.date + 1_000_000_000n : 0n,
  };
}

function makeChats(chats: ChatTables, account: Account, random: SeededRandom): readonly OldChat[] {
  const address = (index: number) => `+1555300${String(index + 1).padStart(4, "0")}`;
  const handles = Array.from({ length: CHATS }, (_, index) => chats.insertHandle(address(index), SERVICE));
  const handle = (index: number) => handles[index % CHATS] ?? 0n;
  return handles.map((first, index) => {
    const isGroup = index % GROUP_EVERY === 0;
    const roomName = `chat8000000000000${String(index + 1).padStart(5, "0")}`;
    const others = isGroup
      ? Array.from({ length: GROUP_MEMBERS - 1 }, (_, next) => handle(index + next + 1))
      : [];
    const members: readonly [bigint, ...bigint[]] = [first, ...others];
    const { rowid, guid } = chats.insertChat({
      guid: isGroup ? `any;+;${roomName}` : directChatGuid(address(index)),
      isGroup,
      identifier: isGroup ? roomName : address(index),
      groupId: random.uuid().toUpperCase(),
      displayName: isGroup && index % (2 * GROUP_EVERY) === 0 ? `Group ${index}` : "",
      accountGuid: account.guid,
      accountLogin: account.login,
      accountAddress: account.address,
      participants: members,
    });
    return {
      rowid,
      guid,
      roomName: isGroup ? roomName : null,
      members,
      previousGuid: null,
      target: undefined,
    };
  });
}
