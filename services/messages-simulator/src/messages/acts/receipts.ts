import { unreachable } from "@imesh/flow";
import { writeDelivered, writeSent } from "../outgoing.ts";
import { seeMessage } from "../see.ts";
import {
  type ActPorts,
  appleNow,
  demand,
  type ReceiptKind,
  type TouchedMessages,
  writtenMessage,
} from "./act.ts";

/** "Remote user does not exist". */
const ERROR_NOT_ON_IMESSAGE = 22;

/** Most messages that one look at a chat marks as read; Messages has no bound that we know. */
const READ_AT_ONCE_MAX = 500;

type SeenMessage = ReturnType<typeof writtenMessage>;

/** A receipt comes; one save, but for incoming messages that are read: then another for the chat's counter. */
export function receipt(order: { rowid: bigint; receipt: ReceiptKind }, ports: ActPorts): TouchedMessages {
  const message = writtenMessage(ports.writer.database.tables, order.rowid);
  switch (order.receipt) {
    case "sent":
      demandOnItsWay(message);
      demand(message.isSent === 0n, "the message is sent already");
      writeSent(message.rowid, ports.writer);
      break;
    case "failed":
      demandOnItsWay(message);
      demand(message.isDelivered === 0n, "the message is delivered");
      fail(message.rowid, ports);
      break;
    case "delivered":
      demandSent(message);
      demand(message.isDelivered === 0n, "the message is delivered already");
      writeDelivered(message.rowid, ports.writer);
      break;
    case "read":
      return message.isFromMe === 1n ? peerRead(message, ports) : readHere(message, ports);
    case "played":
      return played(message, ports);
    default:
      return unreachable(order.receipt);
  }
  return [message.rowid];
}

function demandOwn(message: SeenMessage): void {
  demand(message.isFromMe === 1n, "the message is not from this account");
}

function demandOnItsWay(message: SeenMessage): void {
  demandOwn(message);
  demand(message.error === 0n, "the message has failed");
  const isWaiting = message.scheduleType !== 0n && message.isSent === 0n;
  demand(!isWaiting, "the message waits to be sent later");
}

function demandSent(message: SeenMessage): void {
  demandOwn(message);
  demand(message.error === 0n, "the message has failed");
  demand(message.isSent === 1n, "the message is not sent yet");
}

function fail(rowid: bigint, { writer }: ActPorts): void {
  writer.database.save((tables) => {
    tables.messages.markFailed(rowid, ERROR_NOT_ON_IMESSAGE);
    seeMessage(tables, rowid, "status");
  });
}

function peerRead(message: SeenMessage, ports: ActPorts): TouchedMessages {
  demandSent(message);
  demand(message.isRead === 0n, "the message is read already");
  const date = appleNow(ports);
  ports.writer.database.save((tables) => {
    tables.changes.markRead(message.rowid, date);
    seeMessage(tables, message.rowid, "read");
  });
  return [message.rowid];
}

/** Read on one of the own devices: everything up to it in one save, as `markMessagesAsReadWithChatGUIDs:upToGUID:` does. */
function readHere(message: SeenMessage, ports: ActPorts): TouchedMessages {
  demand(message.isRead === 0n, "the message is read already");
  const { database, account } = ports.writer;
  const date = appleNow(ports);
  const read = database.save((tables) => {
    const { rowid } = message;
    const upTo = { rowid, date: message.date };
    const older = tables.changes.unreadUpTo(message.chat.rowid, upTo, READ_AT_ONCE_MAX);
    const rowids = [...new Set([rowid, ...older])];
    for (const each of rowids) {
      tables.changes.markRead(each, date);
      seeMessage(tables, each, "read");
    }
    return rowids;
  });
  database.save(({ chats }) => chats.touchChat(message.chat.rowid, account.address, message.date));
  return read;
}

function played(message: SeenMessage, ports: ActPorts): TouchedMessages {
  demand(message.isAudioMessage === 1n, "the message is no voice message");
  demand(message.isPlayed === 0n, "the message is played already");
  const date = appleNow(ports);
  ports.writer.database.save((tables) => {
    tables.changes.markPlayed(message.rowid, date);
    seeMessage(tables, message.rowid, "played");
  });
  return [message.rowid];
}
