import { unreachable } from "@imesh/flow";

/** How long a gap may last: two commits of a busy writer and the checkpoint between them. Bounds how late it makes the tail. */
export const GAP_MS = 10;

/** Each gap that the writer wrote in and that was still too short makes the next twice as long, up to this: a slow disk. */
export const GAP_MS_MAX = 40;

/** From the start of one gap to the start of the next, in gaps: readers lose half of the time at most, while a log is long. */
const GAP_SPACING = 2;

/** How often the log's length is asked for, at most. */
const LOOK_EVERY_MS = 2;

/** What a look at the log's first bytes and at one frame far behind them tells. */
export interface LogLook {
  /** The present generation has more frames than SQLite's checkpoint threshold. */
  readonly isLong: boolean;
  /** Another one whenever something was written. */
  readonly mark: bigint;
}

/**
 * Whether readers may read; `gapMs` is how long the next gap may last, or this one.
 * - reading: all may; the log is not looked at before `lookAtMs`, and no gap is made while it is as it was after the last (`mark`)
 * - asked: no page is begun; the one that is out is waited for
 * - gap: nobody reads, from `sinceMs` on; `mark` is the log's at its start
 */
export type ReadGap =
  | {
      readonly kind: "reading";
      readonly gapMs: number;
      readonly lookAtMs: number;
      readonly mark: bigint | undefined;
    }
  | { readonly kind: "asked"; readonly gapMs: number }
  | { readonly kind: "gap"; readonly gapMs: number; readonly sinceMs: number; readonly mark: bigint };

/** What the next state depends on. */
export interface ReadGapFacts {
  readonly nowMs: number;
  /** The reader thread has a page, and with it perhaps a read transaction. */
  readonly isPageOut: boolean;
  /** Asked only when the answer counts. */
  readonly look: () => LogLook;
}

/** Everybody reads, and the log is looked at when somebody next wants to. */
export const READING: ReadGap = {
  kind: "reading",
  gapMs: GAP_MS,
  lookAtMs: Number.NEGATIVE_INFINITY,
  mark: undefined,
};

/**
 * The courtesy of readers towards a writer whose log grows. SQLite starts the log over only when at one commit everything is
 * checkpointed and at the next nobody holds a read mark; readers that follow each other without a pause leave no such moment, and the
 * log grows without end. So while it is long and is written to, all of them pause together now and then, for no longer than
 * it takes the writer to start it over.
 */
export function nextReadGap(state: ReadGap, { nowMs, isPageOut, look }: ReadGapFacts): ReadGap {
  if (state.kind === "reading" && nowMs < state.lookAtMs) return state;
  if (state.kind === "asked" && isPageOut) return state;
  const { isLong, mark } = look();
  if (!isLong) return { kind: "reading", gapMs: GAP_MS, lookAtMs: nowMs + LOOK_EVERY_MS, mark: undefined };
  const { gapMs } = state;
  switch (state.kind) {
    case "reading":
      // A writer that does not write would make nothing of it.
      if (mark === state.mark) return { ...state, lookAtMs: nowMs + LOOK_EVERY_MS };
      return isPageOut ? { kind: "asked", gapMs } : { kind: "gap", gapMs, sinceMs: nowMs, mark };
    case "asked":
      return { kind: "gap", gapMs, sinceMs: nowMs, mark };
    case "gap": {
      if (nowMs < state.sinceMs + gapMs) return state;
      const isWritten = mark !== state.mark;
      return {
        kind: "reading",
        gapMs: isWritten ? Math.min(2 * gapMs, GAP_MS_MAX) : gapMs,
        lookAtMs: state.sinceMs + GAP_SPACING * gapMs,
        mark,
      };
    }
    default:
      return unreachable(state);
  }
}
