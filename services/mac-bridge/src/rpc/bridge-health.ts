import type { Logger } from "@imesh/lifecycle";
import type { HealthRegistry } from "@imesh/rpc";
import type { BrokerLink } from "../intake/intake.ts";
import type { JournalObserver } from "../journal/journal.ts";
import type { JournalError } from "../journal/journal-error.ts";

/** Answers calls: NOT_SERVING while the journal cannot be written. */
export const BRIDGE_HEALTH = "imesh.bridge.v1.BridgeService";

/** Rows come in: NOT_SERVING while there is no stream from lock-broker. The journal can still be read and commands wait. */
export const INTAKE_HEALTH = "imesh.bridge.v1.BridgeService/intake";

/**
 * What grpc.health.v1 tells, by two names so that a client knows whom to blame; the whole process ("") serves while both do.
 */
export class BridgeHealth implements JournalObserver {
  readonly #registry: HealthRegistry;
  readonly #log: Logger;

  constructor(registry: HealthRegistry, log: Logger) {
    this.#registry = registry;
    this.#log = log;
    registry.set(BRIDGE_HEALTH, "SERVING");
    registry.set(INTAKE_HEALTH, "NOT_SERVING", "no stream from lock-broker yet");
  }

  faultChanged(fault: JournalError | null): void {
    if (fault === null) {
      this.#log.info({ event: "journal-recovered" });
      this.#registry.set(BRIDGE_HEALTH, "SERVING");
      return;
    }
    this.#log.error({ event: "journal-failing", code: fault.code, sqliteCode: fault.sqliteCode });
    this.#registry.set(BRIDGE_HEALTH, "NOT_SERVING", `journal: ${fault.code}`);
  }

  linkChanged(link: BrokerLink): void {
    if (link === "disconnected")
      this.#registry.set(INTAKE_HEALTH, "NOT_SERVING", "no stream from lock-broker");
    else this.#registry.set(INTAKE_HEALTH, "SERVING");
  }
}
