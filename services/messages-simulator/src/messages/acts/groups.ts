import type { PropertyListLiteral } from "@imesh/imessage-codec";
import type { SpecialColumns } from "../../mac/new-message.ts";
import { readEntries, writeEntries } from "../../mac/property-lists.ts";
import type { Tables } from "../../mac/tables.ts";
import { ensureHandle } from "../chats.ts";
import { OrderRefusedError } from "../say-order.ts";
import { seeChat } from "../see.ts";
import {
  type ActPorts,
  appleNow,
  demand,
  type MembershipAct,
  type PhotoAct,
  type RenameAct,
  type TouchedMessages,
} from "./act.ts";
import { attachmentFilename, kindOf } from "./attachment-files.ts";
import { permanentGuid, STATE_FINISHED } from "./attachments.ts";
import { ITEM, writeLine } from "./group-lines.ts";
import { type Actor, actorIn, contactAddress, namedGroup } from "./people.ts";
import type { NumberAct } from "./shapes.ts";

/** group_action_type of the rows that tell of groups (docs/chat-db.md §8). */
const PARTICIPANT = { added: 0, removed: 1 } as const;
const GROUP = { left: 0, photoChanged: 1, photoRemoved: 2 } as const;

const NAME_UNITS_MAX = 1_000;
const PHOTO_NAME = "GroupPhotoImage";
const PHOTO_BYTES = { min: 2_000, max: 60_000 } as const;
/** Key of `chat.properties` that names the photo's attachment. */
const PHOTO_KEY = "groupPhotoGuid";
const NS_PER_S = 1_000_000_000n;

/** A group gets another name: the row that says so, its join, the chat's column, a save each. */
export async function renameChat(order: RenameAct, ports: ActPorts): Promise<TouchedMessages> {
  const { name } = order;
  if (name.length > NAME_UNITS_MAX) {
    throw new OrderRefusedError("name", `must have at most ${NAME_UNITS_MAX} UTF-16 code units`);
  }
  const { database, account } = ports.writer;
  const chat = namedGroup(database.tables, order.chatGuid);
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  demand(chat.displayName !== name, "the group has that name already");
  const special = { itemType: ITEM.rename, groupTitle: name === "" ? null : name };
  const rowid = await writeLine({ chat, actor, special }, ports);
  database.save((tables) => {
    tables.chatChanges.setName(chat.rowid, name);
    seeChat(tables, chat.rowid, "name");
  });
  return [rowid];
}

/** Somebody comes, is removed or leaves: the row that says so, its join, the membership, a save each. */
export async function changeMembership(order: MembershipAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const address = contactAddress(order.address, "address", account);
  const chat = namedGroup(database.tables, order.chatGuid);
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  const member = database.tables.chats.participant(chat.rowid, address);
  if (order.isAdded) demand(member === undefined, "the contact is in the chat already");
  else demand(member !== undefined, "the contact is not in the chat");
  const handleRowid = member ?? ensureHandle(database, address);
  const special = membershipColumns(order.isAdded, handleRowid, actor);
  const rowid = await writeLine({ chat, actor, special }, ports);
  database.save((tables) => {
    if (order.isAdded) tables.chats.insertParticipant(chat.rowid, handleRowid);
    else tables.chats.removeParticipant(chat.rowid, handleRowid);
    seeChat(tables, chat.rowid, "members");
  });
  return [rowid];
}

function membershipColumns(isAdded: boolean, handleRowid: bigint, actor: Actor): SpecialColumns {
  if (isAdded) {
    const groupActionType = PARTICIPANT.added;
    return { itemType: ITEM.participant, groupActionType, otherHandleRowid: handleRowid };
  }
  if (actor.handleRowid === handleRowid) return { itemType: ITEM.group, groupActionType: GROUP.left };
  const groupActionType = PARTICIPANT.removed;
  return { itemType: ITEM.participant, groupActionType, otherHandleRowid: handleRowid };
}

/**
 * A member has another address from now on: Messages tells it as one who added themself (docs/chat-db.md §8). The row, its join, the
 * membership, a save each.
 */
export async function changeNumber(order: NumberAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const address = contactAddress(order.address, "address", account);
  const newAddress = contactAddress(order.newAddress, "new_address", account);
  const chat = namedGroup(database.tables, order.chatGuid);
  const former = database.tables.chats.participant(chat.rowid, address);
  demand(former !== undefined, "the contact is not in the chat");
  const isTaken = database.tables.chats.participant(chat.rowid, newAddress) !== undefined;
  demand(!isTaken, "the new address is in the chat already");
  const handleRowid = ensureHandle(database, newAddress);
  const actor: Actor = { isOwn: false, handleRowid };
  const rowid = await writeLine({ chat, actor, special: membershipColumns(true, handleRowid, actor) }, ports);
  database.save((tables) => {
    tables.chats.insertParticipant(chat.rowid, handleRowid);
    tables.chats.removeParticipant(chat.rowid, former);
    seeChat(tables, chat.rowid, "members");
  });
  return [rowid];
}

/** A group's photo comes or goes: the row that says so, with the picture as its attachment, its join, the chat's properties. */
export async function changePhoto(order: PhotoAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const chat = namedGroup(database.tables, order.chatGuid);
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  const hasPhoto = readEntries(chat.properties).has(PHOTO_KEY);
  demand(!order.isRemoved || hasPhoto, "the group has no photo");
  const groupActionType = order.isRemoved ? GROUP.photoRemoved : GROUP.photoChanged;
  const special = { itemType: ITEM.group, groupActionType };
  const guid = ports.random.uuid().toUpperCase();
  const photo = order.isRemoved ? undefined : makePhoto(guid, ports);
  const attach = (tables: Tables, rowid: bigint) => {
    if (photo !== undefined) tables.attachments.join(rowid, tables.attachments.insert(photo));
  };
  const rowid = await writeLine({ chat, actor, special, guid, attach }, ports);
  const properties = new Map<string, PropertyListLiteral>(readEntries(chat.properties));
  if (photo === undefined) properties.delete(PHOTO_KEY);
  else properties.set(PHOTO_KEY, photo.guid);
  database.save((tables) => {
    tables.chatChanges.setProperties(chat.rowid, writeEntries(properties));
    seeChat(tables, chat.rowid, "properties");
  });
  return [rowid];
}

function makePhoto(messageGuid: string, ports: ActPorts) {
  const guid = permanentGuid(0, messageGuid);
  const file = { filename: attachmentFilename(guid, PHOTO_NAME), ...kindOf(PHOTO_NAME) };
  const sizeBytes = ports.random.integer(PHOTO_BYTES.min, PHOTO_BYTES.max);
  ports.files.write(file.filename, sizeBytes);
  return {
    guid,
    originalGuid: guid,
    createdSeconds: appleNow(ports) / NS_PER_S,
    transferState: STATE_FINISHED,
    transferName: PHOTO_NAME,
    totalBytes: BigInt(sizeBytes),
    file,
  };
}
