import type { StoredAttachment } from "../rows/rows.ts";

/** Which bytes of an attachment, and of which file. */
export interface AttachmentRange {
  /** First byte, from 0; not negative. */
  readonly offset: bigint;
  /** Most bytes; 0 for all up to the end. Not negative; a range that reaches beyond the end is cut there. */
  readonly length: bigint;
  /** `fileVersion` of an earlier stream, to go on with the same file only; empty for whatever is there. */
  readonly fileVersion: string;
}

/** What a stream gives: one `file`, then any number of `data`, then one `end`. */
export type AttachmentPart =
  /** The file as it was opened, and the range that follows. */
  | ({ readonly kind: "file" } & AttachmentFileFacts)
  /** The next bytes, 1 to 65,536 of them; the receiver may keep them. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** Everything was given and the file is still the one that was opened. SHA-256 of the whole file, lower-case hex. */
  | { readonly kind: "end"; readonly sha256: string };

/** The file behind an attachment. */
export interface AttachmentFileFacts {
  readonly sizeBytes: bigint;
  /** Opaque ASCII, at most 80 characters; another one whenever the file is another one or was written to. */
  readonly fileVersion: string;
  /** First byte that follows. */
  readonly offset: bigint;
  /** Bytes that follow. */
  readonly length: bigint;
}

/**
 * The bytes of attachments (port of rpc/). It asks the database nothing and reads nothing but regular files below Messages'
 * Attachments directory.
 */
export interface AttachmentStreams {
  /**
   * Streams a range of the file that the row names. Nothing happens before the first `next()`; after that one of the bounded
   * number of streams is taken until the iterator ends, throws, is returned, or `signal` aborts, which closes the file at once
   * even if nobody pulls any more. Nothing is read ahead of the consumer's
   * pulling, which is the back-pressure.
   *
   * Throws {@link AttachmentError}, and `signal.reason` after an abort. An error after `data` means: throw away what came, or
   * resume it by `fileVersion` and find out.
   */
  open(
    attachment: StoredAttachment,
    range: AttachmentRange,
    signal: AbortSignal,
  ): AsyncGenerator<AttachmentPart, void, undefined>;
}

/**
 * Why there are no bytes, or no more.
 * - file-missing: the row names no file, or none (no regular one) is there: not downloaded yet, or purged to iCloud
 * - outside: the path leads out of the Attachments directory, by whatever means, or to the database
 * - changed: not the file of the asked version, or it was written to, replaced or removed while it was read
 * - offset-out-of-range: the offset lies beyond the end of the file (the end itself is fine)
 * - streams-full: as many streams as there may be are open; try again when one has ended
 * - unreadable: the system refuses to read it: no permission, or a fault of the disk
 */
export type AttachmentFault =
  | "file-missing"
  | "outside"
  | "changed"
  | "offset-out-of-range"
  | "streams-full"
  | "unreadable";

/** An attachment cannot be read. Never holds the path: names of files are personal. */
export class AttachmentError extends Error {
  override readonly name = "AttachmentError";
  readonly code: AttachmentFault;
  /** What was found, a fragment: "ENOENT", "a symbolic link". */
  readonly detail: string;

  constructor(code: AttachmentFault, detail: string, cause?: unknown) {
    super(`Cannot read attachment: ${code} (${detail})`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
  }
}
