/**
 * A property list as plain values. Sharing in the file is identity in the tree: an object that the file
 * refers to twice is one JavaScript object reached twice. It never contains itself, and nests no deeper than
 * the limits say; but a hostile file can share so much that walking every path takes for ever. Look entries
 * up, or walk each object once.
 */
export type PropertyListValue =
  | PropertyListNull
  | { readonly kind: "boolean"; readonly value: boolean }
  /** -2¹²⁷ to 2¹²⁷-1. Foundation writes unsigned 64-bit numbers beyond 2⁶³-1 with 16 bytes. */
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "real"; readonly value: number }
  /** May be NaN or infinite in hostile files. */
  | { readonly kind: "date"; readonly secondsSince2001: number }
  /** A view into the file that was read, not a copy. */
  | { readonly kind: "data"; readonly value: Uint8Array }
  /** UTF-16 as written: a lone surrogate stays one. */
  | { readonly kind: "string"; readonly value: string }
  /** A keyed archive's reference, 0 to 2³²-1. */
  | { readonly kind: "uid"; readonly value: number }
  | PropertyListArray
  | PropertyListSet
  | PropertyListDictionary;

/** Foundation writes none, but the format has it. */
export interface PropertyListNull {
  readonly kind: "null";
}

/** Items in order. */
export interface PropertyListArray {
  readonly kind: "array";
  readonly items: readonly PropertyListValue[];
}

/** Items in the order of the file. That no two are equal is not checked. */
export interface PropertyListSet {
  readonly kind: "set";
  readonly items: readonly PropertyListValue[];
}

/** Entries in the order of the file. */
export interface PropertyListDictionary {
  readonly kind: "dictionary";
  readonly entries: ReadonlyMap<string, PropertyListValue>;
}

/** A value that holds others. Has identity: written once however often it is referred to. */
export type PropertyListContainer = PropertyListArray | PropertyListSet | PropertyListDictionary;

/** Whether a value holds others. */
export function isContainer(value: PropertyListValue): value is PropertyListContainer {
  return value.kind === "array" || value.kind === "set" || value.kind === "dictionary";
}
