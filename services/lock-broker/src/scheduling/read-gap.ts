import { unreachable } from "@imesh/flow";

/** SQLite's default threshold: a commit that leaves so many frames checkpoints, and the next one may start the log over. */
export const CHECKPOINT_FRAMES = 1_000;

/** Longest pause of everybody: two commits of a busy writer and the checkpoint between them, on a slow disk. */
export const GAP_MS_MAX = 40;

/** Longest time in which no page is begun: a few commits of a writer that takes its time, and their checkpoint. */
export const WAIT_MS_MAX = 100;

/** So long before the threshold no page is begun, and the one that is out is asked to end. */
const LEAD_MS = 8;

/** A writer this busy commits again while the tail still reads its last commit: some 800 commits a second. */
const BUSY_FRAMES_PER_MS = 5;

/** Readers lose half of the time at most: after each pause they have as long. */
const SPACING = 2;

/** How often the log's length is asked for, at most; and over how long its growth is measured, at least. */
const LOOK_EVERY_MS = 2;
const MEASURE_MS = 16;

/** How long the log was at a moment. */
export interface LogLength {
  readonly frames: number;
  readonly atMs: number;
}

/**
 * Whether readers may read.
 * - reading: all may; the log is not looked at before `lookAtMs`. Its growth is measured from `since` on. No pause is made while it is
 *   as long as it was after the last one (`triedFrames`)
 * - waiting: the log is long or soon will be: no page is begun, and the one that is out is asked to end. The tail reads on: its reads
 *   are over before a writer that takes its time commits again
 * - gap: the log is long and the writer busy: nobody reads, from `gapSinceMs` on
 */
export type ReadGap =
  | {
      readonly kind: "reading";
      readonly lookAtMs: number;
      readonly since: LogLength | undefined;
      readonly triedFrames: number | undefined;
    }
  | { readonly kind: "waiting"; readonly since: LogLength }
  | { readonly kind: "gap"; readonly since: LogLength; readonly gapSinceMs: number };

/** What the next state depends on. */
export interface ReadGapFacts {
  readonly nowMs: number;
  /** The reader thread has a page, and with it perhaps a read transaction. */
  readonly isPageOut: boolean;
  /** How many frames of the log readers see. Asked only when the answer counts. */
  readonly frames: () => number;
}

/** Everybody reads, and the log is looked at when somebody next wants to. */
export const READING: ReadGap = {
  kind: "reading",
  lookAtMs: Number.NEGATIVE_INFINITY,
  since: undefined,
  triedFrames: undefined,
};

/**
 * The courtesy of readers towards a writer whose log grows. SQLite starts the log over only when at one commit everything is
 * checkpointed and at the next nobody holds a read mark; readers that follow each other without a pause leave no such moment, and the
 * log grows without end. So no page is begun when the log is about to be checkpointed or is longer, and from a busy writer the tail
 * keeps away as well, for no longer than it takes to start the log over.
 */
export function nextReadGap(state: ReadGap, facts: ReadGapFacts): ReadGap {
  const { nowMs, isPageOut } = facts;
  if (state.kind === "reading" && nowMs < state.lookAtMs) return state;
  const now: LogLength = { frames: facts.frames(), atMs: nowMs };
  switch (state.kind) {
    case "reading": {
      const isKnown = state.since !== undefined && now.frames >= state.since.frames;
      const since = isKnown ? (state.since ?? now) : now;
      const isDue = now.frames + growth(since, now) * LEAD_MS >= CHECKPOINT_FRAMES;
      if (isDue && now.frames !== state.triedFrames)
        return waiting({ kind: "waiting", since: now }, growth(since, now), now, isPageOut);
      return {
        kind: "reading",
        lookAtMs: nowMs + LOOK_EVERY_MS,
        since: nowMs - since.atMs >= MEASURE_MS ? now : since,
        triedFrames: state.triedFrames,
      };
    }
    case "waiting":
      return waiting(state, growth(state.since, now), now, isPageOut);
    case "gap": {
      const isOver = now.frames < state.since.frames || nowMs - state.gapSinceMs >= GAP_MS_MAX;
      return isOver ? readingAfter(state.since, now) : state;
    }
    default:
      return unreachable(state);
  }
}

function waiting(
  state: Extract<ReadGap, { readonly kind: "waiting" }>,
  framesPerMs: number,
  now: LogLength,
  isPageOut: boolean,
): ReadGap {
  const { since } = state;
  if (now.frames < since.frames) return readingAfter(since, now);
  if (isPageOut) return state;
  if (now.frames >= CHECKPOINT_FRAMES && framesPerMs >= BUSY_FRAMES_PER_MS)
    return { kind: "gap", since, gapSinceMs: now.atMs };
  return now.atMs - since.atMs >= WAIT_MS_MAX ? readingAfter(since, now) : state;
}

/** At once when the log was started over, else after as long a time. */
function readingAfter(since: LogLength, now: LogLength): ReadGap {
  const isStartedOver = now.frames < since.frames;
  const lookAtMs = isStartedOver ? now.atMs : since.atMs + SPACING * (now.atMs - since.atMs);
  return { kind: "reading", lookAtMs, since: now, triedFrames: now.frames };
}

/** In frames a millisecond. */
function growth(since: LogLength, now: LogLength): number {
  const elapsedMs = now.atMs - since.atMs;
  return elapsedMs > 0 ? (now.frames - since.frames) / elapsedMs : 0;
}
