import { assert } from "@imesh/flow";
import { PENDING_ROWS_MAX, type PendingRow, type TailState } from "./row-cursor.ts";
import type { RowObservation } from "./row-observation.ts";
import { FORGET, judgeRow } from "./row-verdict.ts";
import type { EmissionReason } from "./rows.ts";

/** What one read transaction saw. */
export interface TailSnapshot {
  /** Rows after the position, by rising ROWID, none left out between the first and the last. */
  readonly fresh: readonly RowObservation[];
  /** Pending rows that were read again; undefined: the row is gone. Every unjoined one is here, others when they are due. */
  readonly followed: ReadonlyMap<bigint, RowObservation | undefined>;
}

/** The bounds of one step. */
export interface TailBounds {
  /** How long a row waits for its chat before it is emitted without. */
  readonly settleDeadlineMs: number;
  /** Most rows emitted. */
  readonly rowsMax: number;
  /** Most bytes of bodies emitted, except that one row always fits. */
  readonly bytesMax: number;
  /** Most rows kept beside the position. Default {@link PENDING_ROWS_MAX}. */
  readonly pendingRowsMax?: number;
}

/** A row to emit, and why. */
export interface Emission {
  readonly rowid: bigint;
  readonly reason: EmissionReason;
  /** Bytes of its bodies. */
  readonly bytes: number;
}

/** What a step decided. */
export interface TailStep {
  /** By rising ROWID; at most one for each row. */
  readonly emissions: readonly Emission[];
  /** The same object as before when nothing moved. */
  readonly state: TailState;
  /** A bound was reached and part of the snapshot was left for the next step. */
  readonly isCut: boolean;
  /** Rows forgotten because too many were followed. */
  readonly followedDropped: number;
  /** Fresh rows passed. */
  readonly rowsScanned: number;
}

/**
 * Decides what a snapshot means for a tail (design §3.6). Pure: the same state, snapshot and time give the same step.
 *
 * A fresh row with its chat is emitted at once. One without goes to the side set and never holds back later rows; it is
 * emitted when its chat is there, or without it at the deadline (and again when the chat comes after all). Emitted rows are
 * followed for as long as they may still change in a way the wire tells. Every row is emitted exactly once as new or
 * unjoined, unless it is deleted first, for every sequence of states that was produced by this function.
 */
export function advanceTail(
  state: TailState,
  snapshot: TailSnapshot,
  nowUnixMs: number,
  bounds: TailBounds,
): TailStep {
  const step = new Step(snapshot, nowUnixMs, bounds);
  for (const row of state.pending) step.revisit(row);
  let after: RowObservation | undefined;
  let rowsScanned = 0;
  for (const row of snapshot.fresh) {
    assert(row.rowid > (after?.rowid ?? state.afterRowid), "fresh rows rise from the position");
    if (!step.scan(row)) break;
    after = row;
    rowsScanned += 1;
  }
  return {
    emissions: step.emissions(),
    state: step.nextState(state, after),
    isCut: step.isCut,
    followedDropped: step.dropped,
    rowsScanned,
  };
}

/** The working memory of one {@link advanceTail}. */
class Step {
  isCut = false;
  dropped = 0;
  readonly #snapshot: TailSnapshot;
  readonly #nowUnixMs: number;
  readonly #bounds: TailBounds;
  readonly #pendingRowsMax: number;
  /** By rising ROWID: rows are revisited in that order and fresh ones are larger. */
  readonly #pending = new Map<bigint, PendingRow>();
  readonly #fresh = new Map<bigint, RowObservation>();
  readonly #emissions: Emission[] = [];
  #bytes = 0;
  #isPendingChanged = false;
  #isUnsorted = false;

  constructor(snapshot: TailSnapshot, nowUnixMs: number, bounds: TailBounds) {
    this.#snapshot = snapshot;
    this.#nowUnixMs = nowUnixMs;
    this.#bounds = bounds;
    this.#pendingRowsMax = bounds.pendingRowsMax ?? PENDING_ROWS_MAX;
  }

