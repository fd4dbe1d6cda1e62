import { assert } from "./assert.ts";

interface Waiter {
  wake(): void;
}

/**
 * A coalescing wake-up between one waiter and any number of notifiers: any number of notifications before a wait amount
 * to one. It carries no data, because a notification is a hint and the position is the truth (I2): who wakes up
 * looks how far it can go.
 *
 * The order that loses nothing: read the position, then `wait`. A `notify` between the two is kept.
 */
export class Signal {
  #isNotified = false;
  #waiter: Waiter | undefined;

  /** Wakes the waiter, or lets the next {@link wait} return at once. Never blocks, never throws; call it from anywhere. */
  notify(): void {
    if (this.#waiter === undefined) {
      this.#isNotified = true;
      return;
    }
    this.#waiter.wake();
  }

  /**
   * Resolves at the next notification, or at once when one came since the last wait. Rejects with the signal's reason
   * when it is aborted first; the notification is then kept for the next wait. Asserts that nobody else is waiting: a
   * second waiter would steal the first one's wake-up.
   */
  async wait(signal: AbortSignal): Promise<void> {
    assert(this.#waiter === undefined, "a signal has at most one waiter");
    signal.throwIfAborted();
    if (this.#isNotified) {
      this.#isNotified = false;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const release = () => {
        this.#waiter = undefined;
        signal.removeEventListener("abort", abort);
      };
      const abort = () => {
        release();
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort);
      this.#waiter = {
        wake: () => {
          release();
          resolve();
        },
      };
    });
  }
}
