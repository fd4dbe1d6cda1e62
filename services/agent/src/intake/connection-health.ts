import type { HealthRegistry } from "@imesh/rpc";
import type { Clock, Timer } from "@imesh/time";

/** A reconnection takes less than this; only what lasts longer is worth somebody's attention. */
const GRACE_MS = 5_000;

/**
 * Health of the agent, as grpc.health.v1 tells it: NOT_SERVING until the stream from mac-bridge is open for the first time,
 * and again when it has been closed for more than 5 s.
 */
export class ConnectionHealth implements Disposable {
  readonly #health: HealthRegistry;
  readonly #clock: Clock;
  readonly #service: string;
  #timer: Timer | undefined;
  #isConnected = false;

  /** `service` is the gRPC service whose health this is. */
  constructor(health: HealthRegistry, clock: Clock, service: string) {
    this.#health = health;
    this.#clock = clock;
    this.#service = service;
    health.set(service, "NOT_SERVING", "not connected yet");
  }

  /** Whether the stream is open now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The stream was opened or lost. */
  set(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (isConnected) {
      this.#health.set(this.#service, "SERVING");
      return;
    }
    this.#timer = this.#clock.setTimer(GRACE_MS, () => {
      this.#health.set(this.#service, "NOT_SERVING", "no stream from mac-bridge");
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }
}
