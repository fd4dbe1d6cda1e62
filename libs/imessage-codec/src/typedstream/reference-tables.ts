import type { ByteReader } from "./byte-reader.ts";
import { REFERENCE_BASE, TAG } from "./tags.ts";
import type { TypeSpec } from "./type-encoding.ts";
import type { TypedStreamLimits } from "./typed-stream-limits.ts";
import type { TypedClass, TypedObject, TypedString } from "./typed-value.ts";

/** A string of the first table: a type encoding or a class name, one character for each byte. */
export interface SharedString {
  readonly text: string;
  /** The first slot with this text: its own, in every stream of Apple's. */
  readonly firstIndex: number;
  /** Parsed when first used as an encoding, so that a long one costs its length once. */
  types: readonly TypeSpec[] | null;
}

/** Hears of a shared string that is written again (null), or referred to by another slot than its first. */
export type OddStringListener = (offset: number, index: number | null) => void;

/** What the second table holds. */
export type TableEntry = TypedClass | TypedObject | TypedString;

/**
 * The two tables of a stream that is being read: shared strings in order of appearance; objects, classes and
 * C-strings in the order in which each *begins*, so an object precedes its own class. References into both look
 * alike, only the place where one stands tells which table it means.
 */
export class ReferenceTables {
  readonly #reader: ByteReader;
  readonly #limits: TypedStreamLimits;
  readonly #onOddString: OddStringListener;
  readonly #sharedStrings: SharedString[] = [];
  readonly #firstIndexByText = new Map<string, number>();
  readonly #table: TableEntry[] = [];

  constructor(reader: ByteReader, limits: TypedStreamLimits, onOddString: OddStringListener) {
    this.#reader = reader;
    this.#limits = limits;
    this.#onOddString = onOddString;
  }

  /** The shared string that starts with `head`, new or known; null for nil. */
  sharedString(head: number): SharedString | null {
    if (head === TAG.nil) {
      return null;
    }
    const start = this.#reader.offset - 1;
    if (head === TAG.new) {
      if (this.#sharedStrings.length === this.#limits.sharedStringsMax) {
        return this.#reader.fail(
          "table-full",
          `more than ${this.#limits.sharedStringsMax} shared strings`,
          start,
        );
      }
      return this.#newString(start);
    }
    const index = this.#referenceIndex(head);
    const known = this.#sharedStrings[index] ?? this.#missing(start);
    if (known.firstIndex !== index) {
      this.#onOddString(start, index);
    }
    return known;
  }

  #newString(start: number): SharedString {
    const text = this.#reader.latin1(this.#reader.length());
    const index = this.#sharedStrings.length;
    const firstIndex = this.#firstIndexByText.get(text) ?? index;
    if (firstIndex === index) {
      this.#firstIndexByText.set(text, index);
    } else {
      this.#onOddString(start, null);
    }
    const added = { text, firstIndex, types: null };
    this.#sharedStrings.push(added);
    return added;
  }

  /** The object, class or C-string that the reference starting with `head` points at; refused if of another kind. */
  reference<Kind extends TableEntry["kind"]>(head: number, kind: Kind): Extract<TableEntry, { kind: Kind }> {
    const start = this.#reader.offset - 1;
    const entry = this.#table[this.#referenceIndex(head)] ?? this.#missing(start);
    if (entry.kind !== kind) {
      return this.#reader.fail("reference-kind", `a reference to ${entry.kind}, ${kind} is due`, start);
    }
    return entry as Extract<TableEntry, { kind: Kind }>;
  }

  #referenceIndex(head: number): number {
    return this.#reader.integerWithin(head, -0x8000_0000, 0x7fff_ffff) - REFERENCE_BASE;
  }

  #missing(start: number): never {
    return this.#reader.fail("reference-out-of-range", "a reference to a slot that does not exist", start);
  }

  /** Gives something new the next slot; `start` is the offset of its tag. */
  register(entry: TableEntry, start: number): void {
    if (this.#table.length === this.#limits.objectTableLengthMax) {
      this.#reader.fail("table-full", `more than ${this.#limits.objectTableLengthMax} objects`, start);
    }
    this.#table.push(entry);
  }
}
