import { linkSignals } from "@imesh/lifecycle";
import type { Clock, Random } from "@imesh/time";
import { deadlineSignal } from "@imesh/time";
import { untilAborted } from "../until-aborted.ts";
import { type ChildExit, type RunningChild, startChild } from "./child-process.ts";
import { decideRestart, type RestartPolicy } from "./restart-policy.ts";
import { ServiceFailure, type ServiceFault } from "./service-failure.ts";
import type { ServiceLog } from "./service-log.ts";
import type { ServicePlan } from "./service-plan.ts";

/** What the supervisor tells about a service while it lives. */
export type ServiceReport =
  | { readonly kind: "started"; readonly service: string; readonly pid: number | undefined }
  /** `tookMs` since its process was started. */
  | { readonly kind: "serving"; readonly service: string; readonly tookMs: number }
  | {
      readonly kind: "restarting";
      readonly service: string;
      readonly exit: ChildExit;
      readonly delayMs: number;
    }
  /** It was told to end and did not in time. */
  | { readonly kind: "killed"; readonly service: string; readonly waitedMs: number }
  | { readonly kind: "stopped"; readonly service: string };

/** Collaborators of a {@link ManagedService}. */
export interface ManagedServicePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ServiceLog;
  /** Called synchronously; must not throw. */
  readonly report: (report: ServiceReport) => void;
}

/** Patience with one service. */
export interface ManagedServiceOptions {
  readonly policy: RestartPolicy;
  /** From the first start until it must serve, restarts included. Milliseconds. */
  readonly readyDeadlineMs: number;
  /** From SIGTERM to SIGKILL. Milliseconds. */
  readonly stopDeadlineMs: number;
}

/** Between two probes. A probe costs well under a millisecond; a person does not notice 15. */
const PROBE_INTERVAL_MS = 15;
const LAST_WORDS_MAX = 8;

/**
 * One service kept running: started, watched until it serves, started again with a growing delay when it ends
 * unasked, given up when that does not help. Only the end of its process makes it restart: a service that
 * runs but is not healthy says so in `imesh status`, and killing it would lose what it is waiting for.
 */
export class ManagedService {
  readonly name: string;
  /**
   * Resolves when it serves for the first time; rejects with ServiceFailure, or with the reason of a stop
   * before that.
   */
  readonly serving: Promise<void>;
  /** Resolves after {@link stop}; rejects with ServiceFailure when the service is given up. */
  readonly ended: Promise<void>;
  readonly #plan: ServicePlan;
  readonly #ports: ManagedServicePorts;
  readonly #options: ManagedServiceOptions;
  readonly #stopping = new AbortController();
  readonly #served = Promise.withResolvers<void>();
  #child: RunningChild | undefined;
  #hasServed = false;

