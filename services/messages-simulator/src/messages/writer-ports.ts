import type { Clock } from "@imesh/time";
import type { ChatDatabase } from "../mac/chat-database.ts";
import type { Account } from "./account.ts";

/** What writing needs. Not to be copied: `stopping` is another one after the database was replaced. */
export interface WriterPorts {
  readonly database: ChatDatabase;
  readonly clock: Clock;
  readonly account: Account;
  /**
   * Aborts when the simulator stops (a row may then be left without its join, which the next start repairs) or when the
   * rows that a wait will go on with are gone.
   */
  readonly stopping: AbortSignal;
}

/** Waits between two transactions, not at all for 0. Rejects with the reason of `stopping`. */
export async function pause(delayMs: number, ports: WriterPorts): Promise<void> {
  if (delayMs > 0) await ports.clock.sleep(delayMs, ports.stopping);
}
