/** One type of an Objective-C type encoding, as far as typedstreams use them. */
export type TypeSpec =
  | { readonly kind: "scalar"; readonly code: ScalarCode }
  | { readonly kind: "bytes"; readonly count: number }
  | { readonly kind: "array"; readonly count: number; readonly element: TypeSpec }
  | { readonly kind: "struct"; readonly members: readonly TypeSpec[] };

/** Types of one character. `!` stands for a member that is not written. */
export type ScalarCode =
  | "c"
  | "C"
  | "B"
  | "s"
  | "S"
  | "i"
  | "I"
  | "l"
  | "L"
  | "q"
  | "Q"
  | "f"
  | "d"
  | "+"
  | "%"
  | ":"
  | "*"
  | "#"
  | "@"
  | "!";

const SCALARS: ReadonlyMap<string, TypeSpec> = new Map(
  [..."cCBsSiIlLqQfd+%:*#@!"].map((code) => [code, { kind: "scalar", code: code as ScalarCode }]),
);

/** Arrays in structs in arrays; real encodings nest one deep. */
const NESTING_MAX = 16;

/** 9 digits: far more than any stream can hold, still exact. */
const COUNT_DIGITS_MAX = 9;

/** Splits an encoding into its types, or null when it is empty, malformed or uses a type typedstreams lack. */
export function parseTypeEncoding(encoding: string): readonly TypeSpec[] | null {
  const cursor: Cursor = { encoding, index: 0 };
  const types: TypeSpec[] = [];
  while (cursor.index < encoding.length) {
    const type = parseType(cursor, 0);
    if (type === null) {
      return null;
    }
    types.push(type);
  }
  return types.length === 0 ? null : types;
}

interface Cursor {
  readonly encoding: string;
  index: number;
}

function parseType(cursor: Cursor, nesting: number): TypeSpec | null {
  const first = cursor.encoding[cursor.index];
  if (first === undefined || nesting > NESTING_MAX) {
    return null;
  }
  cursor.index += 1;
  switch (first) {
    case "[":
      return parseArray(cursor, nesting);
    case "{":
      return parseStruct(cursor, nesting);
    default:
      return SCALARS.get(first) ?? null;
  }
}

function parseArray(cursor: Cursor, nesting: number): TypeSpec | null {
  const start = cursor.index;
  while (isDigit(cursor.encoding.charCodeAt(cursor.index))) {
    cursor.index += 1;
  }
  const digits = cursor.encoding.slice(start, cursor.index);
  if (digits.length === 0 || digits.length > COUNT_DIGITS_MAX) {
    return null;
  }
  const element = parseType(cursor, nesting + 1);
  if (element === null || cursor.encoding[cursor.index] !== "]") {
    return null;
  }
  cursor.index += 1;
  const count = Number(digits);
  const isRaw = element.kind === "scalar" && (element.code === "c" || element.code === "C");
  return isRaw ? { kind: "bytes", count } : { kind: "array", count, element };
}

function parseStruct(cursor: Cursor, nesting: number): TypeSpec | null {
  const equals = cursor.encoding.indexOf("=", cursor.index);
  if (equals < 0) {
    return null;
  }
  cursor.index = equals + 1;
  const members: TypeSpec[] = [];
  while (cursor.encoding[cursor.index] !== "}") {
    const member = parseType(cursor, nesting + 1);
    if (member === null) {
      return null;
    }
    members.push(member);
  }
  cursor.index += 1;
  return { kind: "struct", members };
}

// NaN, which charCodeAt gives beyond the end, is no digit.
function isDigit(charCode: number): boolean {
  return charCode >= 0x30 && charCode <= 0x39;
}
