import { assert, unreachable } from "@imesh/flow";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { propertyListOf } from "../property-list/property-list-literal.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import { ARCHIVE, ARCHIVE_DEPTH_MAX, FOUNDATION_KEY } from "./archive-keys.ts";
import type { ArchivedDictionary, ArchivedObject, ArchivedText, ArchivedValue } from "./archived-value.ts";
import { encodeRunInfo } from "./attributed-string-form.ts";
import { bytesOfUuid } from "./uuid-bytes.ts";

/**
 * Writes a document of NSKeyedArchiver with the given objects by name: what tests and simulators make
 * payloads with. Equal scalars and the same instance of anything else are written once; decodeKeyedArchive()
 * gives the values back, and a reference where a value holds itself. References and a nesting above 64 are
 * the caller's defect (AssertionError).
 */
export function encodeKeyedArchive(top: ReadonlyMap<string, ArchivedValue>): Uint8Array {
  const writer = new ArchiveWriter();
  const names = [...top].map(([name, value]): [string, PropertyListValue] => [
    name,
    writer.reference(value, 0),
  ]);
  return encodePropertyList(
    propertyListOf(
      new Map<string, bigint | string | PropertyListValue>([
        [ARCHIVE.versionKey, ARCHIVE.version],
        [ARCHIVE.archiverKey, ARCHIVE.archiver],
        [ARCHIVE.topKey, { kind: "dictionary", entries: new Map(names) }],
        [ARCHIVE.objectsKey, { kind: "array", items: writer.objects }],
      ]),
    ),
  );
}

/** An object of the archive while it is written: class and fields. */
type Fields = readonly (readonly [string, PropertyListValue])[];

class ArchiveWriter {
  readonly objects: PropertyListValue[] = [{ kind: "string", value: ARCHIVE.nil }];
  readonly #numbers = new Map<ArchivedValue | string, number>();
  readonly #attributes = new Map<ReadonlyMap<string, ArchivedValue>, ArchivedDictionary>();

  /** The reference to a value, which is written unless it was. */
  reference(value: ArchivedValue, depth: number): PropertyListValue {
    return { kind: "uid", value: this.#place(value, depth) };
  }

  #place(value: ArchivedValue, depth: number): number {
    assert(depth < ARCHIVE_DEPTH_MAX, "an archive nests no deeper than readers allow");
    if (value.kind === "null") {
      return 0;
    }
    const identity = identityOf(value);
    const known = this.#numbers.get(identity);
    if (known !== undefined) {
      return known;
    }
    // The place is taken before the parts are met: an object may be its own part.
    const number = this.objects.push({ kind: "null" }) - 1;
    this.#numbers.set(identity, number);
    this.objects[number] = this.#object(value, depth + 1);
    return number;
  }

