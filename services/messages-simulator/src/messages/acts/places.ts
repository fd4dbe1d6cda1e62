import type { StoredChat } from "../../mac/chat-tables.ts";
import { canonicalAddress, directAddress, directChatGuid, groupIdentifier } from "../address.ts";
import { ensureChat, findChat } from "../chats.ts";
import { SERVICE } from "../message-rows.ts";
import { OrderRefusedError } from "../say-order.ts";
import { type ActPorts, NotThereError } from "./act.ts";
import { type Actor, contactAddress } from "./people.ts";
import type { PlaceOrder } from "./shapes.ts";

const SERVICE_FORM = /^[A-Za-z]{1,32}$/;
/** What sends codes and reminders: digits, or a name. */
const SHORT_CODE_FORM = /^[A-Za-z0-9]{3,11}$/;

/** Where something will be said, checked, before anything is written. */
export interface Place {
  /** The chat, if it is there. */
  readonly known: StoredChat | undefined;
  /** The chat and who acts in it, made where they are missing: writes T1 and T2. */
  readonly make: () => { readonly chat: StoredChat; readonly actor: Actor };
}

/** Throws OrderRefusedError, or NotThereError where this account is to speak in a group that is not there. */
export function placeOf(order: PlaceOrder, ports: ActPorts): Place {
  const service = order.service === "" ? SERVICE : order.service;
  if (!SERVICE_FORM.test(service)) throw new OrderRefusedError("service", "must be 1 to 32 letters or empty");
  return order.from === "" ? ownPlace(order.chatGuid, service, ports) : contactPlace(order, service, ports);
}

function ownPlace(chatGuid: string, service: string, { writer, random }: ActPorts): Place {
  const { database, account } = writer;
  if (chatGuid === "") throw new OrderRefusedError("chat_guid", "must not be empty for this account");
  const actor: Actor = { isOwn: true, handleRowid: 0n };
  const known = findChat(database.tables, chatGuid);
  if (known !== undefined) return { known, make: () => ({ chat: known, actor }) };
  const address = directAddress(chatGuid);
  if (address === undefined) throw new NotThereError("chat");
  const order = { address, groupGuid: undefined, groupId: random.uuid().toUpperCase(), service };
  return { known, make: () => ({ chat: ensureChat(database, order, account).chat, actor }) };
}

function contactPlace({ from, chatGuid }: PlaceOrder, service: string, ports: ActPorts): Place {
  const { database, account } = ports.writer;
  const isContact = service === SERVICE || canonicalAddress(from) !== undefined;
  const address = isContact ? contactAddress(from, "from", account) : from;
  if (!isContact && !SHORT_CODE_FORM.test(from)) {
    throw new OrderRefusedError("from", "must be E.164, mail, or 3 to 11 letters and digits");
  }
  const isDirect = chatGuid === "" || chatGuid.endsWith(`;-;${address}`);
  if (!isDirect && groupIdentifier(chatGuid) === undefined) {
    throw new OrderRefusedError("chat_guid", "must be a group's guid, the contact's own or empty");
  }
  const groupGuid = isDirect ? undefined : chatGuid;
  const order = { address, groupGuid, groupId: ports.random.uuid().toUpperCase(), service };
  return {
    known: findChat(database.tables, groupGuid ?? directChatGuid(address, service)),
    make: () => {
      const { chat, handleRowid } = ensureChat(database, order, account);
      return { chat, actor: { isOwn: false, handleRowid } };
    },
  };
}
