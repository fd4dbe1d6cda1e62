import { assert } from "@imesh/flow";
import type { Database, Statement } from "better-sqlite3";
import {
  type ChangeDraft,
  FIRST_TELLING_CODES,
  isCaughtUp,
  isFirstTelling,
  packWhat,
  unpackChange,
} from "./change-code.ts";
import type { Change } from "./changes.ts";
import { packGuid, unpackGuid } from "./guid-bytes.ts";

/** A change as the log has it. */
export interface LoggedChange {
  readonly change: Change;
  /** Number of the database that its row was in. */
  readonly generation: bigint;
  /** Found while working off what happened before. */
  readonly isCaughtUp: boolean;
}

/** Where a cursor of ours stands in the log that there is now. */
export type LogResumption =
  /** After this sequence; smaller than the cursor's when a power cut took the log's end. */
  | { readonly kind: "at"; readonly sequence: bigint }
  /** What follows is no longer kept. */
  | { readonly kind: "expired" }
  /** The cursor is of a start that the ledger does not know of: the ledger was brought back from a copy. */
  | { readonly kind: "unknown" };

interface ChangeColumns {
  readonly sequence: bigint;
  readonly what: bigint;
  readonly row: bigint;
  readonly guid: unknown;
  readonly generation: bigint;
}

/** A row for each start of the broker; a crash loop would write one each second for days. */
const EPOCHS_MAX = 65_536n;

const SEQUENCE_MAX = 2n ** 63n - 1n;

/**
 * Lasting sequences between two epochs: more changes than a power cut can take, since all but some 1,500 pages of the ledger's end
 * were synced by a checkpoint. Counted in microseconds, about a second.
 */
const EPOCH_SEQUENCES = 1n << 20n;

/** When an epoch begins. */
export interface EpochStart {
  /** When the ledger was begun, Unix microseconds. */
  readonly begunUnixUs: bigint;
  /** Now; a clock that was set back is borne. */
  readonly nowUnixUs: bigint;
  /** The largest known message. */
  readonly knownRowid: bigint;
}

/** Changes of one epoch: after one sequence, up to another one. */
interface EpochSpan {
  readonly epoch: bigint;
  readonly after: bigint;
  readonly through: bigint;
}

/**
 * The change log: what was told, in one order for all (I5). Sequences are consecutive, and after a power cut those of the changes that
 * it took are given out again; {@link lastingSequence} is not. Every method that writes is called inside the ledger's
 * transaction; after one that failed, {@link reload}.
 *
 * An epoch's number is at least one more than the last one's, and at least what has passed since the ledger was begun, in
 * {@link EPOCH_SEQUENCES} microseconds. So the lasting sequences of an epoch lie above all that were given out before: for as long as
 * changes come slower than one a microsecond and the clock runs on, whatever of the ledger was lost, an old copy put in its place
 * included; and if the clock was set back, as long as no more was lost than a power cut takes.
 */
export class ChangeLog {
  readonly epoch: bigint;
  readonly #begunUnixUs: bigint;
  readonly #insert: Statement<[bigint, number, bigint, Buffer | string, bigint]>;
  readonly #insertLate: Statement<[bigint, bigint]>;
  readonly #after: Statement<[bigint, number], ChangeColumns>;
  readonly #late: Statement<[bigint, bigint, number], bigint>;
  readonly #firsts: Statement<[bigint, bigint, bigint], bigint>;
  readonly #head: Statement<[], bigint | null>;
  readonly #oldest: Statement<[], bigint | null>;
  readonly #trim: Statement<[bigint]>;
  readonly #trimLate: Statement<[bigint]>;
  readonly #nextEpochHead: Statement<[bigint], bigint>;
  readonly #oldestEpoch: Statement<[], bigint>;
  readonly #hasEpoch: Statement<[bigint], bigint>;
  readonly #epochOf: Statement<[bigint], Omit<EpochSpan, "through">>;
  /** The one that was asked about last. */
  #span: EpochSpan | undefined;
  #headSequence = 0n;
  #oldestSequence = 1n;
  /** No first telling was of a row above it. */
  #toldRowid: bigint;

