import type { PropertyListValue } from "../property-list/property-list-value.ts";
import { FOUNDATION_KEY } from "./archive-keys.ts";
import type { ArchivedClass } from "./archive-reader.ts";
import { ARCHIVED_NULL, type ArchivedValue } from "./archived-value.ts";
import { readAttributedString } from "./attributed-string-form.ts";
import { KeyedArchiveError } from "./keyed-archive-error.ts";
import { uuidOfBytes } from "./uuid-bytes.ts";

/** What a form needs of the reader of the archive; both throw KeyedArchiveError. */
export interface ArchivePort {
  /** Called once for every value inside the object. */
  readonly read: (value: PropertyListValue) => ArchivedValue;
  /** Called before making values that are not read one by one. */
  spend(count: number): void;
}

type Entries = ReadonlyMap<string, PropertyListValue>;
type Form = (entries: Entries, port: ArchivePort) => ArchivedValue | null;

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["NSDictionary", readDictionary],
  ["NSArray", (entries, port) => readItems("array", entries, port)],
  ["NSSet", (entries, port) => readItems("set", entries, port)],
  ["NSString", (entries, port) => scalar("string", entries.get(FOUNDATION_KEY.string), port)],
  ["NSData", (entries, port) => scalar("data", entries.get(FOUNDATION_KEY.data), port)],
  ["NSDate", readDate],
  ["NSURL", readUrl],
  ["NSUUID", readUuid],
  ["NSNull", () => ARCHIVED_NULL],
  ["NSAttributedString", readAttributedString],
]);

/**
 * The value of an object whose class is, or comes from, one of the Foundation classes above; null when it is
 * none of them or has another form, which is no fault: the caller keeps it as an object.
 */
export function foundationValue(
  itsClass: ArchivedClass,
  entries: Entries,
  port: ArchivePort,
): ArchivedValue | null {
  for (const name of [itsClass.className, ...itsClass.superclassNames]) {
    const form = FORMS.get(name);
    if (form !== undefined) {
      return form(entries, port);
    }
  }
  return null;
}

function scalar(
  kind: "string" | "data",
  value: PropertyListValue | undefined,
  port: ArchivePort,
): ArchivedValue | null {
  const archived = value === undefined ? null : port.read(value);
  return archived?.kind === kind ? archived : null;
}

function itemsOf(value: PropertyListValue | undefined): readonly PropertyListValue[] | null {
  return value?.kind === "array" ? value.items : null;
}

function readItems(kind: "array" | "set", entries: Entries, port: ArchivePort): ArchivedValue | null {
  const items = itemsOf(entries.get(FOUNDATION_KEY.objects));
  return items === null ? null : { kind, items: items.map(port.read) };
}

function readDictionary(entries: Entries, port: ArchivePort): ArchivedValue | null {
  const keys = itemsOf(entries.get(FOUNDATION_KEY.keys));
  const objects = itemsOf(entries.get(FOUNDATION_KEY.objects));
  if (keys === null || objects === null || keys.length !== objects.length) {
    return null;
  }
  const read = new Map<string, ArchivedValue>();
  const otherEntries: (readonly [ArchivedValue, ArchivedValue])[] = [];
  for (const [index, keyReference] of keys.entries()) {
    const key = port.read(keyReference);
    const value = port.read(objects[index] as PropertyListValue);
    if (key.kind !== "string") {
      otherEntries.push([key, value]);
    } else if (read.has(key.value)) {
      throw new KeyedArchiveError("duplicate-key", "the same key twice");
    } else {
      read.set(key.value, value);
    }
  }
  return { kind: "dictionary", entries: read, otherEntries };
}

function readDate(entries: Entries, port: ArchivePort): ArchivedValue | null {
  const value = entries.get(FOUNDATION_KEY.time);
  const time = value === undefined ? null : port.read(value);
  if (time?.kind === "real") {
    return { kind: "date", secondsSince2001: time.value };
  }
  return time?.kind === "integer" ? { kind: "date", secondsSince2001: Number(time.value) } : null;
}

function readUrl(entries: Entries, port: ArchivePort): ArchivedValue | null {
  const relative = scalar("string", entries.get(FOUNDATION_KEY.relative), port);
  const baseReference = entries.get(FOUNDATION_KEY.base);
  const base = baseReference === undefined ? ARCHIVED_NULL : port.read(baseReference);
  if (relative?.kind !== "string" || (base.kind !== "null" && base.kind !== "url")) {
    return null;
  }
  return { kind: "url", relative: relative.value, base: base.kind === "url" ? base.relative : null };
}

function readUuid(entries: Entries, port: ArchivePort): ArchivedValue | null {
  const bytes = scalar("data", entries.get(FOUNDATION_KEY.uuidBytes), port);
  return bytes?.kind === "data" && bytes.value.length === 16
    ? { kind: "uuid", value: uuidOfBytes(bytes.value) }
    : null;
}
