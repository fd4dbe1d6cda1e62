import { unreachable } from "@imesh/flow";
import type {
  PropertyListValue,
  TypedClass,
  TypedGroup,
  TypedObject,
  TypedStream,
  TypedValue,
} from "@imesh/imessage-codec";
import type { PlainRecord, PlainValue } from "./plain-value.ts";
import type { PlainWriter } from "./plain-writer.ts";

/**
 * A typedstream as it is: every group under its type encoding. Objects are numbered from 1 as they appear; one that
 * appears again is a reference, so that streams whose objects hold each other end all the same.
 */
export function typedStreamTree(stream: TypedStream, writer: PlainWriter): PlainRecord {
  const oddForms =
    stream.oddForms === undefined ? 0 : stream.oddForms.numbers.size + stream.oddForms.strings.size;
  return new Map<string, PlainValue>([
    ["systemVersion", stream.systemVersion],
    ["isBigEndian", stream.isBigEndian ?? false],
    ["oddForms", oddForms],
    ["groups", new TypedTree(writer).groups(stream.groups)],
  ]);
}

class TypedTree {
  readonly #writer: PlainWriter;
  readonly #numbers = new Map<TypedObject, number>();

  constructor(writer: PlainWriter) {
    this.#writer = writer;
  }

  groups(groups: readonly TypedGroup[]): PlainValue[] {
    return this.#writer.list(groups, ({ encoding, values }) => {
      const plain = this.#writer.list(values, (value) => this.#value(value));
      return new Map([[this.#writer.text(encoding), plain.length === 1 ? (plain[0] ?? null) : plain]]);
    });
  }

  #value(value: TypedValue): PlainValue {
    switch (value.kind) {
      case "integer":
      case "long":
      case "real":
        return value.value;
      case "bytes":
        return value.bytes;
      case "atom":
        return new Map([["atom", this.#writer.text(value.text)]]);
      case "c-string":
        return new Map([["c-string", this.#writer.text(value.text)]]);
      case "class":
        return new Map([["class", this.#writer.text(classText(value))]]);
      case "object":
        return this.#object(value);
      case "list":
        return this.#writer.list(value.items, (item) => this.#value(item));
      case "nil":
        return null;
      default:
        return unreachable(value);
    }
  }

  #object(object: TypedObject): PlainRecord {
    const known = this.#numbers.get(object);
    if (known !== undefined) return new Map([["reference", known]]);
    const number = this.#numbers.size + 1;
    this.#numbers.set(object, number);
    return new Map<string, PlainValue>([
      ["object", number],
      ["class", this.#writer.text(classText(object.class))],
      ["groups", this.groups(object.groups)],
    ]);
  }
}

/** "NSMutableString 1 < NSString 1 < NSObject 0": names and versions up to the root. Chains are 32 long at most. */
function classText(of: TypedClass): string {
  const names: string[] = [];
  for (let each: TypedClass | null = of; each !== null; each = each.superclass) {
    names.push(`${each.name} ${each.version}`);
  }
  return names.join(" < ");
}

/** A property list as it is: every value with its type. */
export function propertyListTree(value: PropertyListValue, writer: PlainWriter): PlainValue {
  switch (value.kind) {
    case "null":
      return null;
    case "boolean":
    case "integer":
    case "real":
    case "uid":
      return new Map([[value.kind, value.value]]);
    case "date":
      return new Map([["date", value.secondsSince2001]]);
    case "data":
      return value.value;
    case "string":
      return writer.text(value.value);
    case "array":
    case "set":
      return new Map([[value.kind, writer.list(value.items, (item) => propertyListTree(item, writer))]]);
    case "dictionary":
      return new Map([
        ["dictionary", writer.record(value.entries, (item) => propertyListTree(item, writer))],
      ]);
    default:
      return unreachable(value);
  }
}
