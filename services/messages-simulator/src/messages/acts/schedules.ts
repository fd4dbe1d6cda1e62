import { encodeAttributedBody } from "@imesh/imessage-codec";
import { SCHEDULE_STATE } from "../../mac/message-tables.ts";
import { readBody } from "../bodies.ts";
import { ensureChat } from "../chats.ts";
import { finishMessage } from "../incoming.ts";
import { ownRow } from "../message-rows.ts";
import { writeDelivered, writeSent } from "../outgoing.ts";
import { OrderRefusedError } from "../say-order.ts";
import { seeMessage } from "../see.ts";
import {
  type ActPorts,
  appleNow,
  demand,
  type ScheduleAct,
  seenMessage,
  type TouchedMessages,
} from "./act.ts";
import { deleteRows } from "./deletions.ts";
import { checkText } from "./order-checks.ts";
import { contactAddress } from "./people.ts";
import type { ScheduleEditAct } from "./shapes.ts";

/** `schedule_type` of Send Later. */
const SEND_LATER = 2;

/** Messages lets people plan two weeks ahead. */
const DELAY_NS_MAX = 14n * 86_400_000_000_000n;

/** A text is to be sent later: its row is there at once, with the date at which it will be sent (docs/chat-db.md §12). */
export function createSchedule(order: ScheduleAct, ports: ActPorts): TouchedMessages {
  const { database, account } = ports.writer;
  const address = contactAddress(order.to, "to", account);
  checkText(order.text);
  if (order.delayNs <= 0n || order.delayNs > DELAY_NS_MAX) {
    throw new OrderRefusedError("delay", "must be more than 0 s and at most 14 days");
  }
  const groupId = ports.random.uuid().toUpperCase();
  const { chat } = ensureChat(database, { address, groupGuid: undefined, groupId }, account);
  const date = appleNow(ports) + order.delayNs;
  const guid = ports.random.uuid().toUpperCase();
  const rowid = database.save((tables) => {
    const row = ownRow({
      guid,
      text: null,
      attributedBody: encodeAttributedBody({ text: order.text }),
      date,
      account,
      chatGuid: chat.guid,
      previousGuid: tables.messages.lastGuid(chat.rowid),
      special: { scheduleType: SEND_LATER, scheduleState: SCHEDULE_STATE.pending },
    });
    const inserted = tables.messages.insert(row);
    tables.messages.join(chat.rowid, inserted, date);
    seeMessage(tables, inserted, "new");
    return inserted;
  });
  finishMessage(database, chat.rowid, rowid, { account, readApple: 0n });
  return [rowid];
}

/** Its time has come: it takes the date of now, is sent and, to a contact, delivered, a save each. */
export function sendScheduled({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  waitingMessage(rowid, ports);
  const date = appleNow(ports);
  ports.writer.database.save((tables) => {
    tables.changes.setSchedule(rowid, SCHEDULE_STATE.sent, date);
    seeMessage(tables, rowid, "schedule");
  });
  writeSent(rowid, ports.writer);
  writeDelivered(rowid, ports.writer);
  return [rowid];
}

/** It will say something else, or at another time: its row is written anew in one save, without a history of edits. */
export function editSchedule(order: ScheduleEditAct, ports: ActPorts): TouchedMessages {
  const { rowid, text, delayNs } = order;
  if (text !== "") checkText(text);
  if (delayNs < 0n || delayNs > DELAY_NS_MAX) {
    throw new OrderRefusedError("delay", "must be 0 s to 14 days");
  }
  const message = waitingMessage(rowid, ports);
  const isReworded = text !== "" && readBody(message.attributedBody)?.text !== text;
  demand(isReworded || delayNs > 0n, "the message says that already");
  const date = appleNow(ports) + delayNs;
  ports.writer.database.save((tables) => {
    if (isReworded) tables.changes.setBody(rowid, encodeAttributedBody({ text }));
    if (delayNs > 0n) tables.changes.setSchedule(rowid, SCHEDULE_STATE.pending, date);
    const reasons = [isReworded ? "content" : [], delayNs > 0n ? "schedule" : []] as const;
    seeMessage(tables, rowid, ...reasons.flat());
  });
  return [rowid];
}

/** It is given up: iCloud is told to forget it, then the row goes. */
export function cancelSchedule({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  waitingMessage(rowid, ports);
  ports.writer.database.save((tables) => tables.changes.noteScheduleDelete(rowid));
  deleteRows([rowid], ports, (tables) => tables.changes.delete(rowid));
  return [rowid];
}

function waitingMessage(rowid: bigint, { writer }: ActPorts) {
  const message = seenMessage(writer.database.tables, rowid);
  const isWaiting =
    message.scheduleType === BigInt(SEND_LATER) && message.scheduleState === BigInt(SCHEDULE_STATE.pending);
  demand(isWaiting, "the message does not wait to be sent");
  return message;
}
