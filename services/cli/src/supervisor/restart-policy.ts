import { EXIT_CODES } from "@imesh/lifecycle";
import { type Backoff, backoffDelayMs, type Random } from "@imesh/time";
import type { ChildExit } from "./child-process.ts";

/** How patient the supervisor is with one service. */
export interface RestartPolicy {
  /** Delays between restarts, with full jitter. */
  readonly backoff: Backoff;
  /** A run shorter than this is a quick one, in milliseconds. */
  readonly quickRunMs: number;
  /** This many quick runs in a row are enough: the service is given up. At least 1. */
  readonly quickRunsMax: number;
}

/**
 * Five crashes in a row, each within ten seconds of its start, are no accident. With these delays they take
 * about two seconds at best and a minute at worst, so a person at the terminal learns of it while still
 * looking.
 */
export const RESTART_POLICY: RestartPolicy = {
  backoff: { baseMs: 200, maxMs: 5_000 },
  quickRunMs: 10_000,
  quickRunsMax: 5,
};

/** What to do about a service that ended unasked. */
export type RestartDecision =
  | { readonly kind: "restart"; readonly delayMs: number; readonly quickRuns: number }
  /** A person must act first: its exit code says so. */
  | { readonly kind: "give-up"; readonly because: "final-exit" }
  | { readonly kind: "give-up"; readonly because: "crash-loop"; readonly quickRuns: number };

// Codes that a restart cannot change; see EXIT_CODES of @imesh/lifecycle.
const FINAL_CODES: ReadonlySet<number> = new Set([
  EXIT_CODES.usage,
  EXIT_CODES.noInput,
  EXIT_CODES.cannotCreate,
  EXIT_CODES.noPermission,
  EXIT_CODES.configuration,
]);

/**
 * Decides after a run that ended with `exit` and lasted `ranMs`; `quickRuns` are the quick runs in a row
 * before it. Pure but for the jitter that comes from `random`.
 */
export function decideRestart(
  run: { readonly exit: ChildExit; readonly ranMs: number; readonly quickRuns: number },
  policy: RestartPolicy,
  random: Random,
): RestartDecision {
  const { exit, ranMs } = run;
  if (exit.kind === "not-started" || (exit.kind === "code" && FINAL_CODES.has(exit.code))) {
    return { kind: "give-up", because: "final-exit" };
  }
  const quickRuns = ranMs < policy.quickRunMs ? run.quickRuns + 1 : 0;
  if (quickRuns >= policy.quickRunsMax) return { kind: "give-up", because: "crash-loop", quickRuns };
  const delayMs = backoffDelayMs(Math.max(quickRuns - 1, 0), policy.backoff, random);
  return { kind: "restart", delayMs, quickRuns };
}
