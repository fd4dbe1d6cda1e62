import { type HandleRef, isHandleAddress, personKeyOf } from "@imesh/imessage-model";
import type { Person } from "./decoded-row.ts";

/** No contact's id is longer; a longer one is not kept at all, because half of one would be another's. */
const CONTACT_ID_UNITS_MAX = 256;

/** No country code or service has so many. */
const WORD_UNITS_MAX = 64;

/** The person of a handle row; null for an address that cannot be one. Total. */
export function personOf(handle: HandleRef): Person | null {
  const { address, service, country, contactId } = handle;
  if (!isHandleAddress(address)) {
    return null;
  }
  return {
    address,
    service: service.slice(0, WORD_UNITS_MAX),
    key: personKeyOf(address),
    contactId: contactId === "" || (contactId?.length ?? 0) > CONTACT_ID_UNITS_MAX ? null : contactId,
    country: country === "" || (country?.length ?? 0) > WORD_UNITS_MAX ? null : country,
  };
}
