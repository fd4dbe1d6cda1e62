/**
 * A typedstream as a tree of plain values. Sharing in the stream is identity in the tree: an object, class or
 * C-string that the stream refers to twice is one JavaScript object reached twice, so the tree can be a graph and,
 * in hostile streams, a graph with cycles.
 */
export interface TypedStream {
  /** 1000 on every Mac and iPhone seen. */
  readonly systemVersion: number;
  readonly groups: readonly TypedGroup[];
  /** Set for a stream whose integers and floating-point numbers have their high bytes first. */
  readonly isBigEndian?: true;
  /** What the stream says in another form than Apple's archiver would; absent when there is nothing of the kind. */
  readonly oddForms?: OddForms;
}

/**
 * Forms that a reader takes and Apple's archiver never writes, each by the offset of its first byte. They change no meaning;
 * they are kept so that any decoded stream comes out byte for byte. In a tree that was changed they go unused wherever the
 * value at the offset is no longer the same.
 */
export interface OddForms {
  readonly numbers: ReadonlyMap<number, OddNumber>;
  /** A shared string that has been there before: null where it is written again, else the later slot that is referred to. */
  readonly strings: ReadonlyMap<number, number | null>;
}

/** A number whose bytes are not those of the shortest form: longer than needed, or an unsigned byte or word. */
export interface OddNumber {
  readonly type: NumberType;
  readonly value: number | bigint;
  /** All its bytes, tag included. */
  readonly bytes: Uint8Array;
}

/** How the bytes of a number are taken. */
export type NumberType = "signed" | "unsigned" | "float" | "double";

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
