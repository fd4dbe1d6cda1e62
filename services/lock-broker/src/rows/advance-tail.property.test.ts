import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { advanceTail, type TailBounds } from "./advance-tail.ts";
import { decodeCursor, encodeCursor, type TailState } from "./row-cursor.ts";
import type { RowObservation } from "./row-observation.ts";
import type { EmissionReason } from "./rows.ts";

const START_MS = 1_767_323_045_000;
const DEADLINE_MS = 1_000;
const RUNS = 300;
const OPERATIONS = 120;

/** A row of the model's database. */
interface ModelRow {
  readonly rowid: bigint;
  isFromMe: boolean;
  isFinished: boolean;
  isJoined: boolean;
  isRecoverable: boolean;
  /** 0 written, 1 sent, 2 delivered, 3 read. */
  progress: number;
  readonly bornMs: number;
}

/** What a consumer keeps in one transaction: what it made of the rows, and the cursor. */
interface Stored {
  readonly cursor: Uint8Array;
  readonly ledger: ReadonlyMap<bigint, readonly LedgerEntry[]>;
  /** When the tail first looked at each row, as this consumer's past knows it. */
  readonly firstSeenMs: ReadonlyMap<bigint, number>;
  readonly hasDropped: boolean;
}

interface LedgerEntry {
  readonly reason: EmissionReason;
  readonly fingerprint: number;
}

function fingerprintOf(row: ModelRow): number {
  return (row.isFromMe ? 16 + row.progress : 0) + (row.isFinished ? 1_000 : 0);
}

function observe(row: ModelRow): RowObservation {
  return {
    rowid: row.rowid,
    guidHash: Number(row.rowid % 1_000n),
    isFromMe: row.isFromMe,
    isFinished: row.isFinished,
    isJoined: row.isJoined,
    isDeleted: !row.isJoined && row.isRecoverable,
    isFinal: row.isFromMe && row.progress === 3,
    isDelivered: row.isFromMe && row.progress >= 2,
    dateUnixMs: row.bornMs,
    deliveredUnixMs: row.progress >= 2 ? row.bornMs : undefined,
    fingerprint: fingerprintOf(row),
    bytes: Number(row.rowid % 7n) * 100,
  };
}

/** A database, a tail and a consumer, driven at random. */
class World {
  readonly rows = new Map<bigint, ModelRow>();
  readonly random: SeededRandom;
  readonly bounds: TailBounds;
  nowMs = START_MS;
  nextRowid = 1n;
  state: TailState = {
    databaseUid: "uid",
    file: { device: 1n, inode: 1n },
    afterRowid: 0n,
    afterGuidHash: 0,
    pending: [],
  };
  ledger = new Map<bigint, readonly LedgerEntry[]>();
  firstSeenMs = new Map<bigint, number>();
  hasDropped = false;
  readonly stored: Stored[] = [];

  constructor(random: SeededRandom, pendingRowsMax: number) {
    this.random = random;
    const rowsMax = random.integer(1, 8);
    this.bounds = { settleDeadlineMs: DEADLINE_MS, rowsMax, bytesMax: 900, pendingRowsMax };
    this.store();
  }

  /** One random thing that Messages, the clock, or a crash does. */
  happen(): void {
    const row = this.rows.size === 0 ? undefined : this.random.pick([...this.rows.values()]);
    switch (this.random.integer(0, 11)) {
      case 0:
      case 1:
      case 2:
        this.insert();
        break;
      case 3:
      case 4:
        if (row !== undefined) row.isJoined = true;
        break;
      case 5:
      case 6:
        if (row?.isFromMe && row.progress < 3) row.progress += 1;
        break;
      case 7:
        if (row !== undefined && !row.isFromMe) row.isFinished = true;
        break;
      case 8:
        this.remove(row);
        break;
      case 9:
        this.nowMs += this.random.pick([1, 20, 300, DEADLINE_MS, 5_000]);
        break;
      case 10:
        this.restart();
        break;
      default:
        this.readAll(this.random.chance(0.7));
    }
  }

  insert(): void {
    this.nextRowid += BigInt(this.random.integer(1, 3));
    const isFromMe = this.random.chance(0.4);
    this.rows.set(this.nextRowid, {
      rowid: this.nextRowid,
      isFromMe,
      isFinished: isFromMe || this.random.chance(0.85),
      isJoined: this.random.chance(0.5),
      isRecoverable: false,
      progress: 0,
      bornMs: this.nowMs,
    });
  }

  remove(row: ModelRow | undefined): void {
    if (row === undefined) return;
    if (this.random.chance(0.5)) {
      this.rows.delete(row.rowid);
    } else {
      row.isJoined = false;
      row.isRecoverable = true;
    }
  }

  store(): void {
    this.stored.push({
      cursor: encodeCursor(this.state),
      ledger: new Map(this.ledger),
      firstSeenMs: new Map(this.firstSeenMs),
      hasDropped: this.hasDropped,
    });
  }

  /** The broker is killed, or frames are lost: the consumer goes on from something it stored. */
  restart(): void {
    const from = this.random.pick(this.stored.slice(-6));
    this.state = decodeCursor(from.cursor);
    this.ledger = new Map(from.ledger);
    this.firstSeenMs = new Map(from.firstSeenMs);
    this.hasDropped = from.hasDropped;
    // What it stored after that is gone with it.
    this.stored.splice(this.stored.indexOf(from) + 1);
  }

