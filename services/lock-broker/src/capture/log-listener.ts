import type { MissedReason } from "./candidates.ts";

/** A whole transaction of the log. */
export interface ReadTransaction {
  /** Its pages; none when it is too large. Views that are valid during the call only. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly databasePages: number;
  readonly isTooLarge: boolean;
  /** It was taken before: only what its pages hold is of interest. */
  readonly isKnown: boolean;
  /** Of a generation that another one followed: for all to see, and not to be written over in what counts of it. */
  readonly isSuperseded: boolean;
}

/** Hears of a {@link LogReader}; must not throw but what ends the reading. */
export interface LogListener {
  /** False: not now; it is read again at the next look. */
  onTransaction(transaction: ReadTransaction): boolean;
  /** Frames were lost, or may have been. */
  onMissed(reason: MissedReason): void;
  /**
   * The end of a former generation was cut off: all of it had been read a moment before the log was started anew, but a commit of
   * that moment would be lost.
   */
  onCut(): void;
  /** The last transaction that was taken is not in the log any more: its writer died before it showed it, and another wrote over it. */
  onRewound(): void;
}
