import { assert } from "@imesh/flow";
import { EXIT_CODES, type Logger, Loop, StartupError } from "@imesh/lifecycle";
import type { Clock, Random } from "@imesh/time";
import { ManagedService, type ManagedServiceOptions, type ServiceReport } from "./managed-service.ts";
import { RESTART_POLICY } from "./restart-policy.ts";
import { ServiceLog } from "./service-log.ts";
import type { ServicePlan } from "./service-plan.ts";

/** Collaborators of the supervisor. */
export interface SupervisorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Called synchronously for every change of a service; must not throw. */
  readonly report: (report: ServiceReport) => void;
}

/** Where and how patiently. */
export interface SupervisorOptions extends Partial<ManagedServiceOptions> {
  /** Private directory for the logs. */
  readonly logsPath: string;
}

/** A stack of services that serves. Disposing stops it in reverse order. */
export interface Supervisor extends AsyncDisposable {
  /** Rejects with ServiceFailure when a service is given up; otherwise resolves after disposal. */
  readonly ended: Promise<void>;
  /** Kills every child at once. For the second Ctrl-C; dispose afterwards all the same. */
  kill(): void;
}

/**
 * A slow machine under load starts the whole stack in a few seconds; this is three times the slowest seen.
 */
export const READY_DEADLINE_MS = 20_000;

/** A healthy service stops in well under a second; what it had not finished is durable. */
export const STOP_DEADLINE_MS = 5_000;

const LOG_CHECK_INTERVAL_MS = 60_000;

/**
 * Starts every service of `plans` as soon as those it comes after serve, and returns when all do. Throws
 * ServiceFailure for the first that cannot be made to serve, or the reason of `signal`; everything is stopped
 * by then.
 */
export async function startSupervisor(
  ports: SupervisorPorts,
  plans: readonly ServicePlan[],
  options: SupervisorOptions,
  signal: AbortSignal,
): Promise<Supervisor> {
  const stack = new Stack(ports, options);
  try {
    await stack.start(plans, signal);
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

class Stack implements Supervisor {
  readonly ended: Promise<void>;
  readonly #ports: SupervisorPorts;
  readonly #options: SupervisorOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #logs: ServiceLog[] = [];
  /** In the order of the plans; a hole is a service that was not started yet. */
  readonly #services = new Map<string, ManagedService | undefined>();
  #logKeeper: Loop | undefined;
  #isClosed = false;

  constructor(ports: SupervisorPorts, options: SupervisorOptions) {
    this.#ports = ports;
    this.#options = options;
    this.ended = this.#ended.promise;
    // Nobody listens while the stack starts: a failure then comes out of `start` itself.
    this.ended.catch(() => {});
  }

  async start(plans: readonly ServicePlan[], signal: AbortSignal): Promise<void> {
    const serving = new Map<string, Promise<void>>();
    const stop = Promise.withResolvers<never>();
    const abort = () => stop.reject(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      signal.throwIfAborted();
      for (const plan of plans) {
        this.#services.set(plan.name, undefined);
        const before = plan.after.map((name) => {
          const other = serving.get(name);
          assert(other !== undefined, "a service comes after services that stand before it");
          return other;
        });
        const started = this.#startOne(plan, before);
        started.catch(() => {});
        serving.set(plan.name, started);
      }
      await Promise.race([Promise.all(serving.values()), stop.promise, this.ended]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
    this.#logKeeper = new Loop(this.#ports, {
      name: "log-keeper",
      step: async (ending) => {
        await this.#ports.clock.sleep(LOG_CHECK_INTERVAL_MS, ending);
        for (const log of this.#logs) await log.bound();
      },
    });
  }

  kill(): void {
    this.#isClosed = true;
    for (const service of this.#services.values()) service?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#logKeeper?.[Symbol.asyncDispose]();
    for (const service of [...this.#services.values()].reverse()) await service?.stop();
    for (const log of this.#logs.splice(0)) log[Symbol.dispose]();
    this.#ended.resolve();
  }

  async #startOne(plan: ServicePlan, before: readonly Promise<void>[]): Promise<void> {
    await Promise.all(before);
    if (this.#isClosed) return;
    const log = await this.#openLog(plan.name);
    if (this.#isClosed) return log[Symbol.dispose]();
    this.#logs.push(log);
    const { policy = RESTART_POLICY } = this.#options;
    const { readyDeadlineMs = READY_DEADLINE_MS, stopDeadlineMs = STOP_DEADLINE_MS } = this.#options;
    const service = new ManagedService({ ...this.#ports, log }, plan, {
      policy,
      readyDeadlineMs,
      stopDeadlineMs,
    });
    this.#services.set(plan.name, service);
    service.ended.catch((error: unknown) => this.#ended.reject(error));
    await service.serving;
  }

  async #openLog(service: string): Promise<ServiceLog> {
    try {
      return await ServiceLog.open(this.#options.logsPath, service);
    } catch (cause) {
      throw new StartupError({
        exitCode: EXIT_CODES.cannotCreate,
        message: `Cannot open the log of ${service}: ${this.#options.logsPath}`,
        hint: "Check the directory's owner and the free disk space",
        cause,
      });
    }
  }
}
