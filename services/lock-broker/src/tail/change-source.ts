import type { ToldChange } from "../changes/changes.ts";
import type { CommitNotice } from "../commits/commits.ts";
import type { DatabaseIdentity } from "../rows/rows.ts";

/**
 * Why a tail could not go on where its cursor stands and started again at the head.
 * - uid-changed: the cursor is of another database, and of a ledger that is no more
 * - guid-mismatch: a cursor of the former format names another row than the one that is there
 */
export type RestartReason = "uid-changed" | "guid-mismatch";

/** Consecutive changes for one consumer. */
export interface ChangePage {
  readonly changes: readonly ToldChange[];
  readonly database: DatabaseIdentity;
  /** What made us look; undefined when the changes were told long ago. */
  readonly notice: CommitNotice | undefined;
  readonly readAtUnixNs: bigint;
  /** They were there when the consumer came, or happened while nobody looked. */
  readonly isCatchingUp: boolean;
  /** Set in the first page, if at all. */
  readonly restarted: RestartReason | undefined;
  /** Empty because another database is being met: a notice follows when there is more to read. */
  readonly isBlocked: boolean;
}

/** One consumer's place among the changes (port); changes/ implements it. Used by one tail at a time; every call is synchronous. */
export interface ChangeSource {
  /**
   * The next changes, at most `changesMax` of them and about 3 MiB; moves on past them. A page may be empty though it moved. Throws
   * ChatDbError, LedgerError, and then has not moved.
   */
  read(changesMax: number): ChangePage;
  /** Where a new tail resumes. The same array as before when nothing changed since. */
  cursor(): Uint8Array;
  /** Everything that was told has been read. */
  readonly isAtHead: boolean;
  /** The database that is followed now; the same object until it is another. */
  readonly database: DatabaseIdentity;
  /** Largest ROWID of `message` when it was last read. */
  readonly headRowid: bigint;
  /** Messages that wait for their chat. */
  readonly pendingRows: number;
}

/** Tells that something was told (port); the recorder implements it. */
export interface ChangeFeed {
  /** Calls `listener` synchronously, in the turn in which changes were recorded, until disposed. It must not throw or block. */
  subscribe(listener: (notice: CommitNotice) => void): Disposable;
}