  /** Takes over a kept row, judged anew if the snapshot has it. */
  revisit(kept: PendingRow): void {
    // The wall clock may have been set back since; a wait must not grow by that.
    const isAhead = kept.sinceUnixMs > this.#nowUnixMs;
    const row = isAhead ? { ...kept, sinceUnixMs: this.#nowUnixMs } : kept;
    if (this.isCut || !this.#snapshot.followed.has(row.rowid)) {
      this.#keep(kept, row);
      return;
    }
    const seen = this.#snapshot.followed.get(row.rowid);
    const verdict =
      seen === undefined ? FORGET : judgeRow(row, seen, this.#nowUnixMs, this.#bounds.settleDeadlineMs);
    if (verdict.reason !== undefined && seen !== undefined && !this.#emit(seen, verdict.reason)) {
      this.#keep(kept, row);
      return;
    }
    this.#keep(kept, verdict.next);
  }

  /** Takes in a fresh row; false when a bound was reached and it was left for the next step. */
  scan(seen: RowObservation): boolean {
    if (this.isCut) return false;
    const { rowid, fingerprint } = seen;
    const newborn: PendingRow = { rowid, kind: "unjoined", sinceUnixMs: this.#nowUnixMs, fingerprint };
    const verdict = judgeRow(newborn, seen, this.#nowUnixMs, this.#bounds.settleDeadlineMs);
    // Room is asked for even without an emission: keeping the row may push another one out.
    if (!this.#hasRoom(seen.bytes)) return false;
    if (verdict.reason !== undefined) this.#emit(seen, verdict.reason);
    if (verdict.next === undefined) return true;
    this.#fresh.set(rowid, seen);
    this.#keep(undefined, verdict.next);
    if (this.#pending.size > this.#pendingRowsMax) this.#evict();
    return true;
  }

  emissions(): readonly Emission[] {
    if (!this.#isUnsorted) return this.#emissions;
    return this.#emissions.sort((left, right) => (left.rowid < right.rowid ? -1 : 1));
  }

  nextState(state: TailState, after: RowObservation | undefined): TailState {
    if (after === undefined && !this.#isPendingChanged) return state;
    return {
      ...state,
      afterRowid: after?.rowid ?? state.afterRowid,
      afterGuidHash: after?.guidHash ?? state.afterGuidHash,
      pending: this.#isPendingChanged ? [...this.#pending.values()] : state.pending,
    };
  }

  #keep(before: PendingRow | undefined, next: PendingRow | undefined): void {
    if (next !== undefined) this.#pending.set(next.rowid, next);
    if (next !== before) this.#isPendingChanged = true;
  }

  #hasRoom(bytes: number): boolean {
    const isRoom =
      this.#emissions.length < this.#bounds.rowsMax &&
      (this.#emissions.length === 0 || this.#bytes + bytes <= this.#bounds.bytesMax);
    if (!isRoom) this.isCut = true;
    return isRoom;
  }

  #emit(seen: RowObservation, reason: EmissionReason): boolean {
    if (!this.#hasRoom(seen.bytes)) return false;
    this.#emissions.push({ rowid: seen.rowid, reason, bytes: seen.bytes });
    this.#bytes += seen.bytes;
    return true;
  }

  /**
   * The side set is full. The oldest row that was emitted before is forgotten; if all still wait for their first emission, the
   * oldest of them is emitted as it is, since forgetting it would lose it.
   */
  #evict(): void {
    const victim = this.#oldest((row) => row.kind !== "unjoined") ?? this.#oldest(() => true);
    assert(victim !== undefined, "a full side set has an oldest row");
    this.#pending.delete(victim.rowid);
    this.#isPendingChanged = true;
    this.dropped += 1;
    if (victim.kind !== "unjoined") return;
    const seen = this.#fresh.get(victim.rowid) ?? this.#snapshot.followed.get(victim.rowid);
    assert(seen !== undefined, "every unjoined row is read again in each snapshot");
    const reason = seen.isJoined ? "new" : "unjoined";
    this.#emissions.push({ rowid: victim.rowid, reason, bytes: seen.bytes });
    this.#bytes += seen.bytes;
    this.#isUnsorted = true;
  }

  #oldest(isEligible: (row: PendingRow) => boolean): PendingRow | undefined {
    let oldest: PendingRow | undefined;
    for (const row of this.#pending.values()) {
      if (isEligible(row) && (oldest === undefined || row.sinceUnixMs < oldest.sinceUnixMs)) oldest = row;
    }
    return oldest;
  }
}