  /** Begins an epoch, durably, so `database` is not in a transaction. */
  constructor(database: Database, start: EpochStart) {
    this.#begunUnixUs = start.begunUnixUs;
    this.#insert = database.prepare(
      "INSERT INTO change (sequence, what, row, guid, generation) VALUES (?, ?, ?, ?, ?)",
    );
    this.#insertLate = database.prepare("INSERT INTO late (sequence, row) VALUES (?, ?)");
    this.#after = database.prepare(
      "SELECT sequence, what, row, guid, generation FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?",
    );
    this.#late = database
      .prepare<[bigint, bigint, number], bigint>(
        "SELECT row FROM late WHERE sequence > ? AND row <= ? ORDER BY row LIMIT ?",
      )
      .pluck();
    this.#firsts = database
      .prepare<[bigint, bigint, bigint], bigint>(
        `SELECT row FROM change WHERE sequence > ? AND sequence <= ? AND row <= ? AND what IN (${FIRST_TELLING_CODES})`,
      )
      .pluck();
    this.#head = database.prepare<[], bigint | null>("SELECT MAX(sequence) FROM change").pluck();
    this.#oldest = database.prepare<[], bigint | null>("SELECT MIN(sequence) FROM change").pluck();
    this.#trim = database.prepare("DELETE FROM change WHERE sequence < ?");
    this.#trimLate = database.prepare("DELETE FROM late WHERE sequence < ?");
    this.#nextEpochHead = database
      .prepare<[bigint], bigint>("SELECT head FROM epoch WHERE epoch > ? ORDER BY epoch LIMIT 1")
      .pluck();
    this.#oldestEpoch = database.prepare<[], bigint>("SELECT MIN(epoch) FROM epoch").pluck();
    this.#hasEpoch = database.prepare<[bigint], bigint>("SELECT 1 FROM epoch WHERE epoch = ?").pluck();
    this.#epochOf = database.prepare(
      "SELECT epoch, head AS after FROM epoch WHERE head < ? ORDER BY epoch DESC LIMIT 1",
    );
    this.#toldRowid = start.knownRowid;
    this.reload();
    this.epoch = this.#beginEpoch(database, start);
  }

  /** Sequence of the newest change; 0 before the first. */
  get headSequence(): bigint {
    return this.#headSequence;
  }

  /** Sequence of the oldest change that is kept; one more than the head while there is none. */
  get oldestSequence(): bigint {
    return this.#oldestSequence;
  }

  /**
   * The sequence of a change for everyone else, rising with `sequence`: no other change of this Mac has or gets the same, whatever
   * became of the ledger. Above the head: what the next change would have.
   */
  lastingSequence(sequence: bigint): bigint {
    // Below the first change, and as far ahead of the clock as that: above what a ledger before this one gave out.
    if (sequence <= 0n) return this.#begunUnixUs + EPOCH_SEQUENCES;
    return this.#begunUnixUs + this.#spanOf(sequence).epoch * EPOCH_SEQUENCES + sequence;
  }

  /** Reads again what is kept in memory. */
  reload(): void {
    this.#headSequence = this.#head.get() ?? 0n;
    this.#oldestSequence = this.#oldest.get() ?? this.#headSequence + 1n;
  }

  append(draft: ChangeDraft, generation: bigint, isCaughtUpNow: boolean): Change {
    const { rowid, guid } = draft;
    const sequence = this.#headSequence + 1n;
    const what = packWhat(draft, isCaughtUpNow);
    this.#insert.run(sequence, what, rowid, packGuid(guid), generation);
    this.#headSequence = sequence;
    if (isFirstTelling(draft)) this.#noteFirst(sequence, rowid);
    return unpackChange(what, { sequence, rowid, guid });
  }

  /**
   * A cursor is about to say that messages up to `rowid` were told: whichever of them is told first from now on is late, so
   * that {@link lateAfter} finds it.
   */
  claimTold(rowid: bigint): void {
    if (rowid > this.#toldRowid) this.#toldRowid = rowid;
  }

  /** The first `limit` changes after `sequence`. */
  after(sequence: bigint, limit: number): LoggedChange[] {
    return this.#after.all(sequence, limit).map(toLogged);
  }

  /** The first `limit` ROWIDs up to `throughRowid`, rising, that were told first after `sequence`, though a later row had been before. */
  lateAfter(sequence: bigint, throughRowid: bigint, limit: number): bigint[] {
    return this.#late.all(sequence, throughRowid, limit);
  }

  /** ROWIDs up to `throughRowid` that were told first after `sequence` and up to `throughSequence`, in that order. */
  firstsBetween(sequence: bigint, throughSequence: bigint, throughRowid: bigint): bigint[] {
    return this.#firsts.all(sequence, throughSequence, throughRowid);
  }

  /** Where a cursor of this store goes on. */
  resume(cursor: { readonly epoch: bigint; readonly sequence: bigint }): LogResumption {
    const oldestEpoch = this.#oldestEpoch.get() ?? this.epoch;
    if (cursor.epoch < oldestEpoch) return { kind: "expired" };
    if (this.#hasEpoch.get(cursor.epoch) === undefined) return { kind: "unknown" };
    const end = this.#nextEpochHead.get(cursor.epoch) ?? this.#headSequence;
    const sequence = cursor.sequence < end ? cursor.sequence : end;
    return sequence < this.#oldestSequence - 1n ? { kind: "expired" } : { kind: "at", sequence };
  }

  /** Deletes at most `slice` of the oldest changes while more than `changesMax` are kept; returns how many. */
  trim(changesMax: number, slice: number): number {
    const surplus = this.#headSequence - this.#oldestSequence + 1n - BigInt(changesMax);
    if (surplus <= 0n) return 0;
    const count = surplus < BigInt(slice) ? surplus : BigInt(slice);
    this.#oldestSequence += count;
    this.#trim.run(this.#oldestSequence);
    this.#trimLate.run(this.#oldestSequence);
    return Number(count);
  }

  #noteFirst(sequence: bigint, rowid: bigint): void {
    if (rowid <= this.#toldRowid) this.#insertLate.run(sequence, rowid);
    else this.#toldRowid = rowid;
  }

  #spanOf(sequence: bigint): EpochSpan {
    const span = this.#span;
    if (span !== undefined && sequence > span.after && sequence <= span.through) return span;
    // Of changes older than the oldest start that is kept, no more is known than that they come before it.
    const found = this.#epochOf.get(sequence) ?? { epoch: 0n, after: 0n };
    const through = this.#nextEpochHead.get(found.epoch) ?? SEQUENCE_MAX;
    this.#span = { ...found, through };
    return this.#span;
  }

  #beginEpoch(database: Database, { begunUnixUs, nowUnixUs }: EpochStart): bigint {
    database.pragma("synchronous = FULL");
    // On macOS an fsync alone leaves it in the drive's cache; elsewhere this changes nothing.
    database.pragma("fullfsync = ON");
    const begin = database.transaction(() => {
      const last = database.prepare<[], bigint | null>("SELECT MAX(epoch) FROM epoch").pluck().get() ?? 0n;
      // Less the head, which is added to it: so a lasting sequence is ahead of the clock by an epoch at most.
      const byClock = (nowUnixUs - begunUnixUs - this.#headSequence) / EPOCH_SEQUENCES + 1n;
      const epoch = byClock > last ? byClock : last + 1n;
      database.prepare("INSERT INTO epoch (epoch, head) VALUES (?, ?)").run(epoch, this.#headSequence);
      database
        .prepare(
          "DELETE FROM epoch WHERE epoch <= (SELECT epoch FROM epoch ORDER BY epoch DESC LIMIT 1 OFFSET ?)",
        )
        .run(EPOCHS_MAX);
      return epoch;
    });
    const epoch = begin();
    database.pragma("fullfsync = OFF");
    database.pragma("synchronous = NORMAL");
    assert(epoch > 0n, "epochs count from one");
    return epoch;
  }
}

function toLogged(columns: ChangeColumns): LoggedChange {
  const what = Number(columns.what);
  const guid = unpackGuid(columns.guid);
  return {
    change: unpackChange(what, { sequence: columns.sequence, rowid: columns.row, guid }),
    generation: columns.generation,
    isCaughtUp: isCaughtUp(what),
  };
}
