import { encodeAttributedBody } from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { StoredChat, UnfinishedMessage } from "../mac/mac.ts";
import { directChatGuid } from "./address.ts";
import {
  ensureHandle,
  finishMessage,
  insertChat,
  type WriterPorts,
  type WrittenMessage,
} from "./incoming.ts";

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

const SERVICE = "iMessage";

/** "Remote user does not exist": the peer is not on iMessage. */
const ERROR_NOT_ON_IMESSAGE = 22;

/**
 * Waits for the row's time and writes an own message as Messages does: row and join in one transaction (reference §4.2),
 * text in attributedBody only, not yet sent. Called by one lane per recipient. Rejects when stopped in the wait.
 */
export async function writeOutgoing(order: OutgoingOrder, ports: WriterPorts): Promise<WrittenOutgoing> {
  const { clock } = ports;
  const waitMs = order.rowAtMs - clock.monotonicMs();
  if (waitMs > 0) await clock.sleep(waitMs, ports.stopping);
  if (order.fate === "ghost-row") return { message: writeGhost(order, ports), unfinished: undefined };
  const chat = recipientChat(order, ports);
  const { message, date } = insertJoined(order, chat, ports);
  finishMessage(ports.database, chat.rowid, message.rowid, { account: ports.account, readApple: date });
  if (order.fate === "error-22") {
    // The row has the error since its insert; this is Messages noting the failure, which a trigger does on UPDATE only.
    ports.database.save(({ messages }) => messages.markFailed(message.rowid, ERROR_NOT_ON_IMESSAGE));
    return { message, unfinished: undefined };
  }
  return { message, unfinished: { rowid: message.rowid, isSent: false, isGroup: chat.isGroup } };
}

/** The way of an own message to its peer: sent, then, in a direct chat, delivered. Rejects when stopped in a wait. */
export async function finishOutgoing(
  unfinished: UnfinishedMessage,
  progress: Progress,
  ports: WriterPorts,
): Promise<void> {
  const { database, clock, stopping } = ports;
  const { rowid } = unfinished;
  if (!unfinished.isSent) {
    await clock.sleep(progress.sentDelayMs, stopping);
    database.save(({ messages }) => messages.markSent(rowid));
  }
  // Groups rarely get a receipt (reference §2.3), here never.
  if (unfinished.isGroup) return;
  await clock.sleep(progress.deliveredDelayMs, stopping);
  const date = unixNsToAppleTime(clock.wallUnixNs());
  database.save(({ messages }) => messages.markDelivered(rowid, date));
}

function recipientChat(order: OutgoingOrder, { database, account }: WriterPorts): StoredChat {
  const { chats } = database.tables;
  const guid = order.to.kind === "chat" ? order.to.guid : directChatGuid(order.to.address);
  const known = chats.findChat(guid);
  if (known !== undefined) return known;
  // A chat guid was looked up when the send was accepted and chats are never deleted, so this is a new address.
  const identifier = order.to.kind === "chat" ? order.to.guid : order.to.address;
  const handleRowid = ensureHandle(database, identifier);
  return insertChat(database, { guid, identifier, groupId: order.groupId, handleRowid, account });
}

function insertJoined(
  order: OutgoingOrder,
  chat: StoredChat,
  { database, clock, account }: WriterPorts,
): { message: WrittenMessage; date: bigint } {
  const insertUnixNs = clock.wallUnixNs();
  const date = unixNsToAppleTime(insertUnixNs);
  const rowid = database.save(({ messages }) => {
    const inserted = messages.insert({
      guid: order.guid,
      text: null,
      attributedBody: encodeAttributedBody({ text: order.text }),
      handleRowid: 0n,
      service: SERVICE,
      accountLogin: account.login,
      accountGuid: account.guid,
      accountAddress: account.address,
      isFromMe: true,
      isSent: false,
      isDelivered: false,
      isRead: false,
      isEmpty: false,
      error: order.fate === "error-22" ? ERROR_NOT_ON_IMESSAGE : 0,
      date,
      dateRead: 0n,
      dateDelivered: 0n,
      chatHint: chat.guid,
      previousGuid: messages.lastGuid(chat.rowid),
    });
    messages.join(chat.rowid, inserted, date);
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
 * The row macOS 26 leaves when a chat's guid leads nowhere (reference §2.4): an SMS without text that no chat ever gets.
 * Without `ck_chat_id` no repair will find it a chat.
 */
function writeGhost(order: OutgoingOrder, { database, clock, account }: WriterPorts): WrittenMessage {
  const insertUnixNs = clock.wallUnixNs();
  const rowid = database.save(({ messages }) =>
    messages.insert({
      guid: order.guid,
      text: null,
      attributedBody: null,
      handleRowid: 0n,
      service: "SMS",
      accountLogin: account.login,
      accountGuid: account.guid,
      accountAddress: account.address,
      isFromMe: true,
      isSent: false,
      isDelivered: false,
      isRead: false,
      isEmpty: false,
      error: 0,
      date: unixNsToAppleTime(insertUnixNs),
      dateRead: 0n,
      dateDelivered: 0n,
      chatHint: null,
      previousGuid: null,
    }),
  );
  return { guid: order.guid, rowid, chatGuid: "", text: "", insertUnixNs, joinedUnixNs: undefined };
}
