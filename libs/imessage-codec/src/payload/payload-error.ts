import type { KeyedArchiveErrorCode } from "../keyed-archive/keyed-archive-error.ts";

/**
 * What is wrong with a balloon's payload: what is wrong with the archive that it is, or
 *
 * - `not-a-link`, `not-an-app-message`: an archive of something else.
 * - `poll-url`, `poll-base64`, `poll-json`, `poll-shape`: how far a poll can be read: no data URL, no base64,
 *   no JSON in UTF-8, or not the JSON of a poll.
 */
export type PayloadErrorCode =
  | KeyedArchiveErrorCode
  | "not-a-link"
  | "not-an-app-message"
  | "poll-url"
  | "poll-base64"
  | "poll-json"
  | "poll-shape";

/** The only error that reading a payload throws, whatever the bytes are. */
export class PayloadError extends Error {
  override readonly name = "PayloadError";
  readonly code: PayloadErrorCode;
  /** Where in the payload, where that is known. */
  readonly offset: number | null;

  /** `fact` says what was found and, where there is one, the bound. It never quotes content. */
  constructor(code: PayloadErrorCode, fact: string, offset: number | null = null, cause?: unknown) {
    super(`Cannot read payload: ${fact} (${code})`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.offset = offset;
  }
}
