import type { PropertyListLiteral } from "@imesh/imessage-codec";
import { CHAT_STATE } from "../../mac/chat-tables.ts";
import { readEntries, writeEntries } from "../../mac/property-lists.ts";
import { seeChat } from "../see.ts";
import { type ActPorts, demand, type TouchedMessages } from "./act.ts";
import { ITEM, writeLine } from "./group-lines.ts";
import { actorIn, namedChat, namedGroup } from "./people.ts";
import type { BackgroundAct, OwnMembershipAct } from "./shapes.ts";

/** group_action_type (docs/chat-db.md §8). */
const GROUP = { left: 0, backgroundSet: 4, backgroundCleared: 6 } as const;

/** Key of `chat.properties` for the picture behind the messages. */
const BACKGROUND_KEY = "backgroundProperties";
const BACKGROUND_BYTES = { min: 40_000, max: 4_000_000 } as const;

/** A picture behind a chat comes or goes: the row that says so, its join, the chat's properties. */
export async function changeBackground(order: BackgroundAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const chat = namedChat(database.tables, order.chatGuid);
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  const properties = new Map<string, PropertyListLiteral>(readEntries(chat.properties));
  demand(!order.isRemoved || properties.has(BACKGROUND_KEY), "the chat has no background");
  const groupActionType = order.isRemoved ? GROUP.backgroundCleared : GROUP.backgroundSet;
  const rowid = await writeLine({ chat, actor, special: { itemType: ITEM.group, groupActionType } }, ports);
  if (order.isRemoved) properties.delete(BACKGROUND_KEY);
  else properties.set(BACKGROUND_KEY, background(ports));
  database.save((tables) => {
    tables.chatChanges.setProperties(chat.rowid, writeEntries(properties));
    seeChat(tables, chat.rowid, "properties");
  });
  return [rowid];
}

function background({ random }: ActPorts): PropertyListLiteral {
  const uuid = () => random.uuid().toUpperCase();
  return new Map<string, PropertyListLiteral>([
    ["trabaid", uuid()],
    ["trabar", `https://example.com/background/${random.integer(1, 1_000_000)}`],
    ["trabas", uuid()],
    ["traboid", uuid()],
    ["trabafs", BigInt(random.integer(BACKGROUND_BYTES.min, BACKGROUND_BYTES.max))],
    ["trabapv", 1n],
    ["trabav", 1n],
    ["trabaCommSafety", 0n],
  ]);
}

/** This account leaves a group, with a line, or is in it again: what can be read is the chat's state. */
export async function changeOwnMembership(
  order: OwnMembershipAct,
  ports: ActPorts,
): Promise<TouchedMessages> {
  const { database } = ports.writer;
  const chat = namedGroup(database.tables, order.chatGuid);
  const state = order.isMember ? CHAT_STATE.joined : CHAT_STATE.left;
  demand(
    Number(chat.state) !== state,
    order.isMember ? "the account is in the group" : "the account has left",
  );
  const actor = { isOwn: true, handleRowid: 0n };
  const special = { itemType: ITEM.group, groupActionType: GROUP.left };
  const rowids = order.isMember ? [] : [await writeLine({ chat, actor, special }, ports)];
  database.save((tables) => {
    tables.chatChanges.setState(chat.rowid, state);
    seeChat(tables, chat.rowid, "state");
  });
  return rowids;
}
