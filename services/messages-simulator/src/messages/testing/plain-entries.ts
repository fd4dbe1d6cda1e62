import type { PropertyListValue } from "@imesh/imessage-codec";
import { readEntries } from "../../mac/property-lists.ts";

/** A property list without the names of its types: a bigint is an integer, a number a real. */
export type PlainValue =
  | null
  | string
  | bigint
  | number
  | boolean
  | Uint8Array
  | readonly PlainValue[]
  | ReadonlyMap<string, PlainValue>;

/** The dictionary in a column, for assertions. */
export function plainEntries(column: Uint8Array | null): ReadonlyMap<string, PlainValue> {
  return new Map([...readEntries(column)].map(([key, value]) => [key, plain(value)]));
}

function plain(value: PropertyListValue): PlainValue {
  switch (value.kind) {
    case "null":
      return null;
    case "date":
      return value.secondsSince2001;
    case "data":
      return Uint8Array.from(value.value);
    case "array":
    case "set":
      return value.items.map(plain);
    case "dictionary":
      return new Map([...value.entries].map(([key, item]) => [key, plain(item)]));
    default:
      return value.kind === "uid" ? `uid ${value.value}` : value.value;
  }
}
