import type { Clock, Timer } from "@imesh/time";
import type { CommandFault } from "../journal/command-record.ts";

/** Collaborators of {@link ProofWindows}. */
export interface ProofWindowsPorts {
  readonly clock: Clock;
  /** The window passed without a row. True when that is on record; false to be asked again in {@link RETRY_MS}. */
  readonly onPassed: (requestId: string, fault: CommandFault) => boolean;
}

interface Window {
  readonly fault: CommandFault;
  /** Undefined while rows cannot come. */
  readonly timer: Timer | undefined;
}

const RETRY_MS = 1_000;

/**
 * How long each command in flight still waits for its row. A window counts only time in which a row could have been
 * seen: while lock-broker is away nothing passes, and when it is back each window starts from its beginning.
 */
export class ProofWindows implements Disposable {
  readonly #ports: ProofWindowsPorts;
  readonly #windowMs: number;
  readonly #windows = new Map<string, Window>();
  #isLive = false;

  constructor(ports: ProofWindowsPorts, windowMs: number) {
    this.#ports = ports;
    this.#windowMs = windowMs;
  }

  /** Windows open now. */
  get size(): number {
    return this.#windows.size;
  }

  /** The command was handed over, or found in flight after a start; `fault` is what it is uncertain for if no row comes. */
  open(requestId: string, fault: CommandFault): void {
    this.close(requestId);
    this.#arm(requestId, fault, this.#windowMs);
  }

  /** Its row came, or it was settled otherwise. Harmless for a window that is not there. */
  close(requestId: string): void {
    this.#windows.get(requestId)?.timer?.cancel();
    this.#windows.delete(requestId);
  }

  /**
   * Whether rows come in and the head is reached: only then does a row that is missing mean anything. False at first.
   */
  setLive(isLive: boolean): void {
    this.#isLive = isLive;
    for (const [requestId, { fault, timer }] of [...this.#windows]) {
      timer?.cancel();
      this.#arm(requestId, fault, this.#windowMs);
    }
  }

  [Symbol.dispose](): void {
    for (const requestId of [...this.#windows.keys()]) this.close(requestId);
  }

  #arm(requestId: string, fault: CommandFault, delayMs: number): void {
    const timer = this.#isLive
      ? this.#ports.clock.setTimer(delayMs, () => this.#pass(requestId, fault))
      : undefined;
    this.#windows.set(requestId, { fault, timer });
  }

  #pass(requestId: string, fault: CommandFault): void {
    if (this.#ports.onPassed(requestId, fault)) this.#windows.delete(requestId);
    else this.#arm(requestId, fault, RETRY_MS);
  }
}
