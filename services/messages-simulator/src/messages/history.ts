import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { Tables } from "../mac/tables.ts";
import type { Account } from "./account.ts";
import { directChatGuid } from "./address.ts";
import type { SeededRandom } from "./seeded-random.ts";

const NS_PER_DAY = 86_400_000_000_000n;

/** The group every simulated Mac knows. */
export const HISTORY_GROUP_GUID = "any;+;chat700000000000000001";

const ALICE = "+15552010001";
const BOB = "bob@example.com";

/** `from` undefined is an own message. */
interface OldMessage {
  readonly chat: "alice" | "bob" | "group";
  readonly from: string | undefined;
  readonly daysOld: bigint;
  readonly text: string;
}

const OLD_MESSAGES: readonly OldMessage[] = [
  { chat: "alice", from: ALICE, daysOld: 400n, text: "Is this still your number?" },
  { chat: "alice", from: undefined, daysOld: 400n, text: "Yes, it is" },
  { chat: "group", from: BOB, daysOld: 120n, text: "Who brings the cake?" },
  { chat: "group", from: ALICE, daysOld: 119n, text: "I do 🎂" },
  { chat: "bob", from: BOB, daysOld: 60n, text: "Call me when you can" },
  { chat: "alice", from: ALICE, daysOld: 35n, text: "Old question that nobody ever answered?" },
];

/**
 * What a new database holds from the beginning: a few read messages, the newest 35 days old. Whoever answers one of them
 * has mistaken history for news. Runs inside the transaction that makes the database.
 */
export function writeHistory(
  { chats, messages }: Tables,
  facts: { account: Account; nowUnixNs: bigint; random: SeededRandom },
): void {
  const { account, random } = facts;
  const handles = new Map([ALICE, BOB].map((address) => [address, chats.insertHandle(address, "iMessage")]));
  const handleOf = (address: string) => handles.get(address) ?? 0n;
  const makeChat = (guid: string, identifier: string, members: readonly string[]) =>
    chats.insertChat({
      guid,
      isGroup: members.length > 1,
      identifier,
      groupId: random.uuid().toUpperCase(),
      displayName: members.length > 1 ? "Cake" : "",
      accountGuid: account.guid,
      accountLogin: account.login,
      accountAddress: account.address,
      participants: members.map(handleOf),
    });
  const stored = {
    alice: makeChat(directChatGuid(ALICE), ALICE, [ALICE]),
    bob: makeChat(directChatGuid(BOB), BOB, [BOB]),
    group: makeChat(HISTORY_GROUP_GUID, "chat700000000000000001", [ALICE, BOB]),
  };
  for (const [index, old] of OLD_MESSAGES.entries()) {
    const chat = stored[old.chat];
    const isFromMe = old.from === undefined;
    // The index keeps dates apart and in order.
    const date = unixNsToAppleTime(
      facts.nowUnixNs - old.daysOld * NS_PER_DAY + BigInt(index) * 1_000_000_000n,
    );
    const rowid = messages.insert({
      guid: random.uuid().toUpperCase(),
      text: index % 2 === 0 ? old.text : null,
      attributedBody: encodeAttributedBody({ text: old.text, style: isFromMe ? "mac" : "ios" }),
      handleRowid: old.from === undefined ? 0n : handleOf(old.from),
      service: "iMessage",
      accountLogin: account.login,
      accountGuid: account.guid,
      accountAddress: account.address,
      isFromMe,
      isSent: isFromMe,
      isDelivered: true,
      isRead: true,
      isEmpty: false,
      error: 0,
      date,
      dateRead: date + 60_000_000_000n,
      dateDelivered: isFromMe ? date + 1_000_000_000n : 0n,
      chatHint: chat.guid,
      previousGuid: messages.lastGuid(chat.rowid),
    });
    messages.join(chat.rowid, rowid, date);
    chats.touchChat(chat.rowid, account.address, date);
    messages.donate(rowid);
  }
}
