import { unreachable } from "@imesh/flow";
import type {
  ArchivedRun,
  ArchivedValue,
  AttributeRun,
  AttributeValue,
  PropertyListValue,
} from "@imesh/imessage-codec";
import type { PlainRecord, PlainValue } from "./plain-value.ts";

/** What a value counts beside its text: a line with its indent, or the bytes that are shown. */
const VALUE_UNITS = 64;

/** Stands for all that no longer fits. */
const CUT_MARK = "…";

/** 1 January 2001. */
const APPLE_EPOCH_UNIX_MS = Date.UTC(2001, 0, 1);

/** Furthest from 1970 that a date can be, in milliseconds. */
const DATE_MS_MAX = 8.64e15;

/** The key that decrypts a chat's background. It is shown to nobody, as in the codec. */
const SECRET_KEY = "trabak";

/** How a {@link PlainWriter} writes. */
export interface PlainOptions {
  /** Whether fields of a model that say nothing (null, false, nothing in it) are written all the same. */
  readonly keepsAbsent: boolean;
  /** Most units of all texts together, with 64 for each value. Default 8 Mi: three times the text of a body of 1 MiB, and more. */
  readonly unitsMax?: number;
}

/**
 * Makes plain values of what the codec decodes. There, values inside values can be shared so often that they would
 * print for ever; here they are written each time, until the budget is spent: then everything is a mark.
 */
export class PlainWriter {
  readonly #keepsAbsent: boolean;
  #unitsLeft: number;

  constructor({ keepsAbsent, unitsMax = 8 * 1024 * 1024 }: PlainOptions) {
    this.#keepsAbsent = keepsAbsent;
    this.#unitsLeft = unitsMax;
  }

  /** Whether something was left out. */
  get isCut(): boolean {
    return this.#unitsLeft < 0;
  }

  /** A text that counts. */
  text(text: string): string {
    return this.#take(text.length) ? text : CUT_MARK;
  }

  /** A list with every item written by `write`, until the budget is spent. */
  list<T>(items: Iterable<T>, write: (item: T) => PlainValue): PlainValue[] {
    const list: PlainValue[] = [];
    for (const item of items) {
      if (this.isCut) break;
      list.push(this.#take(0) ? write(item) : CUT_MARK);
    }
    return list;
  }

  /** A record with every value written by `write`, until the budget is spent. */
  record<T>(entries: Iterable<readonly [string, T]>, write: (value: T) => PlainValue): PlainRecord {
    const record = new Map<string, PlainValue>();
    for (const [key, value] of entries) {
      if (this.isCut) break;
      const isSecret = key === SECRET_KEY;
      record.set(key, this.#take(key.length) ? (isSecret ? "(secret)" : write(value)) : CUT_MARK);
    }
    return record;
  }

  /** Anything of which a codec's model is made: objects, lists, maps and what is in them. */
  model(value: unknown): PlainValue {
    if (value === null || value === undefined) return null;
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object") return value as boolean | number | bigint;
    if (value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return this.list(value, (item) => this.model(item));
    if (value instanceof Map) {
      return this.record(
        [...value].map(([key, item]) => [String(key), item] as const),
        (item) => this.model(item),
      );
    }
    const entries = Object.entries(value).filter(([, item]) => this.#keepsAbsent || !isAbsent(item));
    return this.record(entries, (item) => this.model(item));
  }

  /** Runs of an attributed text, each with its place, its words and its attributes. */
  runs(text: string, runs: readonly (AttributeRun | ArchivedRun)[]): PlainValue[] {
    let start = 0;
    return this.list(runs, ({ length, attributes }) => {
      const words = text.slice(start, start + length);
      const run = new Map<string, PlainValue>([
        ["start", start],
        ["length", length],
        ["text", this.text(words)],
        ["attributes", this.record<AttributeValue | ArchivedValue>(attributes, (value) => this.value(value))],
      ]);
      start += length;
      return run;
    });
  }

  /** An attribute of a body, an object of a keyed archive or of a property list. */
  value(value: AttributeValue | ArchivedValue | PropertyListValue): PlainValue {
    switch (value.kind) {
      case "null":
        return null;
      case "boolean":
      case "integer":
      case "real":
      case "data":
        return value.value;
      case "string":
        return this.text(value.value);
      case "date":
        return this.record([["date", dateText(value.secondsSince2001)]], (text) => text);
      case "url":
        return this.#url(value);
      case "uuid":
      case "uid":
        return new Map([[value.kind, value.value]]);
      case "reference":
        return new Map([["reference", value.uid]]);
      case "array":
        return this.list<AttributeValue | ArchivedValue | PropertyListValue>(value.items, (item) =>
          this.value(item),
        );
      case "set":
        return new Map([
          ["set", this.list<ArchivedValue | PropertyListValue>(value.items, (item) => this.value(item))],
        ]);
      case "dictionary":
        return this.#dictionary(value);
      case "attributed-string":
        return new Map<string, PlainValue>([
          ["text", this.text(value.text)],
          ["runs", this.runs(value.text, value.runs)],
        ]);
      case "opaque":
        return new Map([["class", this.text(value.className)]]);
      case "object":
        return new Map<string, PlainValue>([
          ["class", this.text(value.className)],
          ["fields", this.record(value.fields, (field) => this.value(field))],
        ]);
      default:
        return unreachable(value);
    }
  }

  #url(url: Extract<AttributeValue | ArchivedValue, { kind: "url" }>): PlainRecord {
    if ("value" in url) return new Map([["url", this.text(url.value)]]);
    const record = new Map([["url", this.text(url.relative)]]);
    if (url.base !== null) record.set("base", this.text(url.base));
    return record;
  }

  #dictionary(
    dictionary: Extract<AttributeValue | ArchivedValue | PropertyListValue, { kind: "dictionary" }>,
  ): PlainRecord {
    const entries: Iterable<readonly [string, AttributeValue | ArchivedValue | PropertyListValue]> =
      dictionary.entries;
    const record = this.record(entries, (item) => this.value(item));
    const others = "otherEntries" in dictionary ? dictionary.otherEntries : [];
    if (others.length === 0) return record;
    const pairs = this.list(others, ([key, item]) => [this.value(key), this.value(item)]);
    return new Map<string, PlainValue>([...record, ["(other keys)", pairs]]);
  }

  #take(units: number): boolean {
    this.#unitsLeft -= units + VALUE_UNITS;
    return !this.isCut;
  }
}

/** A moment as RFC 3339, as far as the calendar goes. */
function dateText(secondsSince2001: number): string {
  const ms = APPLE_EPOCH_UNIX_MS + secondsSince2001 * 1000;
  return Math.abs(ms) <= DATE_MS_MAX ? new Date(ms).toISOString() : `${secondsSince2001} s since 2001`;
}

function isAbsent(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return isPlainObject(value) && Object.values(value).every(isAbsent);
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
