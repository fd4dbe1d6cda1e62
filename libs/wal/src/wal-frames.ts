import { RunningChecksum } from "./wal-checksum.ts";
import { FRAME_HEADER_BYTES, frameBytes, type WalPosition } from "./wal-position.ts";

/** Bytes of a frame's header that its checksum covers; salts and the checksum itself are not among them. */
const CHECKSUMMED_BYTES = 8;

/** A frame's header, as stored; nothing in it has been verified. */
export interface FrameHeader {
  readonly pageNumber: number;
  /** Pages of the database after the transaction when this frame commits it, else 0. */
  readonly databasePages: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
}

/** A page as a transaction left it. */
export interface WalFrame {
  /** At least 1. */
  readonly pageNumber: number;
  /** Pages of the database after the transaction when this frame commits it, else 0: more frames of the same one follow. */
  readonly databasePages: number;
  /** The page: a view of the bytes that were given, not a copy. */
  readonly page: Uint8Array;
  /** The place after it. */
  readonly position: WalPosition;
}

/**
 * Why no more frames were given.
 * - bytes-exhausted: all bytes were frames
 * - torn: the bytes end inside a frame, which may yet be a whole one when more of the file is read
 * - stale-salt: the next frame is of another generation (or space that was never written): the log ends here for now
 * - bad-checksum: the next frame has our salts and is not whole (it is being written, or a crash left it so)
 * - limit: as many frames as were asked for
 */
export type FramesStop = "bytes-exhausted" | "stale-salt" | "bad-checksum" | "torn" | "limit";

/** The header in the first 24 of `bytes`; undefined when there are fewer. */
export function parseFrameHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  return {
    pageNumber: view.getUint32(0),
    databasePages: view.getUint32(4),
    salt1: view.getUint32(8),
    salt2: view.getUint32(12),
    checksum1: view.getUint32(16),
    checksum2: view.getUint32(20),
  };
}

/**
 * True when `header`, the 24 bytes at frameOffset(position), can begin the frame that comes next: it is of the same
 * generation. False (also for fewer bytes) means that nothing was written there since. A cheap look for a poll; only
 * {@link nextFrames} tells whether the frame is whole.
 */
export function isNextFrame(position: WalPosition, header: Uint8Array): boolean {
  if (header.length < FRAME_HEADER_BYTES) return false;
  const view = new DataView(header.buffer, header.byteOffset, FRAME_HEADER_BYTES);
  return hasSaltsOf(position, view, 0);
}

/**
 * The valid frames in `bytes`, which begin at frameOffset(position), at most `framesMax` of them (default: all), and the place
 * after the last one. Never throws.
 *
 * Frames of a transaction that is not committed are among them: hold them as tentative until a frame with `databasePages` above
 * 0 comes, and remember as read only places after such a frame. Until then a writer may roll back and write other
 * frames over them, in the same generation; reading from the last committed place again gives what is there by then.
 *
 * The position alone decides which generation is read, not the log's header: after the log was started anew, what a former
 * generation left behind the new frames is read with the former position, as far as it is not written over.
 */
export function nextFrames(
  position: WalPosition,
  bytes: Uint8Array,
  framesMax: number = Number.POSITIVE_INFINITY,
): { frames: WalFrame[]; position: WalPosition; stop: FramesStop } {
  const { pageSize, salt1, salt2, isBigEndianChecksum } = position;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sum = new RunningChecksum(position, isBigEndianChecksum);
  const frames: WalFrame[] = [];
  let reached = position;
  for (let at = 0; ; at += frameBytes(pageSize)) {
    if (frames.length >= framesMax) return { frames, position: reached, stop: "limit" };
    if (at + frameBytes(pageSize) > bytes.length) {
      return { frames, position: reached, stop: stopAtEnd(position, view, at) };
    }
    if (!hasSaltsOf(position, view, at)) return { frames, position: reached, stop: "stale-salt" };
    const pageNumber = view.getUint32(at);
    sum.add(view, at, CHECKSUMMED_BYTES);
    sum.add(view, at + FRAME_HEADER_BYTES, pageSize);
    const { checksum1, checksum2 } = sum;
    // There is no page 0; SQLite does not take such a frame either, whatever its checksum.
    if (pageNumber === 0 || checksum1 !== view.getUint32(at + 16) || checksum2 !== view.getUint32(at + 20)) {
      return { frames, position: reached, stop: "bad-checksum" };
    }
    reached = {
      pageSize,
      isBigEndianChecksum,
      salt1,
      salt2,
      frames: reached.frames + 1,
      checksum1,
      checksum2,
    };
    frames.push({
      pageNumber,
      databasePages: view.getUint32(at + 4),
      page: new Uint8Array(bytes.buffer, bytes.byteOffset + at + FRAME_HEADER_BYTES, pageSize),
      position: reached,
    });
  }
}

/** What the bytes after the last whole frame say, too few for another. */
function stopAtEnd(position: WalPosition, view: DataView, at: number): FramesStop {
  const restBytes = view.byteLength - at;
  if (restBytes === 0) return "bytes-exhausted";
  if (restBytes >= 16 && !hasSaltsOf(position, view, at)) return "stale-salt";
  return "torn";
}

function hasSaltsOf(position: WalPosition, view: DataView, at: number): boolean {
  return view.getUint32(at + 8) === position.salt1 && view.getUint32(at + 12) === position.salt2;
}
