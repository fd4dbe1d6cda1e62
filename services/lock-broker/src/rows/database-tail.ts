import type { Clock } from "@imesh/time";
import { advanceTail } from "./advance-tail.ts";
import type { ChatDb, DatabaseView } from "./chat-db.ts";
import type { ChatDbReader } from "./chat-db-reader.ts";
import { type DatabaseFacts, type ResumeMoment, resumeTail, tailAtHead } from "./resume-tail.ts";
import {
  decodeCursor,
  encodeCursor,
  PENDING_ROWS_MAX,
  type PendingRow,
  type TailState,
} from "./row-cursor.ts";
import type { RowObservation } from "./row-observation.ts";
import { ROW_BODY_BYTES_MAX } from "./row-queries.ts";
import { DIRECTION_FOLLOW_MS } from "./row-verdict.ts";
import type { RestartReason, RowTail, RowTailOptions, TailRead } from "./rows.ts";

/**
 * Bytes of bodies in one batch. Well under gRPC's 4 MiB together with one row of the largest size, and small enough
 * that a slow consumer's 16 buffered frames stay within 16 MiB.
 */
const BATCH_BYTES_MAX = 1024 * 1024;

/** Up to this many pending rows are all read again after each commit: some 2 µs each. */
const REVISITED_ALWAYS_MAX = 64;

/** Beyond that, only rows younger than this are read after each commit; deliveries and corrections come in the first moments. */
const HOT_AGE_MS_MAX = 2_000;

/** The others are read this often while there are commits: 1,024 rows then cost 1 % of a core. */
const SWEEP_INTERVAL_MS = 250;

/** Collaborators of a {@link DatabaseTail}. */
export interface DatabaseTailPorts {
  readonly db: ChatDb;
  readonly clock: Clock;
}

/** How it reads. */
export interface DatabaseTailOptions extends RowTailOptions {
  /** How long a row waits for its chat before it is emitted without. */
  readonly settleDeadlineMs: number;
}

/** A {@link RowTail} over chat.db: reads what advanceTail must know, lets it decide, reads what it emits, in one transaction. */
export class DatabaseTail implements RowTail {
  readonly #ports: DatabaseTailPorts;
  readonly #options: DatabaseTailOptions;
  #state: TailState;
  #encoded: { readonly state: TailState; readonly bytes: Uint8Array } | undefined;
  /** The head when the tail was opened, until it was reached. Rows up to it were there before the consumer came. */
  #catchUpRowid: bigint | undefined;
  /** Monotonic time of the last read of every pending row. */
  #sweptMs: number;
  #isSweepOwed = false;
  /** A cursor from outside is looked at more carefully, once. */
  #moment: ResumeMoment = "open";

  /** Resumes at `cursor`, or starts at the head when it is empty. Throws CursorInvalidError, ChatDbError. */
  static open(ports: DatabaseTailPorts, options: DatabaseTailOptions, cursor: Uint8Array): DatabaseTail {
    const stored = cursor.length === 0 ? undefined : decodeCursor(cursor);
    return ports.db.read((view) => {
      const facts = factsOf(view);
      const state = stored ?? tailAtHead(facts);
      return new DatabaseTail(ports, options, { state, headRowid: facts.headRowid });
    });
  }

  private constructor(
    ports: DatabaseTailPorts,
    options: DatabaseTailOptions,
    start: { readonly state: TailState; readonly headRowid: bigint },
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#state = start.state;
    this.#catchUpRowid = start.headRowid > start.state.afterRowid ? start.headRowid : undefined;
    this.#sweptMs = ports.clock.monotonicMs() - SWEEP_INTERVAL_MS;
  }

