import type { RowSource } from "../journal/bridge-event.ts";

/**
 * Where chat.db ends at this moment (port). Asked by the dispatcher just before each dispatch: a row that is there already
 * cannot be the command's. Rejects while lock-broker cannot say it; the dispatcher then waits and asks again.
 */
export interface DatabaseHead {
  read(signal: AbortSignal): Promise<RowSource>;
}
