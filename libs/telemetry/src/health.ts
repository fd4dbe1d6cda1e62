import { assert } from "@imesh/flow";
import { type Clock, deadlineSignal } from "@imesh/time";

/** Time one readiness check has; a probe waits 1 s by Prometheus' and most supervisors' habit, so we answer before. */
const CHECK_DEADLINE_MS = 800;

/** What a check finds. `reason` is for operators: no handle, no text. */
export type Readiness = { readonly kind: "ready" } | { readonly kind: "not-ready"; readonly reason: string };

/** All checks together, as `/readyz` shows them. */
export interface HealthReport {
  readonly isReady: boolean;
  /** By the check's name: "ready", or why not. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Who asks whether the service can do its work, and who is asked. */
export class Health {
  readonly #clock: Clock;
  readonly #checks = new Map<string, () => Readiness | Promise<Readiness>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Adds a check under a name of its own ("chat-db", "journal"); disposing removes it. It is called at every probe, so
   * it is cheap; a throw or no answer in {@link CHECK_DEADLINE_MS} counts as not ready.
   */
  register(name: string, check: () => Readiness | Promise<Readiness>): Disposable {
    assert(!this.#checks.has(name), "each readiness check has a name of its own");
    this.#checks.set(name, check);
    return { [Symbol.dispose]: () => this.#checks.delete(name) };
  }

  /** Asks every check. Not ready while none is registered: the service is still starting. */
  async report(): Promise<HealthReport> {
    const names = [...this.#checks.keys()];
    const answers = await Promise.all(names.map((name) => this.#ask(name)));
    const checks = Object.fromEntries(names.map((name, index) => [name, answers[index] ?? "ready"]));
    return { isReady: names.length > 0 && answers.every((answer) => answer === "ready"), checks };
  }

  async #ask(name: string): Promise<string> {
    using deadline = deadlineSignal(this.#clock, CHECK_DEADLINE_MS);
    const late = new Promise<Readiness>((resolve) => {
      const reason = `no answer in ${CHECK_DEADLINE_MS} ms`;
      deadline.signal.addEventListener("abort", () => resolve({ kind: "not-ready", reason }), { once: true });
    });
    try {
      const readiness = await Promise.race([this.#checks.get(name)?.(), late]);
      return readiness?.kind === "not-ready" ? readiness.reason : "ready";
    } catch (error) {
      // The check's own failure is an answer: whatever it looks after cannot be looked at.
      return error instanceof Error ? error.name : "check failed";
    }
  }
}
