import {
  aborted,
  failedPrecondition,
  invalidArgument,
  notFound,
  resourceExhausted,
  unavailable,
} from "@imesh/rpc";
import { DisturbanceRefusedError } from "../disturbances/disturbance.ts";
import { CannotHappenError, NotThereError } from "../messages/acts/act.ts";
import { QuittingError } from "../messages/chores.ts";
import { DatabaseReplacedError } from "../messages/interruption.ts";
import { LanesFullError } from "../messages/lanes.ts";
import { OrderRefusedError } from "../messages/say-order.ts";

/** When to ask again after RESOURCE_EXHAUSTED: at full speed, a thousand waiting messages are written by then. */
const RETRY_DELAY_MS = 500;

/** Runs `work` and gives what Messages refuses the status that proto/imesh/simulator/v1 promises. `prefix` stands before fields. */
export async function refusalsAsStatus<T>(work: () => T | Promise<T>, prefix = ""): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw statusOf(error, prefix);
  }
}

/** What is no refusal stays as it is. */
function statusOf(error: unknown, prefix: string): unknown {
  if (error instanceof OrderRefusedError) {
    return invalidArgument([{ field: `${prefix}${error.field}`, description: error.bound }]);
  }
  if (!(error instanceof Error)) return error;
  const facts = { message: error.message, cause: error };
  if (error instanceof NotThereError) {
    return notFound({ ...facts, reason: `${error.what.toUpperCase()}_NOT_FOUND` });
  }
  if (error instanceof DisturbanceRefusedError) {
    return failedPrecondition({ ...facts, reason: "CANNOT_DISTURB" });
  }
  if (error instanceof CannotHappenError) return failedPrecondition({ ...facts, reason: "CANNOT_HAPPEN" });
  if (error instanceof DatabaseReplacedError) return aborted({ ...facts, reason: "DATABASE_REPLACED" });
  if (error instanceof QuittingError) return unavailable({ ...facts, reason: "QUITTING" });
  if (error instanceof LanesFullError) {
    return resourceExhausted({ ...facts, reason: "LANES_FULL", retryDelayMs: RETRY_DELAY_MS });
  }
  return error;
}
