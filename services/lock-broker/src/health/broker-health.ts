import type { Clock, Timer } from "@imesh/time";
import type { RecorderState } from "../changes/recorder.ts";
import type { WatchState } from "../commits/commits.ts";

/** Whether the broker does its work. */
export type BrokerHealth =
  | { readonly kind: "serving" }
  /** `reason` is for operators: it names the file and the system's words, never a row. */
  | { readonly kind: "not-serving"; readonly reason: string };

/** How long something committed may stay unread before that is a fault: a hundred polls, four times a bad garbage collection. */
export const UNREAD_MS_MAX = 2_000;

/** How often health is looked at. */
const CHECK_MS = 500;

/**
 * The verdict. "The database's head moved and we did not read it" is our fault (or a stuck consumer's) and is told apart from a
 * database nobody writes to, which is no fault of anyone here.
 */
export function brokerHealth(watch: WatchState, recorder: RecorderState, unreadForMs: number): BrokerHealth {
  if (watch.kind === "failing") return { kind: "not-serving", reason: watch.error.message };
  if (recorder.kind === "failing") return { kind: "not-serving", reason: recorder.error.message };
  if (unreadForMs > UNREAD_MS_MAX) {
    return { kind: "not-serving", reason: `Commits are left unread for more than ${UNREAD_MS_MAX} ms` };
  }
  return { kind: "serving" };
}

/** Collaborators of a {@link HealthMonitor}. */
export interface HealthMonitorPorts {
  readonly clock: Clock;
  /** State of the commit watcher. */
  readonly watchState: () => WatchState;
  /** State of the recorder. */
  readonly recorderState: () => RecorderState;
  /** The longest of all that is committed and not recorded, or told and not read by a tail. */
  readonly unreadForMs: () => number;
  /** Told the verdict at the start and at each look. Must not throw; may be told the same again. */
  readonly onHealth: (health: BrokerHealth) => void;
}

/** Looks at health every 500 ms, and when asked to because something happened. */
export class HealthMonitor implements Disposable {
  readonly #ports: HealthMonitorPorts;
  #timer: Timer | undefined;

  constructor(ports: HealthMonitorPorts) {
    this.#ports = ports;
    this.#tick();
  }

  /** Looks now. */
  check(): BrokerHealth {
    const health = brokerHealth(
      this.#ports.watchState(),
      this.#ports.recorderState(),
      this.#ports.unreadForMs(),
    );
    this.#ports.onHealth(health);
    return health;
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #tick(): void {
    this.check();
    this.#timer = this.#ports.clock.setTimer(CHECK_MS, () => this.#tick());
  }
}
