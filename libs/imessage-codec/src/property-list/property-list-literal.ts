import type { PropertyListValue } from "./property-list-value.ts";

/**
 * A property list as a program writes it down. A bigint is an integer and a number is a real, always: 1n and
 * 1 are two things, as they are to whoever reads the file. Dates, UIDs and sets are given as values.
 */
export type PropertyListLiteral =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly PropertyListLiteral[]
  | ReadonlyMap<string, PropertyListLiteral>
  | PropertyListValue;

/**
 * The value that a literal stands for; values inside it are taken as they are. For whoever composes a
 * property list.
 */
export function propertyListOf(literal: PropertyListLiteral): PropertyListValue {
  switch (typeof literal) {
    case "string":
      return { kind: "string", value: literal };
    case "bigint":
      return { kind: "integer", value: literal };
    case "number":
      return { kind: "real", value: literal };
    case "boolean":
      return { kind: "boolean", value: literal };
    default:
      break;
  }
  if (literal === null) {
    return { kind: "null" };
  }
  if (literal instanceof Uint8Array) {
    return { kind: "data", value: literal };
  }
  if (isList(literal)) {
    return { kind: "array", items: literal.map(propertyListOf) };
  }
  if (literal instanceof Map) {
    const entries = [...(literal as ReadonlyMap<string, PropertyListLiteral>)];
    return {
      kind: "dictionary",
      entries: new Map(entries.map(([key, item]) => [key, propertyListOf(item)])),
    };
  }
  // What is left is a value; TypeScript cannot tell it from a ReadonlyMap.
  return literal as PropertyListValue;
}

function isList(literal: PropertyListLiteral): literal is readonly PropertyListLiteral[] {
  return Array.isArray(literal);
}
