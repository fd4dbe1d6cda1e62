import type { ContentBudget } from "../property-list/content-budget.ts";
import type { ArchivedValue } from "./archived-value.ts";

/**
 * Takes known fields out of an archived object or dictionary. A field that is not there, is of another type,
 * or would take more text than the document can honestly hold (ContentBudget) reads as null: senders of all
 * ages and makers write these.
 */
export class ArchivedFields {
  readonly #fields: ReadonlyMap<string, ArchivedValue>;
  readonly #budget: ContentBudget;

  constructor(fields: ReadonlyMap<string, ArchivedValue>, budget: ContentBudget) {
    this.#fields = fields;
    this.#budget = budget;
  }

  /** The fields of an object or the entries of a dictionary; null for any other value. */
  static of(value: ArchivedValue | undefined, budget: ContentBudget): ArchivedFields | null {
    switch (value?.kind) {
      case "object":
        return new ArchivedFields(value.fields, budget);
      case "dictionary":
        return new ArchivedFields(value.entries, budget);
      default:
        return null;
    }
  }

  has(name: string): boolean {
    const value = this.#fields.get(name);
    return value !== undefined && value.kind !== "null";
  }

  value(name: string): ArchivedValue | undefined {
    return this.#fields.get(name);
  }

  /** A string, or the text of an attributed one; null for an empty one too. */
  string(name: string): string | null {
    const value = this.#fields.get(name);
    switch (value?.kind) {
      case "string":
        return this.#affordable(value.value);
      case "attributed-string":
        return this.#affordable(value.text);
      default:
        return null;
    }
  }

  /** A URL, absolute where it says against what; or a string that stands for one. */
  url(name: string): string | null {
    const value = this.#fields.get(name);
    if (value?.kind !== "url") {
      return this.string(name);
    }
    const absolute = value.base === null ? null : URL.parse(value.relative, value.base);
    return this.#affordable(absolute?.href ?? value.relative);
  }

  integer(name: string): bigint | null {
    const value = this.#fields.get(name);
    return value?.kind === "integer" ? value.value : null;
  }

  /** A finite number of either type. */
  number(name: string): number | null {
    const value = this.#fields.get(name);
    const number = value?.kind === "integer" || value?.kind === "real" ? Number(value.value) : Number.NaN;
    return Number.isFinite(number) ? number : null;
  }

  /** True for a boolean that is, and for the integer 1. */
  isSet(name: string): boolean {
    const value = this.#fields.get(name);
    return value?.kind === "boolean" ? value.value : value?.kind === "integer" && value.value === 1n;
  }

  uuid(name: string): string | null {
    const value = this.#fields.get(name);
    return value?.kind === "uuid" ? value.value : this.string(name);
  }

  /** Seconds since 2001, finite. */
  date(name: string): number | null {
    const value = this.#fields.get(name);
    return value?.kind === "date" && Number.isFinite(value.secondsSince2001) ? value.secondsSince2001 : null;
  }

  /** Bytes of data; null where there is none. */
  byteLength(name: string): number | null {
    const value = this.#fields.get(name);
    return value?.kind === "data" ? value.value.length : null;
  }

  /** Of an object or a dictionary. */
  fields(name: string): ArchivedFields | null {
    return ArchivedFields.of(this.#fields.get(name), this.#budget);
  }

  /** The first `itemsMax` items of an array. */
  items(name: string, itemsMax: number): readonly ArchivedValue[] {
    const value = this.#fields.get(name);
    return value?.kind === "array" ? value.items.slice(0, itemsMax) : [];
  }

  #affordable(text: string): string | null {
    return text !== "" && this.#budget.take(text.length) ? text : null;
  }
}
