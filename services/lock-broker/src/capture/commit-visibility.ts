/**
 * Whether the last commit in the log can be seen by a read transaction yet. SQLite writes a commit's frames first and shows them to
 * readers last, so of all commits in the log only the last can be still hidden; reading rows a moment too early finds them as
 * they were. `PRAGMA data_version` moves when a commit becomes visible, but says not which one.
 */
export type Visibility =
  /**
   * Nothing is waited for. `version` was read when every commit known by then was visible; undefined when it was not read, or
   * says nothing about the next commit.
   */
  | { readonly kind: "settled"; readonly version: bigint | undefined }
  /** The last commit may be hidden; `version` was read when it was in the log. */
  | {
      readonly kind: "pending";
      readonly version: bigint;
      readonly sinceMs: number;
      readonly nextProbeMs: number;
      readonly probes: number;
    };

/** Nothing is known, and nothing waited for. */
export const SETTLED: Visibility = { kind: "settled", version: undefined };

/** Delays of the first probes: a commit shows 0.1 ms to a few ms after its frames. Then every poll for a second. */
const LADDER_MS = [1, 2, 4, 8, 16, 32] as const;
const EACH_POLL_MS = 1_000;
/** After that second: a writer was stopped, or had died, between the two writes. */
const SLOW_PROBE_MS = 1_000;
/** Then it is given up: what a writer left hidden is written over by the next, or shown with it. */
const GIVE_UP_MS = 60_000;

/** Commits that came into the log, of which the last touched watched rows. */
export interface AppearedCommits {
  /** All of them since visibility was looked at last, the ones that touched nothing included. */
  readonly commits: number;
  /** False when the log was started anew, or read anew, between them and those before. */
  readonly isContinuous: boolean;
  /** data_version, read after they were found. */
  readonly version: bigint;
}

/** How probes are paced. */
export interface VisibilityPace {
  readonly nowMs: number;
  /** How often the log is looked at anyway. */
  readonly pollMs: number;
}

/**
 * Commits appeared; rows are read after this. With exactly one commit since all before were visible, a data_version that moved
 * can only tell of this one: rows read from now on show it. Otherwise it waits for the next move.
 */
export function commitsAppeared(state: Visibility, seen: AppearedCommits, pace: VisibilityPace): Visibility {
  const isShown =
    state.kind === "settled" &&
    state.version !== undefined &&
    seen.commits === 1 &&
    seen.isContinuous &&
    seen.version !== state.version;
  if (isShown) return { kind: "settled", version: seen.version };
  return pending(seen.version, pace);
}

/** data_version was read again. "recheck": the last commit is visible now, and may not have been when its rows were read. */
export function versionProbed(
  state: Visibility,
  version: bigint,
  pace: VisibilityPace,
): { readonly state: Visibility; readonly outcome: "recheck" | "waiting" | "given-up" } {
  if (state.kind === "settled") return { state, outcome: "waiting" };
  if (version !== state.version) return { state: { kind: "settled", version }, outcome: "recheck" };
  const waitedMs = pace.nowMs - state.sinceMs;
  // What the next move will tell of is not known: the version must not count as settled.
  if (waitedMs >= GIVE_UP_MS) return { state: SETTLED, outcome: "given-up" };
  const probes = state.probes + 1;
  return {
    state: { ...state, probes, nextProbeMs: pace.nowMs + probeDelayMs(probes, waitedMs, pace.pollMs) },
    outcome: "waiting",
  };
}

/** Waits for data_version to move from `version`, read just now. */
export function pending(version: bigint, pace: VisibilityPace): Visibility {
  return {
    kind: "pending",
    version,
    sinceMs: pace.nowMs,
    nextProbeMs: pace.nowMs + LADDER_MS[0],
    probes: 0,
  };
}

function probeDelayMs(probes: number, waitedMs: number, pollMs: number): number {
  const ladderMs = LADDER_MS[probes];
  if (ladderMs !== undefined) return ladderMs;
  return waitedMs < EACH_POLL_MS ? pollMs : Math.max(SLOW_PROBE_MS, pollMs);
}
