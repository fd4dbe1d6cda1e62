import type { ChangeReader } from "./change-reader.ts";
import type { Ledger } from "./ledger.ts";
import { knownHeads } from "./meet-database.ts";

/** New rows that a step with something missed looks up itself, and waiting ones; the scan finds the rest. */
const MISSED_ROWS_MAX = 4_096;

/**
 * Messages that a scan for what was missed would find first: new ones and those that wait. The step looks them up with its
 * own, in the order of ROWIDs, or a chat's later messages would be told before its missed ones. None when chat.db cannot be
 * read: then the step fails likewise, and the scan is owed all the same.
 */
export function missedRows({
  ledger,
  reader,
}: {
  readonly ledger: Ledger;
  readonly reader: ChangeReader;
}): readonly bigint[] {
  const head = knownHeads(ledger).message;
  try {
    const fresh = reader.read((view) => view.reader.messageRowidsAfter(head, MISSED_ROWS_MAX));
    return [...ledger.waiting.lowest(MISSED_ROWS_MAX), ...fresh];
  } catch (error) {
    if (!reader.isUnreadable(error)) throw error;
    return [];
  }
}
