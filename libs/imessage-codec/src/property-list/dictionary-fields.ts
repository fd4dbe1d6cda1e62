import type { ContentBudget } from "./content-budget.ts";
import type { PropertyListValue } from "./property-list-value.ts";

/** Edits, parts and recipients are a few dozen; a list may name one object for every byte of its document. */
const LIST_ITEMS_MAX = 4_096;

/** What is wrong with one key of a dictionary whose other keys are read all the same. */
export interface FieldFault {
  /** The key, one of those that the reader of the dictionary knows; never content. */
  readonly key: string;
  readonly code: FieldFaultCode;
}

/**
 * - `wrong-type`: the value, or one inside it, is none that the key has.
 * - `out-of-range`: a number that the key cannot have.
 * - `too-much-content`: more text or data than the document can honestly hold (ContentBudget), or a list of more than 4,096 items.
 */
export type FieldFaultCode = "wrong-type" | "out-of-range" | "too-much-content";

/**
 * Takes known keys out of a dictionary one by one. A key that is not there reads as null (or none), and so
 * does one that cannot be read, which then is among the faults and stays among the others as it is.
 */
export class DictionaryFields {
  readonly #entries: ReadonlyMap<string, PropertyListValue>;
  readonly #budget: ContentBudget;
  readonly #taken = new Set<string>();
  readonly #faults = new Map<string, FieldFaultCode>();

  constructor(entries: ReadonlyMap<string, PropertyListValue>, budget: ContentBudget) {
    this.#entries = entries;
    this.#budget = budget;
  }

  /** The value as it is. It counts as read: call fault() if it cannot be. */
  take(key: string): PropertyListValue | undefined {
    this.#taken.add(key);
    return this.#entries.get(key);
  }

  string(key: string): string | null {
    const value = this.take(key);
    if (value?.kind === "string") {
      return this.#isAffordable(key, value.value.length) ? value.value : null;
    }
    return this.#missing(key, value);
  }

  /** An array of strings, as list(); items of another kind are left out. */
  strings(key: string): readonly string[] {
    const strings: string[] = [];
    for (const item of this.list(key)) {
      if (item.kind !== "string") {
        this.fault(key, "wrong-type");
      } else if (this.#isAffordable(key, item.value.length)) {
        strings.push(item.value);
      }
    }
    return strings;
  }

  integer(key: string): bigint | null {
    const value = this.take(key);
    return value?.kind === "integer" ? value.value : this.#missing(key, value);
  }

  /** A boolean, or the integer 0 or 1: Foundation writes either, by how the number was made. */
  flag(key: string): boolean | null {
    const value = this.take(key);
    if (value?.kind === "boolean") {
      return value.value;
    }
    if (value?.kind === "integer" && (value.value === 0n || value.value === 1n)) {
      return value.value === 1n;
    }
    return this.#missing(key, value);
  }

  /** A moment in seconds since 2001, finite: a date, or a number as older code writes it. */
  seconds(key: string): number | null {
    const value = this.take(key);
    const seconds = secondsIn(value);
    return seconds ?? this.#missing(key, value);
  }

  /** The items of an array, or none; the first 4,096, and a fault, where there are more. */
  list(key: string): readonly PropertyListValue[] {
    const value = this.take(key);
    if (value?.kind === "array") {
      if (value.items.length <= LIST_ITEMS_MAX) {
        return value.items;
      }
      this.fault(key, "too-much-content");
      return value.items.slice(0, LIST_ITEMS_MAX);
    }
    this.#missing(key, value);
    return [];
  }

  /** The entries of a dictionary, or none. */
  dictionary(key: string): ReadonlyMap<string, PropertyListValue> {
    const value = this.take(key);
    if (value?.kind === "dictionary") {
      return value.entries;
    }
    this.#missing(key, value);
    return new Map();
  }

  /** Those of `keys` that are there, unread: for keys whose form is not known. */
  raw(keys: readonly string[]): ReadonlyMap<string, PropertyListValue> {
    const entries = new Map<string, PropertyListValue>();
    for (const key of keys) {
      const value = this.take(key);
      if (value !== undefined) {
        entries.set(key, value);
      }
    }
    return entries;
  }

  /** Notes that `key` cannot be read; the first fault of a key counts. */
  fault(key: string, code: FieldFaultCode): void {
    if (!this.#faults.has(key)) {
      this.#faults.set(key, code);
    }
  }

  faults(): readonly FieldFault[] {
    return [...this.#faults].map(([key, code]) => ({ key, code }));
  }

  /** Every key that was not taken, and those with a fault. */
  other(): ReadonlyMap<string, PropertyListValue> {
    return new Map([...this.#entries].filter(([key]) => !this.#taken.has(key) || this.#faults.has(key)));
  }

  #isAffordable(key: string, units: number): boolean {
    const isAffordable = this.#budget.take(units);
    if (!isAffordable) {
      this.fault(key, "too-much-content");
    }
    return isAffordable;
  }

  #missing(key: string, value: PropertyListValue | undefined): null {
    if (value !== undefined) {
      this.fault(key, "wrong-type");
    }
    return null;
  }
}

/** The seconds since 2001 in a date or a number; null when it is neither or not finite. */
export function secondsIn(value: PropertyListValue | undefined): number | null {
  switch (value?.kind) {
    case "date":
      return finite(value.secondsSince2001);
    case "real":
      return finite(value.value);
    case "integer":
      return finite(Number(value.value));
    default:
      return null;
  }
}

function finite(seconds: number): number | null {
  return Number.isFinite(seconds) ? seconds : null;
}
