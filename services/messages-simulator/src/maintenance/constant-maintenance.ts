import type { Clock } from "@imesh/time";
import { SeededRandom } from "../messages/seeded-random.ts";
import { MAINTENANCE_KINDS, type MaintenancePorts, maintain } from "./maintenance.ts";

const MS_PER_S = 1_000;

/** Rows a piece of upkeep touches at most. */
const ROWS_MAX = 5;

/** How much, and by what chance. */
export interface ConstantMaintenanceOptions {
  /** Pieces of upkeep per second, more than 0; two of the six kinds take two transactions. */
  readonly perSecond: number;
  readonly seed: bigint;
}

/**
 * Upkeep that never ends, for benchmarks: a reader must stay silent and cheap under it. Pieces are spread evenly; one that
 * was late does not make the next one early. Runs until `signal` aborts, and then resolves; rejects when a piece failed.
 */
export async function maintainForever(
  { perSecond, seed }: ConstantMaintenanceOptions,
  ports: MaintenancePorts & { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { database, clock, signal } = ports;
  const random = new SeededRandom(
    seed,
    `constant maintenance ${database.uniqueIdentifier} ${database.saves}`,
  );
  const gapMs = MS_PER_S / perSecond;
  let dueMs = clock.monotonicMs() + gapMs;
  while (!signal.aborted) {
    try {
      await clock.sleep(Math.max(dueMs - clock.monotonicMs(), 0), signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    dueMs = Math.max(dueMs, clock.monotonicMs()) + gapMs;
    const order = { kind: random.pick(MAINTENANCE_KINDS), rows: random.integer(1, ROWS_MAX) };
    maintain({ ...order, seed: BigInt(random.integer(0, 0xffff_ffff)) }, ports);
  }
}
