import type { OutgoingState } from "@imesh/imessage-model";
import type { RowSource } from "../journal/bridge-event.ts";
import type { JournalReads } from "../journal/journal-store.ts";

/** The journal as far as a status is compared with the one before. */
export type StatusReads = Pick<JournalReads, "lastFingerprint">;

/** The reason in the key of a status event, whichever reason lock-broker gave: they all tell one state. */
export const STATUS_REASON = "status";

/** How far an own message has come. */
export interface StatusFacts {
  readonly state: OutgoingState;
  /** `message.error`; 0 for none. */
  readonly error: number;
}

/**
 * What subscribers were told last of each own message, while the changes of one batch are worked through: by the journal, or by a
 * change before in the batch. Several changes of a row that are read at once all show its newest state, and after a power cut
 * changes can be told again; only a state other than the last one told is news. Made for each batch, like IntakeCommands.
 */
export class IntakeStatuses {
  readonly #journal: StatusReads;
  readonly #told = new Map<bigint, string>();

  constructor(journal: StatusReads) {
    this.#journal = journal;
  }

  /**
   * The fingerprint of the event that tells this state, or null when it is what was told last. All rows of a batch are of one
   * file. The sequence makes a state that comes back (sent, failed, tried again, sent) another event.
   */
  fingerprintIfNews(row: RowSource, status: StatusFacts, sequence: bigint): string | null {
    const last =
      this.#told.get(row.rowid) ?? this.#journal.lastFingerprint({ ...row, reason: STATUS_REASON });
    const state = `${status.state}:${status.error}`;
    if (last !== null && stateOf(last) === state) return null;
    const fingerprint = `${state}:${sequence}`;
    this.#told.set(row.rowid, fingerprint);
    return fingerprint;
  }
}

/** Before lock-broker had a change log the state was all there was; those journals are still read (I12). */
function stateOf(fingerprint: string): string {
  return fingerprint.split(":", 2).join(":");
}
