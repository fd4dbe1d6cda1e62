import type { Clock } from "@imesh/time";
import type { DatabaseIdentity } from "../rows/rows.ts";
import type { ChangePage, ChangeSource, RestartReason } from "../tail/change-source.ts";
import { isFirstTelling } from "./change-code.ts";
import {
  type ChangeCursor,
  CursorExpiredError,
  decodeCursor,
  encodeCursor,
  UNTOLD_MAX,
} from "./change-cursor.ts";
import type { ChangeReader } from "./change-reader.ts";
import { type FormerCursor, formerGuidHash } from "./former-cursor.ts";
import type { Ledger } from "./ledger.ts";
import { knownHead } from "./meet-database.ts";
import type { Recorder } from "./recorder.ts";
import { RowWalk } from "./row-walk.ts";
import { isFollowed, type PageBounds, type ToldChanges } from "./told-changes.ts";

/** Collaborators of a {@link ChangeTail}. */
export interface ChangeTailPorts {
  readonly ledger: Ledger;
  readonly reader: ChangeReader;
  readonly told: ToldChanges;
  readonly recorder: Pick<Recorder, "database" | "headRowid">;
  readonly clock: Clock;
}

/** Bytes of one batch: under gRPC's 4 MiB with room for what is not counted. */
const PAGE_BYTES_MAX = 3 * 1024 * 1024;

/** Longest read transaction of a walk, in milliseconds. */
const WALK_MS_MAX = 20;

interface Start {
  readonly sequence: bigint;
  readonly headRowid: bigint;
  readonly walk: RowWalk | undefined;
  readonly restarted: RestartReason | undefined;
}

/**
 * A consumer's place ({@link ChangeSource}): along the change log, after a walk by ROWID where its cursor asks for one. Holds
 * nothing but the place; what it reads comes from the ring, the ledger and chat.db.
 */
export class ChangeTail implements ChangeSource {
  readonly #ports: ChangeTailPorts;
  #sequence: bigint;
  /** Every message up to here was told, but for those that {@link Ledger} tells late. */
  #headRowid: bigint;
  #walk: RowWalk | undefined;
  #restarted: RestartReason | undefined;
  /** The log's head when the tail was opened. */
  readonly #openSequence: bigint;
  #cursor: Uint8Array | undefined;

  /**
   * Resumes at `cursor`, or starts at the head when it is empty. Throws CursorInvalidError, CursorExpiredError; ChatDbError for a
   * cursor of the former format alone.
   */
  static open(ports: ChangeTailPorts, cursor: Uint8Array): ChangeTail {
    if (cursor.length === 0) return new ChangeTail(ports, atHead(ports, undefined));
    const decoded = decodeCursor(cursor);
    const start =
      decoded.kind === "former" ? startFormer(ports, decoded.cursor) : startAt(ports, decoded.cursor);
    return new ChangeTail(ports, start);
  }

  private constructor(ports: ChangeTailPorts, start: Start) {
    this.#ports = ports;
    this.#sequence = start.sequence;
    this.#headRowid = start.headRowid;
    this.#walk = start.walk;
    this.#restarted = start.restarted;
    const { log } = ports.ledger;
    this.#openSequence = log.headSequence;
    // Every cursor from here on may say so.
    log.claimTold(start.walk?.place.throughRowid ?? start.headRowid);
  }

  get isAtHead(): boolean {
    return this.#walk === undefined && this.#sequence >= this.#ports.ledger.log.headSequence;
  }

  get database(): DatabaseIdentity {
    return this.#ports.recorder.database;
  }

  get headRowid(): bigint {
    return this.#ports.recorder.headRowid;
  }

  get pendingRows(): number {
    return this.#ports.ledger.waiting.size;
  }

  read(changesMax: number): ChangePage {
    const restarted = this.#restarted;
    const page =
      this.#walk === undefined ? this.#readLog(changesMax) : this.#readWalk(this.#walk, changesMax);
    this.#restarted = undefined;
    return { ...page, restarted };
  }

  cursor(): Uint8Array {
    const encoded = encodeCursor(this.#place());
    const isSame = this.#cursor !== undefined && Buffer.compare(this.#cursor, encoded) === 0;
    if (!isSame) this.#cursor = encoded;
    return this.#cursor ?? encoded;
  }

  #readLog(changesMax: number): Omit<ChangePage, "restarted"> {
    const left = this.#openSequence - this.#sequence;
    const isCatchingUp = left > 0n;
    // A page does not mix what was there with what came since.
    const count = isCatchingUp && left < BigInt(changesMax) ? Number(left) : changesMax;
    const page = this.#ports.told.read(this.#sequence, { changesMax: count, bytesMax: PAGE_BYTES_MAX });
    this.#sequence = page.through;
    for (const { change } of page.changes) {
      if (isFirstTelling(change) && change.rowid > this.#headRowid) this.#headRowid = change.rowid;
    }
    const { changes, database, notice, readAtUnixNs, isCaughtUp, isBlocked } = page;
    return { changes, database, notice, readAtUnixNs, isCatchingUp: isCatchingUp || isCaughtUp, isBlocked };
  }

  /** Pages without rows (gone, or left to the log) are passed over while there is time. */
  #readWalk(walk: RowWalk, changesMax: number): Omit<ChangePage, "restarted"> {
    const { ledger, reader, clock } = this.#ports;
    const bounds: PageBounds = { changesMax, bytesMax: PAGE_BYTES_MAX };
    const endMs = clock.monotonicMs() + WALK_MS_MAX;
    const isTimeUp = () => clock.monotonicMs() >= endMs;
    const page = reader.read((view) => {
      if (!isFollowed(ledger, view)) return { changes: [], database: view.identity, isBlocked: true };
      let changes = walk.read(view, bounds, isTimeUp);
      while (changes.length === 0 && !walk.isDone && !isTimeUp()) changes = walk.read(view, bounds, isTimeUp);
      return { changes, database: view.identity, isBlocked: false };
    });
    this.#headRowid = walk.place.afterRowid;
    if (walk.isDone) this.#walk = undefined;
    if (page.changes.length === 0 && walk.isDone) return this.#readLog(changesMax);
    return { ...page, notice: undefined, readAtUnixNs: clock.wallUnixNs(), isCatchingUp: true };
  }

