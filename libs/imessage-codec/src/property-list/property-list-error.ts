/**
 * What is wrong with a binary property list.
 *
 * - `too-large`, `too-many-objects`, `too-deep`: a bound of PropertyListLimits.
 * - `bad-header`, `bad-trailer`: not a bplist00, or its last 32 bytes contradict its length.
 * - `offset-out-of-range`: an object said to lie outside of the objects. `reference-out-of-range`: one that
 *   does not exist.
 * - `unexpected-end`: an object that runs into the offset table.
 * - `unknown-marker`: a type that property lists of this version do not have.
 * - `integer-out-of-range`: a count, size or UID that cannot be one.
 * - `invalid-string`: ASCII with a byte above 127.
 * - `key-not-string`, `duplicate-key`: a dictionary that two readers would read differently.
 * - `cycle`: an object inside itself. `overlap`: objects that use the same bytes twice.
 * - `not-a-dictionary`: a list that is well-formed, but no dictionary where one is due.
 */
export type PropertyListErrorCode =
  | "too-large"
  | "too-many-objects"
  | "too-deep"
  | "bad-header"
  | "bad-trailer"
  | "offset-out-of-range"
  | "reference-out-of-range"
  | "unexpected-end"
  | "unknown-marker"
  | "integer-out-of-range"
  | "invalid-string"
  | "key-not-string"
  | "duplicate-key"
  | "cycle"
  | "overlap"
  | "not-a-dictionary";

/** The only error that reading a property list throws, whatever the bytes are. */
export class PropertyListError extends Error {
  override readonly name = "PropertyListError";
  readonly code: PropertyListErrorCode;
  /** Where in the bytes; null where it is about all of them. */
  readonly offset: number | null;

  /** `fact` says what was found and, where there is one, the bound. It never quotes content. */
  constructor(code: PropertyListErrorCode, offset: number | null, fact: string) {
    super(`Cannot read property list: ${fact} (${code}${offset === null ? "" : ` at byte ${offset}`})`);
    this.code = code;
    this.offset = offset;
  }
}
