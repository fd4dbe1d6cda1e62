import { spawnSync } from "node:child_process";
import { assert } from "@imesh/flow";
import { DisturbanceRefusedError } from "./disturbance.ts";

/** A second writer is up and killed within this time, or something is wrong with it. */
const DEADLINE_MS = 30_000;

/** How the second writer is started. */
export interface KilledWriterLaunch {
  /** Absolute path of the node binary. */
  readonly nodePath: string;
  /** bin/killed-writer.ts. */
  readonly programPath: string;
}

/**
 * Runs a second process that begins a transaction on the database, writes until pages of it have reached the log, and is
 * killed there by SIGKILL, its own, so that nothing else can come between. Blocks until it is dead: the simulator could
 * not write meanwhile anyway. Throws DisturbanceRefusedError when it did not come that far.
 */
export function killWriter(
  launch: KilledWriterLaunch,
  order: { readonly path: string; readonly rows: number; readonly seed: bigint },
): void {
  const argv = [launch.programPath, order.path, String(order.rows), String(order.seed)];
  const child = spawnSync(launch.nodePath, argv, {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: DEADLINE_MS,
    killSignal: "SIGTERM",
    env: {},
  });
  assert(child.error?.name !== "TypeError", "the second writer's command line is whole");
  if (child.signal === "SIGKILL") return;
  const outcome = child.error?.message ?? `exit code ${child.status}: ${String(child.stderr).slice(0, 500)}`;
  throw new DisturbanceRefusedError("writer-killed", outcome, child.error);
}
