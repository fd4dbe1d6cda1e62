import { type Sender, Direction as WireDirection } from "@imesh/contracts/bridge/v1/event";
import type { Person } from "@imesh/imessage-codec";
import type { Direction } from "@imesh/imessage-model";
import type { EventRoom } from "./event-room.ts";

/** Whose it is, in the wire's words. */
export const DIRECTIONS: Readonly<Record<Direction, WireDirection>> = {
  incoming: WireDirection.INCOMING,
  own: WireDirection.OWN,
};

/** A person as the wire names them. */
export function personToWire(person: Person, room: EventRoom): Sender {
  return {
    address: room.id(person.address),
    service: room.id(person.service),
    personKey: room.id(person.key),
    contactId: room.id(person.contactId),
    country: room.id(person.country),
  };
}

/** As {@link personToWire}; undefined for null. */
export function optionalPersonToWire(person: Person | null, room: EventRoom): Sender | undefined {
  return person === null ? undefined : personToWire(person, room);
}

/** Who did something: `direction` and `sender` of the wire. */
export function authorToWire(
  author: { readonly direction: Direction; readonly sender: Person | null },
  room: EventRoom,
): { readonly direction: WireDirection; readonly sender: Sender | undefined } {
  return {
    direction: DIRECTIONS[author.direction],
    sender: optionalPersonToWire(author.sender, room),
  };
}
