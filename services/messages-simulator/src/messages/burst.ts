import { Signal } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import { type BurstOrder, type PlannedMessage, planBurst } from "./burst-plan.ts";
import type { WrittenMessage } from "./incoming.ts";

/** Messages of one burst begun and not yet reported: enough to keep a thousand chats busy. */
const BEGUN_MAX = 1_000;

/** What a burst is run with. */
export interface BurstPorts {
  readonly clock: Clock;
  /** Writes one message in its chat's lane. */
  readonly write: (message: PlannedMessage) => Promise<WrittenMessage>;
  /** Tells of a written message, one at a time; the burst is no faster than this. */
  readonly report: (message: WrittenMessage) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Runs a burst to its end; see `Messages.burst`. */
export async function runBurst(order: BurstOrder, ports: BurstPorts): Promise<void> {
  const { clock, signal } = ports;
  const startedMs = clock.monotonicMs();
  const settled = new Signal();
  let begun = 0;
  let failure: { readonly error: unknown } | undefined;
  let reported: Promise<void> = Promise.resolve();
  // One after the other: a stream's write is awaited before the next, also while its reader is slow.
  const report = (message: WrittenMessage) => {
    const told = reported.then(() => ports.report(message));
    reported = told.catch(() => {});
    return told;
  };
  const begin = (message: PlannedMessage) => {
    begun += 1;
    ports
      .write(message)
      .then(report)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        begun -= 1;
        settled.notify();
      });
  };
  for (const message of planBurst(order)) {
    const waitMs = startedMs + message.dueMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    while (begun >= BEGUN_MAX && failure === undefined) await settled.wait(signal);
    if (failure !== undefined) throw failure.error;
    signal.throwIfAborted();
    begin(message);
  }
  while (begun > 0 && failure === undefined) await settled.wait(signal);
  if (failure !== undefined) throw failure.error;
}
