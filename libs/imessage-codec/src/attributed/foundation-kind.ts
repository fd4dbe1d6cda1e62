import type { TypedClass } from "../typedstream/typed-value.ts";

/**
 * The Foundation classes that bodies are made of. The numbers are bits: a class is of the kinds of its superclasses too, and
 * where a stranger's class is of several the lowest is taken. Most frequent first, so that this order is also a fast one.
 */
export const KIND = {
  number: 1,
  string: 2,
  data: 4,
  dictionary: 8,
  /** NSArray and NSSet. */
  array: 16,
  url: 32,
  date: 64,
  null: 128,
  attributedString: 256,
} as const;

/** The bits of the classes named here; every other name has none, whether Apple's (NSObject) or a stranger's. */
export const KIND_OF_CLASS_NAME: ReadonlyMap<string, number> = new Map([
  ["NSNumber", KIND.number],
  ["NSString", KIND.string],
  ["NSData", KIND.data],
  ["NSDictionary", KIND.dictionary],
  ["NSArray", KIND.array],
  ["NSSet", KIND.array],
  ["NSURL", KIND.url],
  ["NSDate", KIND.date],
  ["NSNull", KIND.null],
  ["NSAttributedString", KIND.attributedString],
]);

/** The kinds of a class and all its superclasses, as bits. */
export function kindsOf(itsClass: TypedClass): number {
  let kinds = 0;
  // The reader bounds the chain and refuses cycles, so this ends.
  for (let current: TypedClass | null = itsClass; current !== null; current = current.superclass) {
    kinds |= KIND_OF_CLASS_NAME.get(current.name) ?? 0;
  }
  return kinds;
}

/** The one kind that an object with these kinds is read as; 0 for none. */
export function leadingKind(kinds: number): number {
  return kinds & -kinds;
}
