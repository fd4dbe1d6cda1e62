/**
 * An object of a keyed archive as a plain value. Objects that the archive shares are one JavaScript object
 * reached twice; where an object holds itself, a reference stands in its place, so a value is never its own
 * part and nests no deeper than 64. Like property lists, hostile archives can share so much that walking
 * every path takes for ever: look entries up.
 */
export type ArchivedValue =
  /** nil, NSNull. */
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "real"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  /** NSData, and bytes encoded by themselves. A view into the archive. */
  | { readonly kind: "data"; readonly value: Uint8Array }
  | { readonly kind: "date"; readonly secondsSince2001: number }
  /** NSURL: what was written, and what it is relative to where it is. */
  | { readonly kind: "url"; readonly relative: string; readonly base: string | null }
  /** NSUUID, upper-case with hyphens. */
  | { readonly kind: "uuid"; readonly value: string }
  | ArchivedArray
  | ArchivedSet
  | ArchivedDictionary
  | ArchivedText
  | ArchivedObject
  /** An object inside itself: its number in the archive. */
  | { readonly kind: "reference"; readonly uid: number };

/** NSArray, and lists that an object holds directly. */
export interface ArchivedArray {
  readonly kind: "array";
  readonly items: readonly ArchivedValue[];
}

/** NSSet, in the order of the archive. */
export interface ArchivedSet {
  readonly kind: "set";
  readonly items: readonly ArchivedValue[];
}

/** NSDictionary. */
export interface ArchivedDictionary {
  readonly kind: "dictionary";
  /** Entries whose key is a string, in the order of the archive. */
  readonly entries: ReadonlyMap<string, ArchivedValue>;
  /** Key and value of the rest; usually none. */
  readonly otherEntries: readonly (readonly [ArchivedValue, ArchivedValue])[];
}

/** NSAttributedString. */
export interface ArchivedText {
  readonly kind: "attributed-string";
  readonly text: string;
  /** In order, without gaps; their lengths in UTF-16 units add up to that of the text. */
  readonly runs: readonly ArchivedRun[];
}

/** A stretch of text with one set of attributes. */
export interface ArchivedRun {
  readonly length: number;
  readonly attributes: ReadonlyMap<string, ArchivedValue>;
}

/** Any other object, and one of a known class in a form that is not known. */
export interface ArchivedObject {
  readonly kind: "object";
  readonly className: string;
  /** Nearest first, NSObject last. */
  readonly superclassNames: readonly string[];
  readonly fields: ReadonlyMap<string, ArchivedValue>;
}

/** The one null. */
export const ARCHIVED_NULL: ArchivedValue = { kind: "null" };

/** What an archive without attributes for its text has. */
export const NO_ATTRIBUTES: ReadonlyMap<string, ArchivedValue> = new Map();
