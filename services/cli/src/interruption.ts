import { constants } from "node:os";
import type { Clock, Timer } from "@imesh/time";

/** What tells a command to end. */
export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

/** A terminal tells every process of its group, and npm passes on what it is told: one Ctrl-C may come twice. */
const ECHO_MS_MAX = 200;

/** From the first signal until a command that does not end is ended. A command with nothing to release needs none of it. */
export const GRACE_MS = 2_500;

/** Why a command is to end: a signal. */
export class ToldToEnd extends Error {
  override readonly name = "ToldToEnd";
  /** What shells say of a process that the signal ended: 130 for SIGINT, 143 for SIGTERM. */
  readonly exitCode: number;

  constructor(signal: SignalName) {
    super(`Told to end: ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** What signals do to a command: once is an orderly end, twice is an end. */
export class Interruption {
  readonly #clock: Clock;
  readonly #end: (signal: SignalName) => void;
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  #holders = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #grace: Timer | undefined;

  /** `end` ends the process as `signal` does where nobody listens for it; nothing of the command runs afterwards. */
  constructor(clock: Clock, end: (signal: SignalName) => void) {
    this.#clock = clock;
    this.#end = end;
  }

  /** Aborts at the first signal, or by {@link stopFor}. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborts at the second signal while somebody {@link hold}s. */
  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /**
   * Until it is disposed, the process is not ended from here before the third signal: its owner ends in order, by a deadline
   * of its own, as services do that are stopped one after the other.
   */
  hold(): Disposable {
    this.#holders += 1;
    return {
      [Symbol.dispose]: () => {
        this.#holders -= 1;
      },
    };
  }

  /** A signal came. */
  told(signal: SignalName): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#toldMs <= ECHO_MS_MAX) return;
    const isFirst = this.#grace === undefined;
    this.#toldMs = nowMs;
    if (isFirst) {
      this.#armGrace(signal);
      this.stopFor(new ToldToEnd(signal));
      return;
    }
    if (this.#holders === 0 || this.#kill.signal.aborted) this.#end(signal);
    else this.#kill.abort(new Error(`Told twice to end: ${signal}`));
  }

  /** The command is to end for another reason than a signal. */
  stopFor(reason: Error): void {
    this.#stop.abort(reason);
  }

  /** The command is over: the process may end by itself. */
  over(): void {
    this.#grace?.cancel();
  }

  #armGrace(signal: SignalName): void {
    this.#grace = this.#clock.setTimer(GRACE_MS, () => {
      if (this.#holders === 0) this.#end(signal);
      else this.#armGrace(signal);
    });
  }
}