  get pendingRows(): number {
    let count = 0;
    for (const row of this.#state.pending) if (row.kind !== "direction") count += 1;
    return count;
  }

  read(): TailRead {
    const nowUnixMs = wallUnixMs(this.#ports.clock);
    const nowMs = this.#ports.clock.monotonicMs();
    const isSweep = this.#isSweepDue(nowMs);
    const result = this.#ports.db.read((view) => this.#readIn(view, nowUnixMs, isSweep));
    // Only now, when the transaction has ended well: a failed read leaves the tail where it was.
    this.#state = result.state;
    this.#moment = "read";
    this.#catchUpRowid = result.catchUpRowid;
    this.#isSweepOwed = !isSweep;
    if (isSweep) this.#sweptMs = nowMs;
    return result.read;
  }

  dueInMs(): number | undefined {
    const dues: number[] = [];
    if (this.#isSweepOwed) dues.push(this.#sweptMs + SWEEP_INTERVAL_MS - this.#ports.clock.monotonicMs());
    let firstSinceMs = Number.POSITIVE_INFINITY;
    for (const row of this.#state.pending) {
      if (row.kind === "unjoined" && row.sinceUnixMs < firstSinceMs) firstSinceMs = row.sinceUnixMs;
    }
    if (firstSinceMs !== Number.POSITIVE_INFINITY) {
      dues.push(firstSinceMs + this.#options.settleDeadlineMs - wallUnixMs(this.#ports.clock));
    }
    return dues.length === 0 ? undefined : Math.max(0, Math.min(...dues));
  }

  cursor(): Uint8Array {
    if (this.#encoded?.state !== this.#state) {
      this.#encoded = { state: this.#state, bytes: encodeCursor(this.#state) };
    }
    return this.#encoded.bytes;
  }

  #isSweepDue(nowMs: number): boolean {
    if (this.#state.pending.length <= REVISITED_ALWAYS_MAX) return true;
    return nowMs - this.#sweptMs >= SWEEP_INTERVAL_MS;
  }

  #readIn(view: DatabaseView, nowUnixMs: number, isSweep: boolean): ReadResult {
    const { reader } = view;
    const facts = factsOf(view);
    const resumption = resumeTail(this.#state, facts, this.#moment);
    const restarted: RestartReason | undefined =
      resumption.kind === "restarted" ? resumption.reason : undefined;
    const state = resumption.state;
    const catchUpRowid = restarted === undefined ? this.#catchUpRowid : undefined;
    const { rowsMax, settleDeadlineMs } = this.#options;
    const fresh = reader.observeAfter(state.afterRowid, catchUpRowid, rowsMax);
    const followed = new Map<bigint, RowObservation | undefined>();
    const corrected = correctedRows(reader, state.pending, nowUnixMs);
    for (const row of state.pending) {
      if (!isSweep && !isHot(row, nowUnixMs)) continue;
      if (isDirectionOpen(row, nowUnixMs) && !corrected.has(row.rowid)) continue;
      followed.set(row.rowid, reader.observe(row.rowid));
    }
    const bounds = { settleDeadlineMs, rowsMax, bytesMax: BATCH_BYTES_MAX };
    const step = advanceTail(state, { fresh, followed }, nowUnixMs, bounds);
    const isPageDone = !step.isCut && fresh.length < rowsMax;
    const isCaughtUp = catchUpRowid !== undefined && isPageDone;
    return {
      state: step.state,
      catchUpRowid: isCaughtUp ? undefined : catchUpRowid,
      read: {
        rows: step.emissions.map(({ rowid, reason }) => ({ message: reader.message(rowid), reason })),
        hasMore: !isPageDone || isCaughtUp,
        isCatchingUp: catchUpRowid !== undefined,
        rowsScanned: step.rowsScanned,
        followedDropped: step.followedDropped,
        rowsOversized: step.emissions.filter(({ bytes }) => bytes > ROW_BODY_BYTES_MAX).length,
        restarted,
        database: view.identity,
        headRowid: facts.headRowid,
      },
    };
  }
}

interface ReadResult {
  readonly read: TailRead;
  readonly state: TailState;
  readonly catchUpRowid: bigint | undefined;
}

/** An unjoined row is always read again: advanceTail relies on it, and its chat is what its consumer waits for. */
function isHot(row: PendingRow, nowUnixMs: number): boolean {
  return row.kind === "unjoined" || nowUnixMs - row.sinceUnixMs < HOT_AGE_MS_MAX;
}

/**
 * Rows whose direction is followed and that are own rows now. Under load most pending rows are of this kind, all from the last
 * second, so one look over their range is far cheaper than reading each. A row that is missing here is read when its time is up.
 */
function correctedRows(
  reader: ChatDbReader,
  pending: readonly PendingRow[],
  nowUnixMs: number,
): ReadonlySet<bigint> {
  const followed = pending.filter((row) => isDirectionOpen(row, nowUnixMs));
  const [first, last] = [followed.at(0), followed.at(-1)];
  if (first === undefined || last === undefined) return NO_ROWS;
  return new Set(reader.ownBetween(first.rowid, last.rowid, PENDING_ROWS_MAX));
}

const NO_ROWS: ReadonlySet<bigint> = new Set();

function isDirectionOpen(row: PendingRow, nowUnixMs: number): boolean {
  return row.kind === "direction" && nowUnixMs - row.sinceUnixMs < DIRECTION_FOLLOW_MS;
}

function factsOf(view: DatabaseView): DatabaseFacts {
  const { reader, facts, file } = view;
  return { ...facts, file, guidHashAt: (rowid) => reader.guidHashAt(rowid) };
}

function wallUnixMs(clock: Clock): number {
  return Number(clock.wallUnixNs() / 1_000_000n);
}
