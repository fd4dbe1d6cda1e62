import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { BulkMessage, BulkTables, ChatTables } from "../mac/mac.ts";
import type { Account } from "./account.ts";
import { directChatGuid } from "./address.ts";
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
/** In words; with its attributes a body then has 200 to 600 bytes, as most on a Mac. */
const TEXT_WORDS = { min: 2, max: 60 };

const OWN_SHARE = 0.4;
const TEXT_COLUMN_SHARE = 0.25;

const WORDS = [
  "and",
  "the",
  "train",
  "tomorrow",
  "at",
  "eight",
  "café",
  "“maybe”",
  "später",
  "🎂",
  "dinner",
  "who",
  "called",
  "again",
  "日本",
  "why",
  "we",
  "should",
  "leave",
  "now",
  "ticket",
  "Sunday",
  "ok",
  "yes",
  "never",
  "mind",
  "they",
  "is",
] as const satisfies readonly [string, ...string[]];

interface OldChat {
  readonly rowid: bigint;
  readonly guid: string;
  readonly roomName: string | null;
  readonly members: readonly [bigint, ...bigint[]];
  /** Guid of its newest message so far. */
  previousGuid: string | null;
}

interface OldText {
  readonly text: string;
  readonly mac: Uint8Array;
  readonly ios: Uint8Array;
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
  const texts = Array.from({ length: Math.min(TEXTS, count) }, () => makeText(random));
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
    const text = texts[random.integer(0, texts.length - 1)];
    if (chat === undefined || text === undefined) continue;
    const message = { ...common, ...oldMessage(chat, text, random), date };
    tables.bulk.insert({ ...message, ...receipts(message) });
    chat.previousGuid = message.guid;
  }
  tables.bulk.countIndexed(count);
}

function oldMessage(chat: OldChat, text: OldText, random: SeededRandom) {
  const isOwn = random.next() < OWN_SHARE;
  return {
    guid: random.uuid().toUpperCase(),
    text: random.next() < TEXT_COLUMN_SHARE ? text.text : null,
    attributedBody: isOwn ? text.mac : text.ios,
    chatRowid: chat.rowid,
    chatHint: chat.guid,
    roomName: chat.roomName,
    handleRowid: isOwn ? 0n : random.pick(chat.members),
    previousGuid: chat.previousGuid,
  };
}

/** Of an own burst only the newest message gets a peer's receipt, and in groups hardly any does (reference §2.3). */
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
    return { rowid, guid, roomName: isGroup ? roomName : null, members, previousGuid: null };
  });
}

function makeText(random: SeededRandom): OldText {
  const words = Array.from({ length: random.integer(TEXT_WORDS.min, TEXT_WORDS.max) }, () =>
    random.pick(WORDS),
  );
  const text = words.join(" ");
  return {
    text,
    mac: encodeAttributedBody({ text }),
    ios: encodeAttributedBody({ text, style: "ios" }),
  };
}
