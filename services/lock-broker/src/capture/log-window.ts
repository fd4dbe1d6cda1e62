import {
  FRAME_HEADER_BYTES,
  frameBytes,
  frameOffset,
  isNextFrame,
  parseFrameHeader,
  parseWalHeader,
  WAL_HEADER_BYTES,
  type WalHeader,
  type WalPosition,
} from "@imesh/wal";
import type { LogFile } from "./log-file.ts";

/** Frames of one read: most transactions have fewer than a dozen. */
const CHUNK_FRAMES_MAX = 32;

/** What is at the start of the log. */
export type HeaderLook = "empty" | "same" | "other";

/**
 * Looks through the log in small pieces, into buffers of its own, so that a poll that finds nothing allocates nothing. What it
 * returns as bytes is valid until its next call.
 */
export class LogWindow {
  readonly #file: LogFile;
  readonly #header = new Uint8Array(WAL_HEADER_BYTES);
  readonly #known = new Uint8Array(WAL_HEADER_BYTES);
  readonly #frameHeader = new Uint8Array(FRAME_HEADER_BYTES);
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(file: LogFile) {
    this.#file = file;
  }

  /** Reads the log's header and compares it with the one that {@link knowHeader} was called for. One small read. */
  look(): HeaderLook {
    if (this.#file.read(this.#header, WAL_HEADER_BYTES, 0) < WAL_HEADER_BYTES) return "empty";
    return isEqual(this.#header, this.#known) ? "same" : "other";
  }

  /** The header that was looked at last. Throws WalFormatError. */
  parseHeader(): WalHeader {
    return parseWalHeader(this.#header);
  }

  /** The header that was looked at last is the known one from now on. */
  knowHeader(): void {
    this.#known.set(this.#header);
  }

  /** No header is known. */
  forgetHeader(): void {
    this.#known.fill(0);
  }

  /** The known header. Throws WalFormatError when there is none. */
  parseKnownHeader(): WalHeader {
    return parseWalHeader(this.#known);
  }

  /** True when a frame of the position's generation begins there. One small read. */
  hasFrameAt(position: WalPosition): boolean {
    return isNextFrame(position, this.frameHeaderAt(position));
  }

  /** The header of the frame that begins at the position; shorter than one at the file's end. One small read. */
  frameHeaderAt(position: Pick<WalPosition, "pageSize" | "frames">): Uint8Array {
    const bytes = this.#file.read(this.#frameHeader, FRAME_HEADER_BYTES, frameOffset(position));
    return bytes === FRAME_HEADER_BYTES ? this.#frameHeader : this.#frameHeader.subarray(0, bytes);
  }

  /**
   * True when the frame before the position is still the one that it was made from: since a log is written over from its start,
   * nothing behind it is written over either. At the start of a generation, that its header is still there.
   */
  isIntact(position: WalPosition): boolean {
    const { frames, salt1, salt2, checksum1, checksum2 } = position;
    if (frames === 0) {
      if (this.look() === "empty") return false;
      const header = this.#tryHeader();
      return header?.salt1 === salt1 && header.salt2 === salt2 && header.checksum1 === checksum1;
    }
    const last = parseFrameHeader(this.frameHeaderAt({ ...position, frames: frames - 1 }));
    if (last === undefined || last.salt1 !== salt1 || last.salt2 !== salt2) return false;
    return last.checksum1 === checksum1 && last.checksum2 === checksum2;
  }

  /** The place before a frame, from the checksum that the one before it carries; undefined when that is another generation's. */
  positionAt(frames: number, within: WalPosition): WalPosition | undefined {
    const before = parseFrameHeader(this.frameHeaderAt({ ...within, frames: frames - 1 }));
    if (before === undefined || before.salt1 !== within.salt1 || before.salt2 !== within.salt2)
      return undefined;
    return { ...within, frames, checksum1: before.checksum1, checksum2: before.checksum2 };
  }

  /** Reads at most `framesMax` frames from the position on, and no more than fit the buffer. */
  chunkAt(
    position: WalPosition,
    framesMax: number,
  ): { readonly bytes: Uint8Array; readonly isFull: boolean } {
    const frames = Math.min(framesMax, CHUNK_FRAMES_MAX);
    const wantedBytes = frames * frameBytes(position.pageSize);
    const bufferBytes = CHUNK_FRAMES_MAX * frameBytes(position.pageSize);
    if (this.#chunk.length !== bufferBytes) this.#chunk = new Uint8Array(bufferBytes);
    const bytes = this.#file.read(this.#chunk, wantedBytes, frameOffset(position));
    return { bytes: this.#chunk.subarray(0, bytes), isFull: bytes === wantedBytes };
  }

  #tryHeader(): WalHeader | undefined {
    try {
      return this.parseHeader();
    } catch {
      // Torn or no log: in any case not the one that is asked for.
      return undefined;
    }
  }
}

/** Whether two are the same bytes. */
export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
