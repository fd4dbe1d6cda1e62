import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { ChatDatabase } from "../mac/chat-database.ts";
import type { Account } from "./account.ts";
import { ensureChat } from "./chats.ts";
import { incomingRow } from "./message-rows.ts";
import { seeMessage } from "./see.ts";
import { pause, type WriterPorts } from "./writer-ports.ts";

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

/** A row that waits for its chat. */
export interface Arrival {
  readonly chatRowid: bigint;
  readonly rowid: bigint;
  readonly date: bigint;
  readonly joinDelayMs: number;
}

/**
 * Writes one incoming message the way Messages does (docs/chat-db.md §18), each step a transaction of its own: T1 the handle,
 * T2 the chat, T3 the message row, then the wait, T4 the join, T5 the chat's bookkeeping, T6 indexing. T1 and T2 only
 * where they are needed. Called by one lane per chat, never twice at once for one chat. Rejects when stopped in the wait.
 */
export async function writeIncoming(order: IncomingOrder, ports: WriterPorts): Promise<WrittenMessage> {
  ports.stopping.throwIfAborted();
  const { chat, rowid, date, insertUnixNs } = insertIncoming(order, ports);
  const arrival = { chatRowid: chat.rowid, rowid, date, joinDelayMs: order.joinDelayMs };
  const joinedUnixNs = await joinArrival(arrival, ports);
  return { guid: order.guid, rowid, chatGuid: chat.guid, text: order.text, insertUnixNs, joinedUnixNs };
}

/** T1 to T3: the row, in no chat yet. */
export function insertIncoming(order: IncomingOrder, ports: WriterPorts) {
  const { database, clock, account } = ports;
  const { chat, handleRowid } = ensureChat(database, { ...order, address: order.from }, account);
  const insertUnixNs = clock.wallUnixNs();
  const date = unixNsToAppleTime(insertUnixNs - order.ageNs);
  const rowid = database.save(({ messages }) =>
    messages.insert(
      incomingRow({
        guid: order.guid,
        text: order.hasTextColumn ? order.text : null,
        attributedBody: encodeAttributedBody({ text: order.text, style: "ios" }),
        date,
        account,
        chatGuid: chat.guid,
        previousGuid: messages.lastGuid(chat.rowid),
        handleRowid,
      }),
    ),
  );
  return { chat, rowid, date, insertUnixNs };
}

/** The wait and T4 to T6 of a row that has been inserted. Resolves with the time just after the join's commit. */
export async function joinArrival(arrival: Arrival, ports: WriterPorts): Promise<bigint> {
  const { database, clock, account } = ports;
  const { chatRowid, rowid, date } = arrival;
  await pause(arrival.joinDelayMs, ports);
  database.save((tables) => {
    tables.messages.join(chatRowid, rowid, date);
    seeMessage(tables, rowid, "new");
  });
  const joinedUnixNs = clock.wallUnixNs();
  finishMessage(database, chatRowid, rowid, { account, readApple: 0n });
  return joinedUnixNs;
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
