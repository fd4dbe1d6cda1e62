/**
 * A typedstream as a tree of plain values. Sharing in the stream is identity in the tree: an object, class or
 * C-string that the stream refers to twice is one JavaScript object reached twice, so the tree can be a graph and,
 * in hostile streams, a graph with cycles.
 */
export interface TypedStream {
  /** 1000 on every Mac and iPhone seen. */
  readonly systemVersion: number;
  readonly groups: readonly TypedGroup[];
}

/** Values written together under one type encoding; `values` has one item for each type in `encoding`. */
export interface TypedGroup {
  /** Objective-C type encoding, one character for each byte: `@`, `iI`, `[12c]`. */
  readonly encoding: string;
  readonly values: readonly TypedValue[];
}

/** One value; the type in the encoding decides which kind it is, and `nil` is possible for pointers. */
export type TypedValue =
  | TypedInteger
  | TypedLong
  | TypedReal
  | TypedBytes
  | TypedAtom
  | TypedString
  | TypedClass
  | TypedObject
  | TypedList
  | TypedNil;

/** c C B s S i I l L. */
export interface TypedInteger {
  readonly kind: "integer";
  readonly value: number;
}

/** q Q. */
export interface TypedLong {
  readonly kind: "long";
  readonly value: bigint;
}

/** f d. */
export interface TypedReal {
  readonly kind: "real";
  readonly value: number;
}

/** `+` and `[Nc]`: bytes as they are. A view into the decoded stream, not a copy. */
export interface TypedBytes {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
}

/** `%` and `:`: a string of the shared-string table, one character for each byte. */
export interface TypedAtom {
  readonly kind: "atom";
  readonly text: string;
}

/** `*`: a C-string, one character for each byte. Has identity. */
export interface TypedString {
  readonly kind: "c-string";
  readonly text: string;
}

/** `#`, and the class of every object. Has identity. */
export interface TypedClass {
  readonly kind: "class";
  readonly name: string;
  readonly version: number;
  readonly superclass: TypedClass | null;
}

/** `@`. Has identity. Objects of unknown classes are kept group by group like all others. */
export interface TypedObject {
  readonly kind: "object";
  readonly class: TypedClass;
  readonly groups: readonly TypedGroup[];
}

/** `[Nx]` and `{name=…}`: the elements or members in order. */
export interface TypedList {
  readonly kind: "list";
  readonly items: readonly TypedValue[];
}

/** A nil pointer, and the place of an unused member (`!`). */
export interface TypedNil {
  readonly kind: "nil";
}

/** The one nil. */
export const NIL: TypedNil = { kind: "nil" };

/** Whether an object's class or one of its superclasses has the name. */
export function isKindOf(object: TypedObject, className: string): boolean {
  // The reader bounds the chain and refuses cycles, so this ends.
  for (let current: TypedClass | null = object.class; current !== null; current = current.superclass) {
    if (current.name === className) {
      return true;
    }
  }
  return false;
}
