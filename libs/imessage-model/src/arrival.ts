/**
 * Why a message shows up now (ARCHITECTURE, "LIVE is decided by age, not by phase"). Only "live" starts a bot's turn by default.
 * - live: it was sent just now
 * - catch-up: it was sent while we were not looking
 * - backfill: it is old, and something (iCloud, a restore, a late join) brought it
 */
export type ArrivalClass = "live" | "catch-up" | "backfill";

/** What the class of an arrival depends on. All moments are nanoseconds since 1970, wall time. */
export interface ArrivalFacts {
  /** When the sender sent it; null when the row does not say. */
  readonly sentAtUnixNs: bigint | null;
  /** When we saw the row for the first time. */
  readonly detectedAtUnixNs: bigint;
  /** Whether the row was found while working off what happened before this start. */
  readonly phase: "catching-up" | "live";
  /** When we were last up and current before this start; null on the very first start. */
  readonly lastSeenUnixNs: bigint | null;
  /** How old a message may be and still count as live: longer than retries of a phone on a bad network, shorter than anybody waits. */
  readonly liveAgeMaxNs: bigint;
}

/** 5 min: a message sent before we went down may have been under way, and clocks of phones differ. */
const CATCH_UP_MARGIN_NS = 300_000_000_000n;

/**
 * Classifies an arrival. Live if it is at most liveAgeMaxNs old, in either phase; the future counts as live,
 * because clocks of phones differ. Otherwise catch-up if found while catching up and sent no earlier than
 * 5 minutes before we were last up. Everything else, and everything without a date, is backfill.
 */
export function classifyArrival(facts: ArrivalFacts): ArrivalClass {
  const { sentAtUnixNs, detectedAtUnixNs, phase, lastSeenUnixNs } = facts;
  if (sentAtUnixNs === null) {
    return "backfill";
  }
  if (detectedAtUnixNs - sentAtUnixNs <= facts.liveAgeMaxNs) {
    return "live";
  }
  if (
    phase === "catching-up" &&
    lastSeenUnixNs !== null &&
    sentAtUnixNs >= lastSeenUnixNs - CATCH_UP_MARGIN_NS
  ) {
    return "catch-up";
  }
  return "backfill";
}
