import type {
  TypedBytes,
  TypedClass,
  TypedGroup,
  TypedObject,
  TypedValue,
} from "../typedstream/typed-value.ts";
import type { AttributeValue } from "./attributed-body.ts";
import { KIND, kindsOf, leadingKind } from "./foundation-kind.ts";
import { LongStrings } from "./long-strings.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Real values nest 2 deep. Deeper is reachable without deep nesting in the bytes, through references. */
export const NESTING_MAX = 8;

/** Beyond some 16,000 units V8 looks only at the length of a key, and then compares it whole with each key as long. */
export const KEY_LENGTH_MAX = 1024;

/**
 * Turns archived Foundation objects into plain values. One instance serves one body: each object is converted
 * once however often it is referred to, so that nested sharing cannot multiply; a cycle ends in "opaque".
 */
export class FoundationValues {
  readonly #converted = new Map<TypedObject, AttributeValue>();
  readonly #kinds = new Map<TypedClass, number>();
  readonly #longStrings = new LongStrings();
  #nesting = 0;

  /** Never throws: what is not understood is "opaque". */
  convert(value: TypedValue | undefined): AttributeValue {
    if (value === undefined || value.kind !== "object") {
      return value?.kind === "nil" ? { kind: "null" } : { kind: "opaque", className: "" };
    }
    const known = this.#converted.get(value);
    if (known !== undefined) {
      return known;
    }
    const opaque: AttributeValue = { kind: "opaque", className: value.class.name };
    this.#converted.set(value, opaque);
    if (this.#nesting === NESTING_MAX) {
      return opaque;
    }
    this.#nesting += 1;
    const converted = this.#convertObject(value) ?? opaque;
    this.#nesting -= 1;
    this.#converted.set(value, converted);
    return converted;
  }

  #convertObject(object: TypedObject): AttributeValue | null {
    switch (leadingKind(this.#kindsOf(object.class))) {
      case KIND.number:
        return numberOf(object);
      case KIND.string: {
        const bytes = contentOfString(object);
        const value = bytes === null ? null : decodeUtf8(bytes.bytes);
        return value === null ? null : { kind: "string", value: this.#longStrings.sole(value) };
      }
      case KIND.data: {
        const value = object.groups[1]?.values[0];
        return value?.kind === "bytes" ? { kind: "data", value: value.bytes } : null;
      }
      case KIND.dictionary:
        return this.#dictionary(object);
      case KIND.array: {
        const items = countedObjects(object, 1);
        return items === null ? null : { kind: "array", items: items.map((item) => this.convert(item)) };
      }
      case KIND.url:
        return this.#url(object);
      case KIND.date: {
        const seconds = object.groups[0]?.values[0];
        return seconds?.kind === "real" ? { kind: "date", secondsSince2001: seconds.value } : null;
      }
      case KIND.null:
        return { kind: "null" };
      default:
        return null;
    }
  }

  #kindsOf(itsClass: TypedClass): number {
    const known = this.#kinds.get(itsClass);
    if (known !== undefined) {
      return known;
    }
    const kinds = kindsOf(itsClass);
    this.#kinds.set(itsClass, kinds);
    return kinds;
  }

  // Keys are converted like values: one key may serve many entries.
  #dictionary(object: TypedObject): AttributeValue | null {
    const items = countedObjects(object, 2);
    if (items === null) {
      return null;
    }
    const entries = new Map<string, AttributeValue>();
    for (let index = 0; index < items.length; index += 2) {
      const key = this.convert(items[index]);
      if (key.kind === "string" && key.value.length <= KEY_LENGTH_MAX) {
        entries.set(key.value, this.convert(items[index + 1]));
      }
    }
    return { kind: "dictionary", entries };
  }

  // Whether it is relative to another url; if so that url; the string.
  #url(object: TypedObject): AttributeValue | null {
    const isRelative = object.groups[0]?.values[0];
    const string = this.convert(object.groups[1]?.values[0]);
    const isAbsolute = isRelative?.kind === "integer" && isRelative.value === 0;
    return isAbsolute && string.kind === "string" ? { kind: "url", value: string.value } : null;
  }
}

/** The bytes of an NSString, or null when the object is none. They are not necessarily UTF-8. */
export function stringBytesOf(object: TypedObject): TypedBytes | null {
  return (kindsOf(object.class) & KIND.string) !== 0 ? contentOfString(object) : null;
}

function contentOfString(object: TypedObject): TypedBytes | null {
  const content = object.groups[0];
  const bytes = content?.encoding === "+" ? content.values[0] : undefined;
  return bytes?.kind === "bytes" && object.groups.length === 1 ? bytes : null;
}

// A C-string with the letter of the type, then a group of that type.
function numberOf(object: TypedObject): AttributeValue | null {
  const group = object.groups[1];
  const value = group?.values[0];
  switch (value?.kind) {
    case "integer":
      return group?.encoding === "c" && (value.value === 0 || value.value === 1)
        ? { kind: "boolean", value: value.value === 1 }
        : { kind: "integer", value: BigInt(value.value) };
    case "long":
      return { kind: "integer", value: value.value };
    case "real":
      return { kind: "real", value: value.value };
    default:
      return null;
  }
}

// A count, then `objectsPerItem` objects for each counted item; null unless exactly that many are there.
function countedObjects(object: TypedObject, objectsPerItem: 1 | 2): readonly TypedValue[] | null {
  const [head, ...rest] = object.groups;
  const count = head?.values[0];
  if (
    count?.kind !== "integer" ||
    head?.values.length !== 1 ||
    rest.length !== count.value * objectsPerItem
  ) {
    return null;
  }
  return rest.every(isSingleObject) ? rest.map((group) => group.values[0] as TypedValue) : null;
}

function isSingleObject(group: TypedGroup): boolean {
  return group.encoding === "@";
}
