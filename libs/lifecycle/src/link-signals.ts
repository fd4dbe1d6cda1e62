import type { OwnedSignal } from "@imesh/time";

/**
 * A signal that aborts with the reason of whichever given signal aborts first (undefined ones are left out). Disposing
 * removes the listeners, which `AbortSignal.any` leaves to the garbage collector: a call in every request of a
 * process that lives for months must not lean on its signal for ever.
 */
export function linkSignals(...signals: readonly (AbortSignal | undefined)[]): OwnedSignal {
  const controller = new AbortController();
  const releases: (() => void)[] = [];
  const release = () => {
    for (const remove of releases.splice(0)) remove();
  };
  for (const signal of signals) {
    if (signal === undefined) continue;
    if (signal.aborted) {
      release();
      controller.abort(signal.reason);
      break;
    }
    const abort = () => {
      release();
      controller.abort(signal.reason);
    };
    signal.addEventListener("abort", abort);
    releases.push(() => signal.removeEventListener("abort", abort));
  }
  return { signal: controller.signal, [Symbol.dispose]: release };
}
