import type { Clock } from "@imesh/time";
import { frameBytes, frameOffset, WAL_HEADER_BYTES, type WalPosition } from "@imesh/wal";
import type { LogFile } from "./log-file.ts";

/** Looks are a poll apart; after a longer gap than this more than a moment's commits may be lost with the end of a log. */
const GAP_MS_MAX = 250;

/**
 * What a look knows of the end of a generation that was cut off. With `journal_size_limit`, which Apple's SQLite has at 32,768 bytes,
 * the first commit of a new generation cuts the file: what stood behind the limit, or behind that commit if it is longer, is gone,
 * and with it the proof that everything had been read. Pure but for the clock and one fstat(2) when the log is started anew.
 */
export class LogEnd {
  readonly #file: LogFile;
  readonly #clock: Pick<Clock, "monotonicMs">;
  /** When the log was found read to its end at this look, and at the one before; undefined: there was something left. */
  #readMs: number | undefined;
  #readBeforeMs: number | undefined;

  constructor(file: LogFile, clock: Pick<Clock, "monotonicMs">) {
    this.#file = file;
    this.#clock = clock;
  }

  /** A look begins. */
  look(): void {
    this.#readBeforeMs = this.#readMs;
    this.#readMs = undefined;
  }

  /** There is nothing behind the place. */
  reached(): void {
    this.#readMs = this.#clock.monotonicMs();
  }

  /** Whether the file ends before `position`, or within a frame: no generation ends like that, unless it was cut off. */
  isCutOff(position: WalPosition): boolean {
    const bytes = this.#file.openBytes();
    return bytes < frameOffset(position) || (bytes - WAL_HEADER_BYTES) % frameBytes(position.pageSize) !== 0;
  }

  /** Whether at most a moment's commits may be lost: the look before this one found nothing left. */
  wasRead(): boolean {
    return this.#readBeforeMs !== undefined && this.#clock.monotonicMs() - this.#readBeforeMs <= GAP_MS_MAX;
  }
}
