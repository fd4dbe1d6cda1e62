import type { Event } from "@imesh/contracts/bridge/v1/event";
import type { WrittenMessage } from "@imesh/contracts/simulator/v1";
import { unixNs } from "../events/unix-ns.ts";

/**
 * How long messages of a burst took from the commit that joined them to their chat until they were durable in
 * the journal.
 */
export interface BurstSummary {
  readonly written: number;
  readonly journaled: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const NS_PER_MS = 1_000_000;

/**
 * Puts what the simulator wrote and what the journal shows of a burst together, in whatever order they are
 * told.
 */
export class BurstMeter {
  readonly #joined = new Map<string, bigint>();
  readonly #journaled = new Map<string, bigint>();
  readonly #latenciesMs: number[] = [];

  /** A message of the burst is committed. */
  addWritten(message: WrittenMessage): void {
    const joinedNs = unixNs(message.joinedTime);
    if (joinedNs !== undefined) this.#joined.set(message.guid, joinedNs);
    this.#match(message.guid);
  }

  /** An event of the journal; those of other messages do no harm. */
  addEvent(event: Event): void {
    const journaledNs = unixNs(event.hopTimes?.journaledTime);
    if (event.payload?.$case !== "message" || journaledNs === undefined) return;
    this.#journaled.set(event.payload.value.guid, journaledNs);
    this.#match(event.payload.value.guid);
  }

  /** Whether at least `count` messages made it. */
  isDone(count: number): boolean {
    return this.#latenciesMs.length >= count;
  }

  /** As far as it is known; zeros before the first message made it. */
  get summary(): BurstSummary {
    const sorted = this.#latenciesMs.toSorted((left, right) => left - right);
    const quantile = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    return {
      written: this.#joined.size,
      journaled: sorted.length,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      maxMs: quantile(1),
    };
  }

  #match(guid: string): void {
    const joinedNs = this.#joined.get(guid);
    const journaledNs = this.#journaled.get(guid);
    if (joinedNs === undefined || journaledNs === undefined) return;
    // The simulator reads its clock after the commit, when the broker may have noticed it already.
    this.#latenciesMs.push(Math.max(0, Number(journaledNs - joinedNs) / NS_PER_MS));
    this.#journaled.delete(guid);
  }
}
