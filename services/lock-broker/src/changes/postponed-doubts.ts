import type { Clock } from "@imesh/time";
import type { CandidateDoubt } from "../capture/candidates.ts";
import type { Ledger } from "./ledger.ts";
import { knownHeads } from "./meet-database.ts";
import { isLarge, isPostponable, type PostponableDoubt } from "./plan-candidates.ts";
import { planNewest, planScan, type ScanReason, tablesOfDoubt, tablesOfMissed } from "./scan-plan.ts";
import { wallUnixMs } from "./slice-runner.ts";

/** How long doubts that can wait do so, from the first one on. */
const POSTPONED_MS = 3_600_000;

/** How soon the newest messages are looked through after the log was cut off: with much traffic that happens several times a second. */
const NEWEST_MS = 5_000;

/**
 * Doubts that can wait, and are then answered together by one scan. Those of pages are kept in memory alone: a kill forgets them, and
 * the next reading of their pages finds them again. That the log was cut off is kept in the ledger's plan, for nothing else tells.
 */
export class PostponedDoubts {
  readonly #ports: { readonly ledger: Ledger; readonly clock: Clock };
  readonly #ofPages = new Set<PostponableDoubt>();
  #ofPagesDueMs = 0;
  /** Undefined: the newest messages were looked through since the log was cut off last. */
  #newestDueMs: number | undefined;

  constructor(ports: { readonly ledger: Ledger; readonly clock: Clock }) {
    this.#ports = ports;
    // Whether that was done before a restart is not known.
    if (ports.ledger.store.scan.cutUnixMs !== undefined) this.#newestDueMs = ports.clock.monotonicMs();
  }

  /** Takes those of a step's doubts that can wait; the others are its own plan's. */
  note(doubts: ReadonlySet<CandidateDoubt>): void {
    const { ledger, clock } = this.#ports;
    const heads = knownHeads(ledger);
    if (doubts.has("cut") && isLarge(heads)) this.#newestDueMs ??= clock.monotonicMs() + NEWEST_MS;
    for (const doubt of doubts) {
      if (!isPostponable(doubt, heads)) continue;
      if (this.#ofPages.size === 0) this.#ofPagesDueMs = clock.monotonicMs() + POSTPONED_MS;
      this.#ofPages.add(doubt);
    }
  }

  /** Milliseconds until {@link plan} is worth it; undefined: nothing waits. */
  dueInMs(): number | undefined {
    const waits = [this.#ofPagesInMs(), this.#newestInMs(), this.#cutInMs()].filter((ms) => ms !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** Adds scans for what is due to the ledger's plan; returns why. Throws LedgerError, and then all of it still waits. */
  plan(): readonly ScanReason[] {
    const { ledger } = this.#ports;
    const ofPages = this.#ofPagesInMs() === 0 ? [...this.#ofPages] : [];
    const isNewestDue = this.#newestInMs() === 0;
    const isCutDue = this.#cutInMs() === 0;
    ledger.transaction(() => {
      const { store } = ledger;
      const heads = knownHeads(ledger);
      for (const doubt of ofPages) store.putScan(planScan(store.scan, tablesOfDoubt(doubt), doubt, heads));
      if (isNewestDue) store.putScan(planNewest(store.scan, heads));
      if (isCutDue) store.putScan(planScan(store.scan, tablesOfMissed(), "reset", heads));
    });
    for (const doubt of ofPages) this.#ofPages.delete(doubt);
    if (isNewestDue) this.#newestDueMs = undefined;
    return [
      ...ofPages,
      ...(isNewestDue ? (["cut"] as const) : []),
      ...(isCutDue ? (["reset"] as const) : []),
    ];
  }

  #ofPagesInMs(): number | undefined {
    if (this.#ofPages.size === 0) return undefined;
    return Math.max(0, this.#ofPagesDueMs - this.#ports.clock.monotonicMs());
  }

  #newestInMs(): number | undefined {
    if (this.#newestDueMs === undefined) return undefined;
    return Math.max(0, this.#newestDueMs - this.#ports.clock.monotonicMs());
  }

  /** By the wall clock, because the ledger keeps it over a restart. */
  #cutInMs(): number | undefined {
    const { cutUnixMs } = this.#ports.ledger.store.scan;
    if (cutUnixMs === undefined) return undefined;
    const waitedMs = wallUnixMs(this.#ports.clock) - cutUnixMs;
    // The wall clock was set back: sooner rather than later.
    return waitedMs < 0 ? 0 : Math.max(0, POSTPONED_MS - waitedMs);
  }
}
