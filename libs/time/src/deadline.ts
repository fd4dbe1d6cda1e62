import type { Clock } from "./clock.ts";

/** Reason of a signal that was aborted because its time was up. Uncertain by nature: the work may have had its effect. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly deadlineMs: number;

  constructor(deadlineMs: number) {
    super(`Cannot finish in time (${deadlineMs} ms)`);
    this.deadlineMs = deadlineMs;
  }
}

/** A signal with something to release; hold it with `using`. */
export interface OwnedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * A signal that aborts with {@link DeadlineError} after `ms`, or with the parent's reason when the parent aborts first.
 * Disposing releases the timer and the listener and leaves the signal as it is; it does not abort it.
 */
export function deadlineSignal(clock: Clock, ms: number, parent?: AbortSignal): OwnedSignal {
  const controller = new AbortController();
  if (parent?.aborted) {
    controller.abort(parent.reason);
    return { signal: controller.signal, [Symbol.dispose]: () => {} };
  }
  const timer = clock.setTimer(ms, () => settle(new DeadlineError(ms)));
  const abort = () => settle(parent?.reason);
  const release = () => {
    timer.cancel();
    parent?.removeEventListener("abort", abort);
  };
  const settle = (reason: unknown) => {
    release();
    controller.abort(reason);
  };
  parent?.addEventListener("abort", abort);
  return { signal: controller.signal, [Symbol.dispose]: release };
}