  /** Starts at once. */
  constructor(ports: ManagedServicePorts, plan: ServicePlan, options: ManagedServiceOptions) {
    this.name = plan.name;
    this.#plan = plan;
    this.#ports = ports;
    this.#options = options;
    this.serving = this.#served.promise;
    this.ended = this.#keepRunning();
    // Whoever starts us awaits both; between the two awaits a rejection must not count as unhandled.
    this.serving.catch(() => {});
    this.ended.catch((error: unknown) => this.#served.reject(error));
  }

  /** Pid of the present run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** SIGTERM, a wait, SIGKILL. Resolves when its process is gone; never throws. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`Stopped: ${this.name}`));
    const child = this.#child;
    if (child !== undefined) {
      child.signal("SIGTERM");
      using deadline = deadlineSignal(this.#ports.clock, this.#options.stopDeadlineMs);
      const exit = await Promise.race([child.exited, untilAborted(deadline.signal)]);
      if (exit === undefined) {
        child.signal("SIGKILL");
        const waitedMs = this.#options.stopDeadlineMs;
        this.#ports.report({ kind: "killed", service: this.name, waitedMs });
        await child.exited;
      }
    }
    await this.ended.catch(() => {});
    this.#ports.report({ kind: "stopped", service: this.name });
  }

  /** Ends its process without asking. For the second Ctrl-C. */
  kill(): void {
    this.#stopping.abort(new Error(`Killed: ${this.name}`));
    this.#child?.signal("SIGKILL");
  }

  async #keepRunning(): Promise<void> {
    const stop = this.#stopping.signal;
    using ready = deadlineSignal(this.#ports.clock, this.#options.readyDeadlineMs, stop);
    let quickRuns = 0;
    while (!stop.aborted) {
      const startedMs = this.#ports.clock.monotonicMs();
      const exit = await this.#runOnce(startedMs, ready.signal);
      if (exit === undefined || stop.aborted) break;
      const ranMs = this.#ports.clock.monotonicMs() - startedMs;
      const decision = decideRestart({ exit, ranMs, quickRuns }, this.#options.policy, this.#ports.random);
      if (decision.kind === "give-up") {
        throw this.#failure(
          decision.because === "final-exit"
            ? { kind: "ended", exit }
            : { kind: "crash-loop", exit, quickRuns: decision.quickRuns },
        );
      }
      quickRuns = decision.quickRuns;
      this.#ports.report({ kind: "restarting", service: this.name, exit, delayMs: decision.delayMs });
      // Only our own stop ends this sleep early, and the loop condition sees it.
      await this.#ports.clock.sleep(decision.delayMs, stop).catch(() => {});
    }
    this.#served.reject(stop.reason);
  }

  /** One run, to its end; undefined when it was stopped before it started. */
  async #runOnce(startedMs: number, ready: AbortSignal): Promise<ChildExit | undefined> {
    const { command, variables } = await this.#plan.prepare();
    await this.#ports.log.mark();
    if (this.#stopping.signal.aborted) return undefined;
    const child = startChild({ command, variables, logFd: this.#ports.log.fd });
    this.#child = child;
    this.#ports.report({ kind: "started", service: this.name, pid: child.pid });
    const exitedController = new AbortController();
    const exited = child.exited.finally(() => exitedController.abort());
    using watching = linkSignals(exitedController.signal, this.#stopping.signal);
    const detail = await this.#probeUntilServing(watching.signal, this.#hasServed ? undefined : ready);
    if (detail !== undefined) {
      child.signal("SIGKILL");
      await exited;
      this.#child = undefined;
      throw this.#failure({ kind: "not-serving", detail, waitedMs: this.#options.readyDeadlineMs });
    }
    if (!watching.signal.aborted) this.#nowServing(startedMs);
    const exit = await exited;
    this.#child = undefined;
    return exit;
  }

  #nowServing(startedMs: number): void {
    this.#hasServed = true;
    const tookMs = this.#ports.clock.monotonicMs() - startedMs;
    this.#ports.report({ kind: "serving", service: this.name, tookMs });
    this.#served.resolve();
  }

  /** Undefined once it serves or `end` aborts; what is missing when `deadline` aborts first. */
  async #probeUntilServing(end: AbortSignal, deadline: AbortSignal | undefined): Promise<string | undefined> {
    using either = linkSignals(end, deadline);
    let detail = "it was not asked yet";
    while (!either.signal.aborted) {
      const readiness = await this.#plan.probe(either.signal);
      if (readiness.kind === "serving") return undefined;
      // A probe that was cut short by the deadline knows less than the one before it.
      if (!either.signal.aborted) detail = readiness.detail;
      await this.#ports.clock.sleep(PROBE_INTERVAL_MS, either.signal).catch(() => {});
    }
    return end.aborted ? undefined : detail;
  }

  #failure(fault: ServiceFault): ServiceFailure {
    const { log } = this.#ports;
    return new ServiceFailure(this.name, fault, { path: log.path, words: log.lastWords(LAST_WORDS_MAX) });
  }
}
