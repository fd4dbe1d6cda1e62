import { ATTRIBUTE_KEY, ONE_TIME_CODE_KEY } from "./attribute-keys.ts";
import type { AttributeValue } from "./attributed-body.ts";
import { KIND_OF_CLASS_NAME } from "./foundation-kind.ts";

/** A shared string as one number: the char code of an encoding of one character, or one of these, or a byte array's. */
export const NAME = {
  /** No encoding that bodies have. As the name of a class: of no kind. */
  other: 0,
  indexAndLength: 128,
  /** Plus the bits of the class with the name. */
  classFirst: 1_000,
  /** Plus N of `[Nc]`. */
  byteArrayFirst: 10_000,
} as const;

interface KnownName<Meaning> {
  readonly bytes: Uint8Array;
  readonly meaning: Meaning;
}

/** By length in bytes, because few names have the same. */
type NamesByLength<Meaning> = readonly (readonly KnownName<Meaning>[] | undefined)[];

const CLASS_NAMES: NamesByLength<number> = namesByLength(
  [...KIND_OF_CLASS_NAME].map(([name, kinds]) => [name, NAME.classFirst + kinds]),
);

const STRINGS: NamesByLength<AttributeValue> = namesByLength(
  [...Object.values(ATTRIBUTE_KEY), ...Object.values(ONE_TIME_CODE_KEY)].map((value) => [
    value,
    { kind: "string", value },
  ]),
);

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const LETTER_C = 0x63;
const COUNT_DIGITS_MAX = 9;

/** What the shared string in [start, end) of `bytes` is. */
export function nameOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const first = bytes[start];
  if (length === 1) {
    return first as number;
  }
  if (length === 2) {
    return first === 0x69 && bytes[start + 1] === 0x49 ? NAME.indexAndLength : NAME.other;
  }
  return first === OPENING_BRACKET
    ? byteArrayOf(bytes, start + 1, end)
    : (known(CLASS_NAMES, bytes, start, end) ?? NAME.other);
}

/** The string in [start, end) when it is a name of the format, made once for all bodies; else undefined. */
export function knownString(bytes: Uint8Array, start: number, end: number): AttributeValue | undefined {
  return known(STRINGS, bytes, start, end);
}

// From the digits on.
function byteArrayOf(bytes: Uint8Array, start: number, end: number): number {
  const digitsEnd = end - 2;
  if (
    bytes[end - 1] !== CLOSING_BRACKET ||
    bytes[digitsEnd] !== LETTER_C ||
    digitsEnd === start ||
    digitsEnd - start > COUNT_DIGITS_MAX
  ) {
    return NAME.other;
  }
  let count = 0;
  for (let index = start; index < digitsEnd; index += 1) {
    const digit = (bytes[index] as number) - 0x30;
    if (digit < 0 || digit > 9) {
      return NAME.other;
    }
    count = count * 10 + digit;
  }
  return NAME.byteArrayFirst + count;
}

function known<Meaning>(
  names: NamesByLength<Meaning>,
  bytes: Uint8Array,
  start: number,
  end: number,
): Meaning | undefined {
  const candidates = names[end - start];
  if (candidates === undefined) {
    return undefined;
  }
  for (const candidate of candidates) {
    if (isAt(candidate.bytes, bytes, start)) {
      return candidate.meaning;
    }
  }
  return undefined;
}

// From the end: names differ there sooner.
function isAt(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = name.length - 1; index >= 0; index -= 1) {
    if (bytes[start + index] !== name[index]) {
      return false;
    }
  }
  return true;
}

function namesByLength<Meaning>(
  names: readonly (readonly [string, Meaning])[],
): (readonly KnownName<Meaning>[] | undefined)[] {
  const lengthMax = Math.max(...names.map(([name]) => name.length));
  return Array.from({ length: lengthMax + 1 }, (_, length) => {
    const ofLength = names.filter(([name]) => name.length === length);
    return ofLength.length === 0
      ? undefined
      : ofLength.map(([name, meaning]) => ({
          bytes: Uint8Array.from(name, (character) => character.charCodeAt(0)),
          meaning,
        }));
  });
}