  #object(value: Exclude<ArchivedValue, { kind: "null" }>, depth: number): PropertyListValue {
    switch (value.kind) {
      case "boolean":
      case "integer":
      case "real":
      case "string":
      case "data":
        return value;
      case "date":
        return this.#instance("NSDate", [
          [FOUNDATION_KEY.time, { kind: "real", value: value.secondsSince2001 }],
        ]);
      case "url":
        return this.#url(value, depth);
      case "uuid":
        return this.#instance("NSUUID", [
          [FOUNDATION_KEY.uuidBytes, { kind: "data", value: bytesOfUuid(value.value) }],
        ]);
      case "array":
      case "set":
        return this.#instance(value.kind === "array" ? "NSArray" : "NSSet", [
          [FOUNDATION_KEY.objects, this.#references(value.items, depth)],
        ]);
      case "dictionary":
        return this.#dictionary(value, depth);
      case "attributed-string":
        return this.#text(value, depth);
      case "object":
        return this.#ownObject(value, depth);
      case "reference":
        return assert(false, "an archive is written from values, not from references") as never;
      default:
        return unreachable(value);
    }
  }

  #url(url: { readonly relative: string; readonly base: string | null }, depth: number): PropertyListValue {
    const base: ArchivedValue =
      url.base === null ? { kind: "null" } : { kind: "url", relative: url.base, base: null };
    return this.#instance("NSURL", [
      [FOUNDATION_KEY.base, this.reference(base, depth)],
      [FOUNDATION_KEY.relative, this.reference({ kind: "string", value: url.relative }, depth)],
    ]);
  }

  #dictionary(dictionary: ArchivedDictionary, depth: number): PropertyListValue {
    const keys = [...dictionary.entries.keys()].map((key): ArchivedValue => ({ kind: "string", value: key }));
    const others = dictionary.otherEntries;
    const values = [...dictionary.entries.values(), ...others.map(([, value]) => value)];
    return this.#instance("NSDictionary", [
      [FOUNDATION_KEY.keys, this.#references([...keys, ...others.map(([key]) => key)], depth)],
      [FOUNDATION_KEY.objects, this.#references(values, depth)],
    ]);
  }

  #text(text: ArchivedText, depth: number): PropertyListValue {
    const string: ArchivedValue = { kind: "string", value: text.text };
    const fields: (readonly [string, PropertyListValue])[] = [
      [FOUNDATION_KEY.attributedString, this.reference(string, depth)],
    ];
    const dictionaries = [...new Set(text.runs.map((run) => this.#dictionaryOf(run.attributes)))];
    const [only] = dictionaries;
    if (text.runs.length === 1 && only !== undefined) {
      fields.push([FOUNDATION_KEY.attributes, this.reference(only, depth)]);
    } else if (text.runs.length > 1) {
      const runs = text.runs.map(({ length, attributes }) => ({
        length,
        index: dictionaries.indexOf(this.#dictionaryOf(attributes)),
      }));
      const list: ArchivedValue = { kind: "array", items: dictionaries };
      const info: ArchivedValue = { kind: "data", value: encodeRunInfo(runs) };
      fields.push([FOUNDATION_KEY.attributes, this.reference(list, depth)]);
      fields.push([FOUNDATION_KEY.attributeInfo, this.reference(info, depth)]);
    }
    return this.#instance("NSAttributedString", fields);
  }

  #dictionaryOf(attributes: ReadonlyMap<string, ArchivedValue>): ArchivedDictionary {
    const known = this.#attributes.get(attributes);
    if (known !== undefined) {
      return known;
    }
    const added: ArchivedDictionary = { kind: "dictionary", entries: attributes, otherEntries: [] };
    this.#attributes.set(attributes, added);
    return added;
  }

  // Numbers stand in the object itself, as the archiver writes what is no object.
  #ownObject(object: ArchivedObject, depth: number): PropertyListValue {
    const fields = [...object.fields].map(([name, value]): [string, PropertyListValue] => {
      const isNumber = value.kind === "boolean" || value.kind === "integer" || value.kind === "real";
      return [name, isNumber ? value : this.reference(value, depth)];
    });
    return this.#instanceOf([object.className, ...object.superclassNames], fields);
  }

  #instance(className: string, fields: Fields): PropertyListValue {
    return this.#instanceOf([className, "NSObject"], fields);
  }

  #instanceOf(classNames: readonly string[], fields: Fields): PropertyListValue {
    const itsClass: PropertyListValue = { kind: "uid", value: this.#placeClass(classNames) };
    return { kind: "dictionary", entries: new Map([...fields, [ARCHIVE.classKey, itsClass]]) };
  }

  #placeClass(classNames: readonly string[]): number {
    const identity = `class ${classNames.join("\0")}`;
    const known = this.#numbers.get(identity);
    if (known !== undefined) {
      return known;
    }
    const [className = ""] = classNames;
    const itsClass = new Map<string, string | readonly string[]>([
      [ARCHIVE.classNameKey, className],
      [ARCHIVE.classChainKey, classNames],
    ]);
    const number = this.objects.push(propertyListOf(itsClass)) - 1;
    this.#numbers.set(identity, number);
    return number;
  }

  #references(values: readonly ArchivedValue[], depth: number): PropertyListValue {
    return { kind: "array", items: values.map((value) => this.reference(value, depth)) };
  }
}

// What is written once: equal scalars, as the property list below does, and the same instance of anything
// else.
function identityOf(value: ArchivedValue): ArchivedValue | string {
  switch (value.kind) {
    case "boolean":
    case "integer":
    case "string":
      return `${value.kind} ${value.value}`;
    case "real":
      return `real ${Object.is(value.value, -0) ? "-0" : value.value}`;
    case "data":
      return value.value.length === 0 ? value.kind : value;
    default:
      return value;
  }
}
