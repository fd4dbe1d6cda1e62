import {
  HealthService,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@imesh/contracts/grpc/health/v1";
import { Signal } from "@imesh/flow";
import { notFound } from "./errors.ts";
import { type RpcService, rpcService, serverStream, unary } from "./handlers.ts";
import type { RpcError } from "./rpc-error.ts";

/** Whether a service can do its work. */
export type HealthStatus = "SERVING" | "NOT_SERVING";

/** State of one service. */
export interface HealthState {
  readonly status: HealthStatus;
  /**
   * Why it is not serving, for the status page and the log: "no Full Disk Access". Not on the wire. Empty
   * when serving.
   */
  readonly reason: string;
}

/** The whole process, in grpc.health.v1's spelling. */
const WHOLE_PROCESS = "";
const DRAINING: HealthState = { status: "NOT_SERVING", reason: "draining" };

/**
 * Health of the services of one process. A service counts as known from its first {@link set} on; the process
 * as a whole ("") serves while every known service does. Written by the composition root and whoever notices
 * trouble; read by grpc.health.v1 and the status page.
 */
export class HealthRegistry {
  readonly #states = new Map<string, HealthState>();
  readonly #listeners = new Set<() => void>();
  #isDraining = false;

  /** Sets the state of `service` ("package.Service"). Watchers hear of it if it changed. */
  set(service: string, status: HealthStatus, reason = ""): void {
    const before = this.#states.get(service);
    if (before?.status === status && before.reason === reason) return;
    this.#states.set(service, { status, reason });
    this.#notify();
  }

  /** The process goes away: everything is NOT_SERVING from now on, whatever {@link set} says. */
  drain(): void {
    this.#isDraining = true;
    this.#notify();
  }

  /** State of a service, or of the whole process for ""; undefined for a name never set. */
  get(service: string): HealthState | undefined {
    if (service !== WHOLE_PROCESS && !this.#states.has(service)) return undefined;
    if (this.#isDraining) return DRAINING;
    if (service !== WHOLE_PROCESS) return this.#states.get(service);
    const ill = [...this.#states.values()].find((state) => state.status === "NOT_SERVING");
    return ill ?? { status: "SERVING", reason: "" };
  }

  /** Every known service with its state, the whole process ("") first. */
  list(): ReadonlyMap<string, HealthState> {
    const names = [WHOLE_PROCESS, ...this.#states.keys()];
    return new Map(
      names.flatMap((name) => {
        const state = this.get(name);
        return state === undefined ? [] : [[name, state]];
      }),
    );
  }

  /** Calls `listener` after each change until the returned function is called. It must not throw. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * grpc.health.v1.Health over a registry. Watch sends the latest state only: a slow watcher misses the ones
 * between.
 */
export function healthService(registry: HealthRegistry): RpcService {
  return rpcService(HealthService, {
    check: unary((request) => {
      const state = registry.get(request.service);
      if (state === undefined) throw unknownService();
      return { status: ServingStatus[state.status] };
    }),
    list: unary(() => ({
      statuses: Object.fromEntries(
        [...registry.list()].map(([name, state]) => [name, { status: ServingStatus[state.status] }]),
      ),
    })),
    watch: serverStream(async (request, context, write) => {
      const changed = new Signal();
      const stop = registry.onChange(() => changed.notify());
      context.draining.addEventListener("abort", () => changed.notify(), { once: true });
      try {
        let sent: number | undefined;
        for (;;) {
          const isLast = context.draining.aborted;
          const status = ServingStatus[registry.get(request.service)?.status ?? "SERVICE_UNKNOWN"];
          if (status !== sent) await write({ status });
          sent = status;
          if (isLast) return;
          await changed.wait(context.signal);
        }
      } finally {
        stop();
      }
    }),
  });
}

/** The name is the caller's own text and is not repeated: it may be anything. */
function unknownService(): RpcError {
  return notFound({ reason: "SERVICE_UNKNOWN", message: "Cannot tell health: unknown service" });
}
