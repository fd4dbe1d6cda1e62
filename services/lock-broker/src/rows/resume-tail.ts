import type { FileIdentity, TailState } from "./row-cursor.ts";
import type { RestartReason } from "./rows.ts";

/** What a position is compared with: the database as one read transaction sees it. */
export interface DatabaseFacts {
  readonly databaseUid: string;
  readonly file: FileIdentity;
  /** Largest ROWID of `message`; 0 when empty. */
  readonly headRowid: bigint;
  /**
   * Largest ROWID that was ever given out: the AUTOINCREMENT counter where there is one, else headRowid. Unlike headRowid it does
   * not fall when the newest row is deleted, which Messages does for every replaced tapback (reference §2.6).
   */
  readonly endRowid: bigint;
  /** textHash of the guid at a ROWID; undefined when there is no such row. Asked only in doubt. */
  guidHashAt(rowid: bigint): number | undefined;
}

/** Whether a tail may go on where it stands. */
export type Resumption =
  | { readonly kind: "continued"; readonly state: TailState }
  | { readonly kind: "restarted"; readonly reason: RestartReason; readonly state: TailState };

/** How carefully to look: "open" when a cursor comes in from outside, "read" for each read of a tail that is open. */
export type ResumeMoment = "open" | "read";

/** A tail at the present end of the database: nothing that is there is sent. */
export function tailAtHead(facts: DatabaseFacts): TailState {
  return {
    databaseUid: facts.databaseUid,
    file: facts.file,
    afterRowid: facts.headRowid,
    afterGuidHash: facts.guidHashAt(facts.headRowid) ?? 0,
    pending: [],
  };
}

/**
 * Decides where a tail stands in the database that is open now (design §3.4). The rule:
 * - another uid, or a position beyond the end: another database. Start at its head.
 * - the same uid and the same file: go on.
 * - the same uid, another file (a restored copy, a move): go on if the row at the position still has its guid, else start
 *   at the head. A row that is gone proves nothing, so it counts as different.
 * - no uid to compare: the guid decides in the same file too, but only when it contradicts; the row may just be deleted.
 *
 * It never restarts at 0 and never waits at a position above the end: both have silenced other readers for good
 * (reference §4.4). A restart is told by the reason and, on the wire, by the changed identity.
 */
export function resumeTail(state: TailState, facts: DatabaseFacts, moment: ResumeMoment): Resumption {
  if (state.databaseUid !== facts.databaseUid) return restarted("uid-changed", facts);
  if (state.afterRowid > facts.endRowid) return restarted("beyond-end", facts);
  const isSameFile = state.file.device === facts.file.device && state.file.inode === facts.file.inode;
  if (isSameFile && (state.databaseUid !== "" || moment === "read")) return { kind: "continued", state };
  const moved = isSameFile ? state : { ...state, file: facts.file };
  if (state.afterRowid === 0n) {
    // It was empty: with a uid to hold on to, everything in it is new. Without one, nothing is known.
    const isKnown = isSameFile || state.databaseUid !== "";
    return isKnown ? { kind: "continued", state: moved } : restarted("guid-mismatch", facts);
  }
  const guidHash = facts.guidHashAt(state.afterRowid);
  const isMatch = guidHash === state.afterGuidHash || (guidHash === undefined && isSameFile);
  return isMatch ? { kind: "continued", state: moved } : restarted("guid-mismatch", facts);
}

function restarted(reason: RestartReason, facts: DatabaseFacts): Resumption {
  return { kind: "restarted", reason, state: tailAtHead(facts) };
}