  readAll(isSweep: boolean): void {
    for (let isMore = true; isMore; ) isMore = this.read(isSweep);
    if (isSweep) this.checkNothingHeldBack();
  }

  read(isSweep: boolean): boolean {
    const { rowsMax } = this.bounds;
    const fresh = [...this.rows.values()]
      .filter(({ rowid }) => rowid > this.state.afterRowid)
      .slice(0, rowsMax);
    const again = this.state.pending.filter(
      ({ kind }) => isSweep || kind === "unjoined" || this.random.chance(0.3),
    );
    const followed = new Map(
      again.map(({ rowid }) => {
        const row = this.rows.get(rowid);
        return [rowid, row === undefined ? undefined : observe(row)] as const;
      }),
    );
    const before = this.state;
    const step = advanceTail(before, { fresh: fresh.map(observe), followed }, this.nowMs, this.bounds);
    this.state = step.state;
    this.hasDropped ||= step.followedDropped > 0;
    for (const { rowid } of fresh.slice(0, step.rowsScanned)) this.firstSeenMs.set(rowid, this.nowMs);
    this.checkStep(step.emissions.map(({ rowid }) => rowid));
    for (const { rowid, reason } of step.emissions) this.apply(rowid, reason);
    this.store();
    return step.isCut || fresh.length === rowsMax;
  }

  apply(rowid: bigint, reason: EmissionReason): void {
    const row = this.rows.get(rowid);
    assert(row !== undefined, "only rows that are there are emitted");
    const before = this.ledger.get(rowid) ?? [];
    switch (reason) {
      case "new":
        assert.equal(before.length, 0, `${rowid} is new once`);
        assert(row.isJoined, `${rowid} is new with its chat`);
        break;
      case "unjoined":
        assert.equal(before.length, 0, `${rowid} is unjoined as its first`);
        assert(!row.isJoined && !row.isRecoverable, `${rowid} is unjoined without a chat, and not deleted`);
        break;
      case "joined":
        assert.equal(before[0]?.reason, "unjoined", `${rowid} is joined after it was unjoined`);
        assert(!before.some((entry) => entry.reason === "joined"), `${rowid} is joined once`);
        assert(row.isJoined, `${rowid} is joined with its chat`);
        break;
      case "status":
        assert(before.length > 0, `${rowid} has a status after its first appearance`);
        assert.notEqual(before.at(-1)?.fingerprint, fingerprintOf(row), `${rowid} has changed`);
    }
    this.ledger.set(rowid, [...before, { reason, fingerprint: fingerprintOf(row) }]);
  }

  checkStep(rowids: readonly bigint[]): void {
    assert(rowids.length <= this.bounds.rowsMax, "a step emits no more than it may");
    const rising = [...rowids].sort((left, right) => Number(left - right));
    assert.deepEqual(rowids, rising, "a step emits by rising ROWID");
    assert.equal(new Set(rowids).size, rowids.length, "a step emits a row once");
    assert(this.state.pending.length <= (this.bounds.pendingRowsMax ?? 0), "the side set keeps its bound");
  }

  /** The oracle: what must, and what must not, have been emitted once everything readable was read. */
  checkNothingHeldBack(): void {
    for (const row of this.rows.values()) {
      const entries = this.ledger.get(row.rowid) ?? [];
      const firstMs = this.firstSeenMs.get(row.rowid);
      assert(firstMs !== undefined, `${row.rowid} was looked at`);
      const isGone = !row.isJoined && row.isRecoverable;
      const isSettled = row.isJoined && (row.isFromMe || row.isFinished);
      const isLate = this.nowMs - firstMs >= DEADLINE_MS;
      if (isGone) continue;
      if (isSettled || isLate) assert(entries.length > 0 || row.isRecoverable, `${row.rowid} is emitted`);
      else if (!this.hasDropped) assert.equal(entries.length, 0, `${row.rowid} still waits`);
      if (this.hasDropped || entries.length === 0) continue;
      if (row.isJoined && entries[0]?.reason === "unjoined" && !row.isRecoverable) {
        assert(
          entries.some(({ reason }) => reason === "joined"),
          `${row.rowid} got its chat`,
        );
      }
      // Within the hour, every change of an own message is told.
      const isFollowed = row.isFromMe && this.nowMs - row.bornMs < 3_600_000 && !row.isRecoverable;
      if (isFollowed)
        assert.equal(entries.at(-1)?.fingerprint, fingerprintOf(row), `${row.rowid} is up to date`);
    }
  }
}

function run(name: string, pendingRowsMax: number): void {
  test(`advanceTail() loses, doubles and holds back nothing, ${name}`, () => {
    const random = SeededRandom.fromEnvironment(`advanceTail ${name}`);
    const seen = { unjoined: 0, joined: 0, status: 0, new: 0, dropped: 0 };
    for (let round = 0; round < RUNS; round += 1) {
      const world = new World(random, pendingRowsMax);
      for (let operation = 0; operation < OPERATIONS; operation += 1) world.happen();
      world.nowMs += DEADLINE_MS;
      world.readAll(true);
      for (const entries of world.ledger.values()) for (const { reason } of entries) seen[reason] += 1;
      if (world.hasDropped) seen.dropped += 1;
    }
    // The rounds went where it is interesting.
    assert(seen.new > 0 && seen.unjoined > 0 && seen.joined > 0 && seen.status > 0, JSON.stringify(seen));
    assert.equal(seen.dropped > 0, pendingRowsMax < 10, JSON.stringify(seen));
  });
}

run("with room for every row", 1_024);
run("with a full side set", 3);
