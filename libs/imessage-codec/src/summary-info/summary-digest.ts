import { ContentBudget } from "../property-list/content-budget.ts";
import { decodePropertyListDictionary } from "../property-list/decode-property-list.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";

/** Keys by which Messages keeps its own books; what a person sees does not depend on them (docs/chat-db.md §11). */
const BOOKKEEPING_KEYS: ReadonlySet<string> = new Set([
  "orgid",
  "ust",
  "rfgs",
  "acsr",
  "ihqt",
  "ihqtf",
  "cmmS",
  "cmmAO",
]);

/** Values walked at most: real ones have dozens. Sharing can make a small file have very many. */
const VALUES_MAX = 20_000;

/**
 * A 32-bit unsigned number for what `message.message_summary_info` says of what a person sees: edits, unsends, quoted texts and
 * every key that this version does not know, but none of the {@link BOOKKEEPING_KEYS}. Documents that differ in the order of
 * their keys alone have the same, and no document (no bytes) has that of an empty one. Undefined when it cannot be read; never throws. Stored by its callers, like bodyDigest.
 */
export function summaryDigest(messageSummaryInfo: Uint8Array): number | undefined {
  try {
    const digest = new ValueDigest(new ContentBudget(messageSummaryInfo.length));
    const isAbsent = messageSummaryInfo.length === 0;
    const entries = isAbsent ? [] : decodePropertyListDictionary(messageSummaryInfo);
    digest.addEntries([...entries].filter(([key]) => !BOOKKEEPING_KEYS.has(key)));
    return digest.value;
  } catch {
    // Whatever the reason, it is in the bytes, and undefined stands for it; the caller then compares those.
    return undefined;
  }
}

/** More values, or more of their content, than any honest document has. */
class TooManyValuesError extends Error {}

/** FNV-1a over kinds, lengths and contents. */
class ValueDigest {
  readonly #budget: ContentBudget;
  #hash = 0x811c9dc5 | 0;
  #values = 0;

  constructor(budget: ContentBudget) {
    this.#budget = budget;
  }

  get value(): number {
    return this.#hash >>> 0;
  }

  addEntries(entries: readonly (readonly [string, PropertyListValue])[]): void {
    this.#word(entries.length);
    for (const [key, value] of entries.toSorted(([left], [right]) => (left < right ? -1 : 1))) {
      this.#spend(key.length);
      this.#text(key);
      this.#add(value);
    }
  }

  #add(value: PropertyListValue): void {
    this.#values += 1;
    if (this.#values > VALUES_MAX) throw new TooManyValuesError();
    this.#text(value.kind);
    switch (value.kind) {
      case "dictionary":
        this.addEntries([...value.entries]);
        return;
      case "array":
      case "set":
        this.#word(value.items.length);
        for (const item of value.items) this.#add(item);
        return;
      case "data":
        this.#spend(value.value.length);
        this.#word(value.value.length);
        for (const byte of value.value) this.#byte(byte);
        return;
      case "date":
        this.#text(String(value.secondsSince2001));
        return;
      case "null":
        return;
      case "string":
        this.#spend(value.value.length);
        this.#text(value.value);
        return;
      default:
        this.#text(String(value.value));
    }
  }

  // One long string can stand under every item of a list.
  #spend(units: number): void {
    if (!this.#budget.take(units)) throw new TooManyValuesError();
  }

  #text(text: string): void {
    this.#word(text.length);
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      this.#byte(unit & 0xff);
      this.#byte(unit >>> 8);
    }
  }

  #word(word: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#byte((word >>> shift) & 0xff);
  }

  #byte(byte: number): void {
    this.#hash = Math.imul(this.#hash ^ byte, 0x01000193);
  }
}
