import { AssertionError, unreachable } from "@imesh/flow";
import type {
  TypedClass,
  TypedGroup,
  TypedObject,
  TypedString,
  TypedValue,
} from "../typedstream/typed-value.ts";
import type { Attributes, AttributeValue } from "./attributed-body.ts";
import { encodeUtf8 } from "./utf8.ts";

const object = classOf("NSObject", 0, null);
const attributedString = classOf("NSAttributedString", 0, object);
const string = classOf("NSString", 1, object);
const value = classOf("NSValue", 0, object);

/** The Foundation classes of a body, with the versions they archive under. */
export const FOUNDATION_CLASS = {
  attributedString,
  mutableAttributedString: classOf("NSMutableAttributedString", 0, attributedString),
  string,
  mutableString: classOf("NSMutableString", 1, string),
  dictionary: classOf("NSDictionary", 0, object),
  array: classOf("NSArray", 0, object),
  number: classOf("NSNumber", 0, value),
  data: classOf("NSData", 0, object),
  url: classOf("NSURL", 0, object),
  date: classOf("NSDate", 0, object),
  null: classOf("NSNull", 0, object),
} as const;

/** Where Foundation's own archives differ. */
export interface FoundationOptions {
  /** The type that integers get: i on a Mac, q on iOS. */
  readonly integerType: "i" | "q";
  /** Whether equal keys of dictionaries are one string, or new every time. */
  readonly sharesNames: boolean;
}

/**
 * Builds archived Foundation objects for one body, sharing what Foundation shares: equal numbers are one instance (they are
 * tagged pointers or cached), and so are the type letters. One AttributeValue is one instance wherever it stands, as the
 * link under half-bold words is; equal ones are two.
 */
export class FoundationObjects {
  readonly #options: FoundationOptions;
  readonly #names = new Map<string, TypedObject>();
  readonly #instances = new Map<AttributeValue, TypedObject>();
  readonly #numbers = new Map<string, TypedObject>();
  readonly #typeLetters = new Map<string, TypedString>();

  constructor(options: FoundationOptions) {
    this.#options = options;
  }

  string(text: string, itsClass: TypedClass = FOUNDATION_CLASS.string): TypedObject {
    return objectOf(itsClass, [group("+", { kind: "bytes", bytes: encodeUtf8(text) })]);
  }

  dictionary(attributes: Attributes): TypedObject {
    const groups = [group("i", { kind: "integer", value: attributes.size })];
    for (const [name, attribute] of attributes) {
      groups.push(group("@", this.#name(name)), group("@", this.value(attribute)));
    }
    return objectOf(FOUNDATION_CLASS.dictionary, groups);
  }

  #name(text: string): TypedObject {
    const known = this.#options.sharesNames ? this.#names.get(text) : undefined;
    const name = known ?? this.string(text);
    this.#names.set(text, name);
    return name;
  }

  /** An "opaque" value cannot be written: AssertionError. */
  value(attribute: AttributeValue): TypedObject {
    const known = this.#instances.get(attribute);
    if (known !== undefined) {
      return known;
    }
    const added = this.#newValue(attribute);
    this.#instances.set(attribute, added);
    return added;
  }

  #newValue(attribute: AttributeValue): TypedObject {
    switch (attribute.kind) {
      case "string":
        return this.string(attribute.value);
      case "integer":
        return this.#integer(attribute.value);
      case "real":
        return this.#number("d", { kind: "real", value: attribute.value });
      case "boolean":
        return this.#number("c", { kind: "integer", value: attribute.value ? 1 : 0 });
      case "data":
        return objectOf(FOUNDATION_CLASS.data, [
          group("i", { kind: "integer", value: attribute.value.length }),
          group(`[${attribute.value.length}c]`, { kind: "bytes", bytes: attribute.value }),
        ]);
      case "url":
        return objectOf(FOUNDATION_CLASS.url, [
          group("c", { kind: "integer", value: 0 }),
          group("@", this.string(attribute.value)),
        ]);
      case "date":
        return objectOf(FOUNDATION_CLASS.date, [
          group("d", { kind: "real", value: attribute.secondsSince2001 }),
        ]);
      case "dictionary":
        return this.dictionary(attribute.entries);
      case "array":
        return objectOf(FOUNDATION_CLASS.array, [
          group("i", { kind: "integer", value: attribute.items.length }),
          ...attribute.items.map((item) => group("@", this.value(item))),
        ]);
      case "null":
        return objectOf(FOUNDATION_CLASS.null, []);
      case "opaque":
        throw new AssertionError("Broken fact: an opaque value is never written");
      default:
        return unreachable(attribute);
    }
  }

  #integer(integer: bigint): TypedObject {
    const isSmall = integer === BigInt.asIntN(32, integer);
    return isSmall && this.#options.integerType === "i"
      ? this.#number("i", { kind: "integer", value: Number(integer) })
      : this.#number("q", { kind: "long", value: integer });
  }

  #number(typeLetter: string, number: Extract<TypedValue, { value: unknown }>): TypedObject {
    const key = `${typeLetter}${Object.is(number.value, -0) ? "-0" : number.value}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      return known;
    }
    const added = objectOf(FOUNDATION_CLASS.number, [
      group("*", this.#typeLetter(typeLetter)),
      group(typeLetter, number),
    ]);
    this.#numbers.set(key, added);
    return added;
  }

  #typeLetter(text: string): TypedString {
    const known = this.#typeLetters.get(text);
    if (known !== undefined) {
      return known;
    }
    const added: TypedString = { kind: "c-string", text };
    this.#typeLetters.set(text, added);
    return added;
  }
}

function classOf(name: string, version: number, superclass: TypedClass | null): TypedClass {
  return { kind: "class", name, version, superclass };
}

function objectOf(itsClass: TypedClass, groups: readonly TypedGroup[]): TypedObject {
  return { kind: "object", class: itsClass, groups };
}

function group(encoding: string, content: TypedValue): TypedGroup {
  return { encoding, values: [content] };
}
