import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { Clock } from "@imesh/time";
import type { ChatDatabase, StoredChat, Tables } from "../mac/mac.ts";
import type { Account } from "./account.ts";
import { directChatGuid, groupIdentifier } from "./address.ts";

/** A message that a contact writes, with everything that was left to chance already drawn. */
export interface IncomingOrder {
  /** Canonical address of the contact. */
  readonly from: string;
  readonly text: string;
  /** Guid of the group, or undefined for the direct chat. */
  readonly groupGuid: string | undefined;
  /** Guid of the message, upper case. */
  readonly guid: string;
  /** `chat.group_id` if the chat has to be made. */
  readonly groupId: string;
  /** Whether the column `text` is filled next to attributedBody. */
  readonly hasTextColumn: boolean;
  readonly joinDelayMs: number;
  /** How long ago it was written. */
  readonly ageNs: bigint;
}

/** A message as it stands in the database. Times are nanoseconds since 1970. */
export interface WrittenMessage {
  readonly guid: string;
  readonly rowid: bigint;
  readonly chatGuid: string;
  readonly text: string;
  /** Just before the transaction that inserted its row. */
  readonly insertUnixNs: bigint;
  /** Just after the commit of its join; undefined when nobody remembers. */
  readonly joinedUnixNs: bigint | undefined;
}

const SERVICE = "iMessage";

/** What writing needs. */
export interface WriterPorts {
  readonly database: ChatDatabase;
  readonly clock: Clock;
  readonly account: Account;
  /** Aborts when the simulator stops; a row may then be left without its join, which the next start repairs. */
  readonly stopping: AbortSignal;
}

/**
 * Writes one incoming message the way Messages does (reference §4.2), each step a transaction of its own: T1 the handle,
 * T2 the chat, T3 the message row, then the wait, T4 the join, T5 the chat's bookkeeping, T6 indexing. T1 and T2 only
 * where they are needed. Called by one lane per chat, never twice at once for one chat. Rejects when stopped in the wait.
 */
export async function writeIncoming(order: IncomingOrder, ports: WriterPorts): Promise<WrittenMessage> {
  const { database, clock, account } = ports;
  ports.stopping.throwIfAborted();
  const handleRowid = ensureHandle(database, order.from);
  const chat = ensureChat(database, order, handleRowid, account);
  const insertUnixNs = clock.wallUnixNs();
  const date = unixNsToAppleTime(insertUnixNs - order.ageNs);
  const rowid = database.save((tables) => insertRow(tables, order, { chat, handleRowid, date, account }));
  if (order.joinDelayMs > 0) await clock.sleep(order.joinDelayMs, ports.stopping);
  database.save(({ messages }) => messages.join(chat.rowid, rowid, date));
  const joinedUnixNs = clock.wallUnixNs();
  finishMessage(database, chat.rowid, rowid, { account, readApple: 0n });
  return { guid: order.guid, rowid, chatGuid: chat.guid, text: order.text, insertUnixNs, joinedUnixNs };
}

/** T1: ROWID of the address's handle, made if it has none. */
export function ensureHandle(database: ChatDatabase, address: string): bigint {
  const known = database.tables.chats.findHandle(address, SERVICE);
  return known ?? database.save(({ chats }) => chats.insertHandle(address, SERVICE));
}

function ensureChat(
  database: ChatDatabase,
  order: IncomingOrder,
  handleRowid: bigint,
  account: Account,
): StoredChat {
  const guid = order.groupGuid ?? directChatGuid(order.from);
  const known = database.tables.chats.findChat(guid);
  if (known !== undefined) {
    if (!database.tables.chats.hasParticipant(known.rowid, handleRowid)) {
      database.save(({ chats }) => chats.insertParticipant(known.rowid, handleRowid));
    }
    return known;
  }
  const identifier = order.groupGuid === undefined ? order.from : (groupIdentifier(order.groupGuid) ?? guid);
  return insertChat(database, { guid, identifier, groupId: order.groupId, handleRowid, account });
}

/** T2: a chat with one member. It is a group when its identifier is not the member's address. */
export function insertChat(
  database: ChatDatabase,
  chat: { guid: string; identifier: string; groupId: string; handleRowid: bigint; account: Account },
): StoredChat {
  return database.save(({ chats }) =>
    chats.insertChat({
      guid: chat.guid,
      isGroup: groupIdentifier(chat.guid) !== undefined,
      identifier: chat.identifier,
      groupId: chat.groupId,
      displayName: "",
      accountGuid: chat.account.guid,
      accountLogin: chat.account.login,
      accountAddress: chat.account.address,
      participants: [chat.handleRowid],
    }),
  );
}

function insertRow(
  { messages }: Tables,
  order: IncomingOrder,
  row: { chat: StoredChat; handleRowid: bigint; date: bigint; account: Account },
): bigint {
  return messages.insert({
    guid: order.guid,
    text: order.hasTextColumn ? order.text : null,
    attributedBody: encodeAttributedBody({ text: order.text, style: "ios" }),
    handleRowid: row.handleRowid,
    service: SERVICE,
    accountLogin: row.account.login,
    accountGuid: row.account.guid,
    accountAddress: row.account.address,
    isFromMe: false,
    isSent: false,
    isDelivered: true,
    isRead: false,
    isEmpty: false,
    error: 0,
    date: row.date,
    dateRead: 0n,
    dateDelivered: 0n,
    chatHint: row.chat.guid,
    previousGuid: messages.lastGuid(row.chat.rowid),
  });
}

/** T5 and T6: what follows every message that is in its chat. */
export function finishMessage(
  database: ChatDatabase,
  chatRowid: bigint,
  rowid: bigint,
  facts: { account: Account; readApple: bigint },
): void {
  database.save(({ chats }) => chats.touchChat(chatRowid, facts.account.address, facts.readApple));
  database.save(({ messages }) => messages.donate(rowid));
}