  #place(): ChangeCursor {
    const { ledger } = this.#ports;
    const { log, store } = ledger;
    const names = {
      storeId: store.storeId,
      epoch: log.epoch,
      sequence: this.#sequence,
      databaseUid: store.binding?.databaseUid ?? "",
    };
    if (this.#walk !== undefined) {
      const { afterRowid, throughRowid, untold } = this.#walk.place;
      return { ...names, headRowid: afterRowid, untold, throughRowid };
    }
    const isAtHead = this.#sequence >= log.headSequence;
    const known = isAtHead ? knownHead(ledger, "message") : 0n;
    const headRowid = known > this.#headRowid ? known : this.#headRowid;
    log.claimTold(headRowid);
    return { ...names, ...untoldUpTo(ledger, this.#sequence, headRowid), throughRowid: undefined };
  }
}

/** Messages up to `headRowid` that a consumer at `sequence` has not heard of. Of too many, the head stays below. */
function untoldUpTo(
  ledger: Ledger,
  sequence: bigint,
  headRowid: bigint,
): Pick<ChangeCursor, "headRowid" | "untold"> {
  const { log, waiting } = ledger;
  const late = sequence >= log.headSequence ? [] : log.lateAfter(sequence, headRowid, UNTOLD_MAX + 1);
  const waits = waiting.lowest(UNTOLD_MAX + 1).filter((rowid) => rowid <= headRowid);
  if (late.length === 0 && waits.length === 0) return { headRowid, untold: waits };
  const untold = [...new Set([...late, ...waits])].sort((left, right) => (left < right ? -1 : 1));
  const surplus = untold[UNTOLD_MAX];
  if (surplus === undefined) return { headRowid, untold };
  return { headRowid: surplus - 1n, untold: untold.slice(0, UNTOLD_MAX) };
}

function atHead({ ledger }: ChangeTailPorts, restarted: RestartReason | undefined): Start {
  const headRowid = knownHead(ledger, "message");
  return { sequence: ledger.log.headSequence, headRowid, walk: undefined, restarted };
}

function startAt(ports: ChangeTailPorts, cursor: ChangeCursor): Start {
  const { ledger } = ports;
  const { store, log } = ledger;
  if (cursor.storeId !== store.storeId) return startForeign(ports, cursor);
  const resumption = log.resume(cursor);
  switch (resumption.kind) {
    case "expired":
      throw new CursorExpiredError(log.lastingSequence(log.oldestSequence));
    case "unknown":
      return startForeign(ports, cursor);
    case "at":
      break;
  }
  const { sequence } = resumption;
  const { headRowid, throughRowid, untold } = cursor;
  // A walk through a database that is gone has nothing to read; the log goes on.
  const isWalking = throughRowid !== undefined && cursor.databaseUid === store.binding?.databaseUid;
  const walk = isWalking
    ? new RowWalk(ledger, sequence, { afterRowid: headRowid, throughRowid, untold })
    : undefined;
  return { sequence, headRowid, walk, restarted: undefined };
}

/** A cursor of a ledger that is no more: by ROWID, if it is of this database. */
function startForeign(
  ports: ChangeTailPorts,
  cursor: Pick<ChangeCursor, "databaseUid" | "headRowid" | "untold">,
): Start {
  const { ledger } = ports;
  if (cursor.databaseUid !== ledger.store.binding?.databaseUid) return atHead(ports, "uid-changed");
  const sequence = ledger.log.headSequence;
  const throughRowid = knownHead(ledger, "message");
  const place = { afterRowid: cursor.headRowid, throughRowid, untold: cursor.untold };
  return {
    sequence,
    headRowid: cursor.headRowid,
    walk: new RowWalk(ledger, sequence, place),
    restarted: undefined,
  };
}

/** As {@link startForeign}; the former format also knows what the row at its place is. */
function startFormer(ports: ChangeTailPorts, cursor: FormerCursor): Start {
  const { headRowid, guidHash } = cursor;
  const row = ports.reader.read(({ reader }) => reader.message(headRowid));
  if (row !== undefined && formerGuidHash(row.guid) !== guidHash) return atHead(ports, "guid-mismatch");
  return startForeign(ports, cursor);
}
