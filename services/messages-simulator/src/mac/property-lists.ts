import {
  decodePropertyListDictionary,
  encodePropertyList,
  type PropertyListLiteral,
  type PropertyListValue,
  propertyListOf,
} from "@imesh/imessage-codec";

/** A dictionary as columns hold it (`message_summary_info`, `properties`, `user_info`), in the order in which it is written. */
export type Entries = ReadonlyMap<string, PropertyListValue>;

/**
 * The dictionary in a column, NULL for an empty one. Nobody else writes into a simulated chat.db: PropertyListError is a defect.
 */
export function readEntries(column: Uint8Array | null): Entries {
  return column === null ? new Map() : decodePropertyListDictionary(column);
}

/** The bytes of a dictionary; a bigint is an integer and a number a real. */
export function writeEntries(entries: ReadonlyMap<string, PropertyListLiteral>): Uint8Array {
  return encodePropertyList(propertyListOf(entries));
}
