import {
  FRAME_HEADER_BYTES,
  frameOffset,
  parseFrameHeader,
  parseWalHeader,
  WAL_HEADER_BYTES,
  WalFormatError,
} from "@imesh/wal";
import { type LogFile, LogFileError } from "./log-file.ts";

/** SQLite's default threshold: a commit that leaves so many frames checkpoints, and the next one may start the log over. */
export const CHECKPOINT_FRAMES = 1_000;

/**
 * Whether the log's present generation is longer than so many frames, in two small reads: the frame behind them then carries the
 * header's salts. What capture has read of it tells less, it may lag behind a busy writer.
 */
export class LogLength {
  readonly #file: Pick<LogFile, "read" | "openModifiedNs">;
  readonly #frames: number;
  readonly #header = new Uint8Array(WAL_HEADER_BYTES);
  readonly #frame = new Uint8Array(FRAME_HEADER_BYTES);

  constructor(file: Pick<LogFile, "read" | "openModifiedNs">, frames: number = CHECKPOINT_FRAMES) {
    this.#file = file;
    this.#frames = frames;
  }

  /** Never throws: what is wrong with the log its reader tells. `mark` is another one after each write of a long log. */
  look(): { readonly isLong: boolean; readonly mark: bigint } {
    try {
      return this.#isLong() ? { isLong: true, mark: this.#file.openModifiedNs() ?? 0n } : SHORT;
    } catch (error) {
      if (error instanceof LogFileError || error instanceof WalFormatError) return SHORT;
      throw error;
    }
  }

  #isLong(): boolean {
    if (this.#file.read(this.#header, WAL_HEADER_BYTES, 0) < WAL_HEADER_BYTES) return false;
    const { pageSize, salt1, salt2 } = parseWalHeader(this.#header);
    const offset = frameOffset({ pageSize, frames: this.#frames });
    if (this.#file.read(this.#frame, FRAME_HEADER_BYTES, offset) < FRAME_HEADER_BYTES) return false;
    const frame = parseFrameHeader(this.#frame);
    return frame?.salt1 === salt1 && frame.salt2 === salt2;
  }
}

const SHORT = { isLong: false, mark: 0n } as const;
