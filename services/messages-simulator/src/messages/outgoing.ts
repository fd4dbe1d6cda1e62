import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { StoredChat } from "../mac/chat-tables.ts";
import type { UnfinishedMessage } from "../mac/message-tables.ts";
import { directAddress } from "./address.ts";
import { ensureChat, findChat } from "./chats.ts";
import { finishMessage, type WrittenMessage } from "./incoming.ts";
import { ownRow } from "./message-rows.ts";
import { seeMessage } from "./see.ts";
import { pause, type WriterPorts } from "./writer-ports.ts";

/** A text that Messages accepted to send, with everything that was left to chance already drawn. */
export interface OutgoingOrder {
  readonly text: string;
  readonly to: Recipient;
  /** Guid of the message, upper case. */
  readonly guid: string;
  /** `chat.group_id` if the chat has to be made. */
  readonly groupId: string;
  /** Monotonic time at which the row appears. */
  readonly rowAtMs: number;
  readonly fate: Fate;
}

/** A chat that exists, or a canonical address whose direct chat may have to be made. */
export type Recipient =
  | { readonly kind: "chat"; readonly guid: string }
  | { readonly kind: "participant"; readonly address: string };

/** What becomes of an accepted text. */
export type Fate = "sent" | "error-22" | "ghost-row";

/** Waits on the way of an own message to its peer. */
export interface Progress {
  readonly sentDelayMs: number;
  readonly deliveredDelayMs: number;
}

/** What {@link writeOutgoing} left: nothing more to do for a failed message or a ghost. */
export interface WrittenOutgoing {
  readonly message: WrittenMessage;
  readonly unfinished: UnfinishedMessage | undefined;
}

/** "Remote user does not exist": the peer is not on iMessage. */
const ERROR_NOT_ON_IMESSAGE = 22;

/**
 * Waits for the row's time and writes an own message as Messages does: row and join in one transaction (docs/chat-db.md §18),
 * text in attributedBody only, not yet sent. Called by one lane per recipient. Rejects when stopped in the wait.
 */
export async function writeOutgoing(order: OutgoingOrder, ports: WriterPorts): Promise<WrittenOutgoing> {
  const { clock } = ports;
  const waitMs = order.rowAtMs - clock.monotonicMs();
  if (waitMs > 0) await clock.sleep(waitMs, ports.stopping);
  const chat = order.fate === "ghost-row" ? undefined : recipientChat(order, ports);
  // Also what becomes of a text to a group that was deleted since it was accepted.
  if (chat === undefined) return { message: writeGhost(order, ports), unfinished: undefined };
  const { message, date } = insertJoined(order, chat, ports);
  finishMessage(ports.database, chat.rowid, message.rowid, { account: ports.account, readApple: date });
  if (order.fate === "error-22") {
    // The row has the error since its insert; this is Messages noting the failure, which a trigger does on UPDATE only.
    ports.database.save(({ messages }) => messages.markFailed(message.rowid, ERROR_NOT_ON_IMESSAGE));
    return { message, unfinished: undefined };
  }
  return { message, unfinished: { rowid: message.rowid, isSent: false, isGroup: chat.isGroup } };
}

/**
 * The way of an own message to its peer: sent, then, in a direct chat, delivered. Where something else happened to it in
 * the meantime (it failed, it was deleted), the step changes nothing. Rejects when stopped in a wait.
 */
export async function finishOutgoing(
  unfinished: UnfinishedMessage,
  progress: Progress,
  ports: WriterPorts,
): Promise<void> {
  if (!unfinished.isSent) {
    await pause(progress.sentDelayMs, ports);
    writeSent(unfinished.rowid, ports);
  }
  // Groups rarely get a receipt (docs/chat-db.md §6), here never.
  if (unfinished.isGroup) return;
  await pause(progress.deliveredDelayMs, ports);
  writeDelivered(unfinished.rowid, ports);
}

/** T2: the server took it. */
export function writeSent(rowid: bigint, { database }: WriterPorts): void {
  database.save((tables) => {
    if (tables.messages.markSent(rowid)) seeMessage(tables, rowid, "status");
  });
}

/** T3: the peer's device has it. */
export function writeDelivered(rowid: bigint, { database, clock }: WriterPorts): void {
  const date = unixNsToAppleTime(clock.wallUnixNs());
  database.save((tables) => {
    if (tables.messages.markDelivered(rowid, date)) seeMessage(tables, rowid, "delivered");
  });
}

/** Undefined for a group that is gone; a direct chat that is gone, or never was, is made. */
function recipientChat(order: OutgoingOrder, { database, account }: WriterPorts): StoredChat | undefined {
  const { to, groupId } = order;
  const known = to.kind === "chat" ? findChat(database.tables, to.guid) : undefined;
  if (known !== undefined) return known;
  const address = to.kind === "chat" ? directAddress(to.guid) : to.address;
  if (address === undefined) return undefined;
  return ensureChat(database, { address, groupGuid: undefined, groupId }, account).chat;
}

function insertJoined(
  order: OutgoingOrder,
  chat: StoredChat,
  { database, clock, account }: WriterPorts,
): { message: WrittenMessage; date: bigint } {
  const insertUnixNs = clock.wallUnixNs();
  const date = unixNsToAppleTime(insertUnixNs);
  const rowid = database.save((tables) => {
    const { messages } = tables;
    const inserted = messages.insert(
      ownRow({
        guid: order.guid,
        text: null,
        attributedBody: encodeAttributedBody({ text: order.text }),
        date,
        account,
        chatGuid: chat.guid,
        previousGuid: messages.lastGuid(chat.rowid),
        error: order.fate === "error-22" ? ERROR_NOT_ON_IMESSAGE : 0,
      }),
    );
    messages.join(chat.rowid, inserted, date);
    seeMessage(tables, inserted, "new");
    return inserted;
  });
  const joinedUnixNs = clock.wallUnixNs();
  const message = {
    guid: order.guid,
    rowid,
    chatGuid: chat.guid,
    text: order.text,
    insertUnixNs,
    joinedUnixNs,
  };
  return { message, date };
}

/**
 * The row macOS 26 leaves when a chat's guid leads nowhere (docs/chat-db.md §2): an SMS without text that no chat ever gets,
 * and that no person ever sees. Without `ck_chat_id` no repair will find it a chat.
 */
function writeGhost(order: OutgoingOrder, { database, clock, account }: WriterPorts): WrittenMessage {
  const insertUnixNs = clock.wallUnixNs();
  const date = unixNsToAppleTime(insertUnixNs);
  const row = ownRow({
    guid: order.guid,
    text: null,
    attributedBody: null,
    date,
    account,
    chatGuid: null,
    previousGuid: null,
    service: "SMS",
  });
  const rowid = database.save(({ messages }) => messages.insert(row));
  return { guid: order.guid, rowid, chatGuid: "", text: "", insertUnixNs, joinedUnixNs: undefined };
}
