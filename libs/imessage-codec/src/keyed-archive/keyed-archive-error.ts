/**
 * What is wrong with a keyed archive.
 *
 * - `not-a-property-list`: the bytes; the PropertyListError is the cause, and the offset its.
 * - `not-a-keyed-archive`: a property list without the parts of an archive, or of another version.
 * - `uid-out-of-range`: a reference to an object that is not there, or that is itself a reference.
 * - `class-invalid`: an object whose class is none.
 * - `duplicate-key`: a dictionary that two readers would read differently.
 * - `too-deep`: nesting deeper than 64. `value-budget`: more values than the bytes can honestly mean.
 */
export type KeyedArchiveErrorCode =
  | "not-a-property-list"
  | "not-a-keyed-archive"
  | "uid-out-of-range"
  | "class-invalid"
  | "duplicate-key"
  | "too-deep"
  | "value-budget";

/** The only error that reading a keyed archive throws, whatever the bytes are. */
export class KeyedArchiveError extends Error {
  override readonly name = "KeyedArchiveError";
  readonly code: KeyedArchiveErrorCode;
  /** Where in the bytes; known for `not-a-property-list` only. */
  readonly offset: number | null;

  /** `fact` says what was found and, where there is one, the bound. It never quotes content. */
  constructor(code: KeyedArchiveErrorCode, fact: string, offset: number | null = null, cause?: unknown) {
    super(
      `Cannot read keyed archive: ${fact} (${code}${offset === null ? "" : ` at byte ${offset}`})`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.offset = offset;
  }
}
