import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { assert } from "@imesh/flow";
import type { StoredAttachment } from "../rows/rows.ts";
import {
  AttachmentError,
  type AttachmentFileFacts,
  type AttachmentPart,
  type AttachmentRange,
  type AttachmentStreams,
} from "./attachment-stream.ts";
import {
  type AttachmentPlace,
  type ConfinedFile,
  faultOf,
  fileVersionOf,
  openConfinedFile,
} from "./confined-file.ts";
import { RecentHashes } from "./recent-hashes.ts";
import { StreamLease } from "./stream-lease.ts";

/** broker.proto: data parts hold at most 64 KiB; hashing one takes 50 to 150 µs, for which the event loop waits. */
const PIECE_BYTES_MAX = 65_536;

/** How attachments are read. */
export interface AttachmentFilesOptions {
  /** chat.db. Attachments are looked for in its directory; neither it nor its companions are ever opened here (I1). */
  readonly databasePath: string;
  /** "darwin" or "linux". */
  readonly platform: string;
  /** Most streams at once, at least 1. Each holds one descriptor and 64 KiB. Default 4. */
  readonly streamsMax?: number;
}

/**
 * {@link AttachmentStreams} over the file system. One pass over the file where the whole of it is asked for; a range is given first
 * and the file then read once more for its hash, unless that is known from before (a client that resumes).
 */
export class AttachmentFiles implements AttachmentStreams {
  readonly #place: AttachmentPlace;
  readonly #streamsMax: number;
  readonly #hashes = new RecentHashes();
  #streams = 0;

  constructor(options: AttachmentFilesOptions) {
    const { databasePath, platform } = options;
    this.#place = { databasePath, directory: dirname(databasePath), platform };
    this.#streamsMax = options.streamsMax ?? 4;
    assert(this.#streamsMax >= 1, "there is room for an attachment stream");
  }

  /** Streams that are open, 0 to the bound. */
  get streams(): number {
    return this.#streams;
  }

  async *open(
    attachment: StoredAttachment,
    range: AttachmentRange,
    signal: AbortSignal,
  ): AsyncGenerator<AttachmentPart, void, undefined> {
    assert(range.offset >= 0n && range.length >= 0n, "a range of bytes has no negative numbers");
    await using lease = this.#lease(signal);
    try {
      const file = await openConfinedFile(attachment.filename, this.#place);
      await lease.hold(file.handle);
      yield* this.#parts(file, range, signal);
    } catch (error) {
      // A read that failed because the abort closed the file is the abort.
      signal.throwIfAborted();
      throw error instanceof AttachmentError ? error : faultOf(error);
    }
  }

  async *#parts(
    file: ConfinedFile,
    range: AttachmentRange,
    signal: AbortSignal,
  ): AsyncGenerator<AttachmentPart, void, undefined> {
    const facts = factsOf(file, range);
    yield { kind: "file", ...facts };
    const size = Number(facts.sizeBytes);
    const start = Number(facts.offset);
    const end = start + Number(facts.length);
    let sha256 = this.#hashes.get(facts.fileVersion);
    const isWhole = start === 0 && end === size;
    const hash = sha256 === undefined && isWhole ? createHash("sha256") : undefined;
    for (let position = start; position < end; ) {
      const bytes = Buffer.allocUnsafe(Math.min(PIECE_BYTES_MAX, end - position));
      await readPiece(file.handle, bytes, position);
      signal.throwIfAborted();
      hash?.update(bytes);
      position += bytes.length;
      yield { kind: "data", bytes };
      signal.throwIfAborted();
    }
    sha256 ??= (hash ?? (await hashOf(file.handle, size, signal))).digest("hex");
    if (!(await file.isUnchanged())) throw new AttachmentError("changed", "written to while it was read");
    signal.throwIfAborted();
    this.#hashes.set(facts.fileVersion, sha256);
    yield { kind: "end", sha256 };
  }

  #lease(signal: AbortSignal): StreamLease {
    if (this.#streams >= this.#streamsMax) {
      throw new AttachmentError("streams-full", `${this.#streams} of ${this.#streamsMax}`);
    }
    const lease = new StreamLease(signal, () => {
      this.#streams -= 1;
    });
    this.#streams += 1;
    return lease;
  }
}

function factsOf(file: ConfinedFile, range: AttachmentRange): AttachmentFileFacts {
  const fileVersion = fileVersionOf(file.stats);
  if (range.fileVersion !== "" && range.fileVersion !== fileVersion) {
    throw new AttachmentError("changed", "not the version asked for");
  }
  const sizeBytes = file.stats.size;
  if (range.offset > sizeBytes) {
    throw new AttachmentError("offset-out-of-range", `${range.offset} of ${sizeBytes} bytes`);
  }
  const left = sizeBytes - range.offset;
  const length = range.length === 0n || range.length > left ? left : range.length;
  return { sizeBytes, fileVersion, offset: range.offset, length };
}

async function hashOf(handle: FileHandle, size: number, signal: AbortSignal): Promise<Hash> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES_MAX, size));
  for (let position = 0; position < size; position += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, size - position));
    await readPiece(handle, piece, position);
    signal.throwIfAborted();
    hash.update(piece);
  }
  return hash;
}

/** Fills `bytes` from the position on; a file that ends before is no longer what it was. */
async function readPiece(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) throw new AttachmentError("changed", "shorter than when it was opened");
    filled += bytesRead;
  }
}
