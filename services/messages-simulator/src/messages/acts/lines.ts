import { type ActPorts, demand, NotThereError, type TouchedMessages, writtenMessage } from "./act.ts";
import { ITEM, writeLine } from "./group-lines.ts";
import { actorIn, namedChat } from "./people.ts";
import type { CallAct, KeepAudioAct, LocationAct } from "./shapes.ts";

/** `message_action_type` of a voice message that was kept. */
const ACTION_KEPT = 1;
const SHARE = { started: 0, stopped: 1 } as const;
const DIRECTION = { incoming: 0, outgoing: 1 } as const;

/** Somebody begins or ends sharing a location with a chat: a line. */
export async function shareLocation(order: LocationAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const chat = namedChat(database.tables, order.chatGuid);
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  const special = {
    itemType: ITEM.location,
    shareStatus: order.isStopped ? SHARE.stopped : SHARE.started,
    shareDirection: actor.isOwn ? DIRECTION.outgoing : DIRECTION.incoming,
    otherHandleRowid: actor.handleRowid,
  };
  return [await writeLine({ chat, actor, special }, ports)];
}

/** A FaceTime call: a line. */
export async function call(order: CallAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const chat = namedChat(database.tables, order.chatGuid);
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  return [await writeLine({ chat, actor, special: { itemType: ITEM.call } }, ports)];
}

/** Somebody keeps a voice message that would have expired: a line that names it. */
export async function keepAudio(order: KeepAudioAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const message = writtenMessage(database.tables, order.rowid);
  demand(message.isAudioMessage === 1n, "the message is no voice message");
  const chat = database.tables.chats.facts(message.chat.guid);
  if (chat === undefined) throw new NotThereError("chat");
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  const special = { itemType: ITEM.action, messageActionType: ACTION_KEPT, associatedGuid: message.guid };
  return [await writeLine({ chat, actor, special }, ports)];
}
