/** A message body: its text, cut into runs that share their attributes. All lengths are UTF-16 units. */
export interface AttributedBody {
  readonly text: string;
  /** In order, without gaps; their lengths add up to text.length. None for an empty text. */
  readonly runs: readonly AttributeRun[];
}

/** A stretch of text with one set of attributes. */
export interface AttributeRun {
  readonly length: number;
  readonly attributes: Attributes;
}

/** By name, in the order of the stream. Runs with the same set share one map. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/**
 * The value of an attribute, out of its Foundation class. Values inside values are shared where the stream shared
 * them, so a hostile body can hold little that would print as very much: look entries up, never walk them all.
 */
export type AttributeValue =
  | { readonly kind: "string"; readonly value: string }
  /** NSNumber of any integer type but c. */
  | { readonly kind: "integer"; readonly value: bigint }
  /** NSNumber of type f or d. */
  | { readonly kind: "real"; readonly value: number }
  /** NSNumber of type c: Foundation stores its booleans so. */
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "data"; readonly value: Uint8Array }
  /** An absolute NSURL. */
  | { readonly kind: "url"; readonly value: string }
  | { readonly kind: "date"; readonly secondsSince2001: number }
  /** Entries whose key is a string of at most 1,024 units. */
  | { readonly kind: "dictionary"; readonly entries: ReadonlyMap<string, AttributeValue> }
  /** NSArray and NSSet. */
  | { readonly kind: "array"; readonly items: readonly AttributeValue[] }
  | { readonly kind: "null" }
  /** A class, or a form of a known class, that is not described here. Never fatal. */
  | { readonly kind: "opaque"; readonly className: string };
