/**
 * Resolves with undefined when `signal` aborts, at once when it has. Leaves one listener behind until then.
 */
export function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
