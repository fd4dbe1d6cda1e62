import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { advanceTail, type TailBounds } from "./advance-tail.ts";
import type { TailState } from "./row-cursor.ts";
import type { RowObservation } from "./row-observation.ts";
import { DELIVERED_FOLLOW_MS, DIRECTION_FOLLOW_MS, OVERDUE_FOLLOW_MS } from "./row-verdict.ts";

const NOW_MS = 1_767_323_045_000;
const DEADLINE_MS = 30_000;
const BOUNDS: TailBounds = { settleDeadlineMs: DEADLINE_MS, rowsMax: 256, bytesMax: 1_000_000 };
const START: TailState = {
  databaseUid: "uid",
  file: { device: 1n, inode: 2n },
  afterRowid: 10n,
  afterGuidHash: 10,
  pending: [],
};

/** An incoming, finished, joined row of long ago: nothing about it is followed. */
function seen(rowid: bigint, facts: Partial<RowObservation> = {}): RowObservation {
  return {
    rowid,
    guidHash: Number(rowid),
    isFromMe: false,
    isFinished: true,
    isJoined: true,
    isDeleted: false,
    isFinal: false,
    isDelivered: false,
    dateUnixMs: NOW_MS - 3_600_000,
    deliveredUnixMs: undefined,
    fingerprint: 1,
    bytes: 100,
    ...facts,
  };
}

/** One step over fresh rows and pending rows read again; a bigint in `again` says that the row is gone. */
function step(
  state: TailState,
  fresh: readonly RowObservation[],
  again: readonly (RowObservation | bigint)[] = [],
  nowMs: number = NOW_MS,
  bounds: Partial<TailBounds> = {},
) {
  const followed = new Map(
    again.map((row) => (typeof row === "bigint" ? [row, undefined] : [row.rowid, row])),
  );
  return advanceTail(state, { fresh, followed }, nowMs, { ...BOUNDS, ...bounds });
}

function emitted(result: ReturnType<typeof step>): string[] {
  return result.emissions.map(({ rowid, reason }) => `${rowid} ${reason}`);
}

describe("advanceTail()", () => {
  test("emits a joined row as new and moves past it", () => {
    const result = step(START, [seen(11n)]);
    assert.deepEqual(emitted(result), ["11 new"]);
    assert.deepEqual(result.state, { ...START, afterRowid: 11n, afterGuidHash: 11 });
  });

  test("lets later rows pass one without a chat, and emits that one when its chat is there", () => {
    const first = step(START, [seen(11n, { isJoined: false }), seen(12n)]);
    assert.deepEqual(emitted(first), ["12 new"]);
    assert.equal(first.state.afterRowid, 12n);
    const second = step(first.state, [seen(13n)], [seen(11n)], NOW_MS + 50);
    assert.deepEqual(emitted(second), ["11 new", "13 new"]);
    assert.deepEqual(second.state.pending, []);
  });

  test("emits a row without a chat at the deadline, and again when the chat comes", () => {
    const waiting = step(START, [seen(11n, { isJoined: false })]);
    const early = step(waiting.state, [], [seen(11n, { isJoined: false })], NOW_MS + DEADLINE_MS - 1);
    assert.deepEqual(emitted(early), []);
    assert.equal(early.state, waiting.state);
    const late = step(early.state, [], [seen(11n, { isJoined: false })], NOW_MS + DEADLINE_MS);
    assert.deepEqual(emitted(late), ["11 unjoined"]);
    const joined = step(late.state, [], [seen(11n)], NOW_MS + 3_600_000);
    assert.deepEqual(emitted(joined), ["11 joined"]);
    assert.deepEqual(joined.state.pending, []);
  });

  test("stops waiting for the chat of an overdue row after three days", () => {
    const waiting = step(START, [seen(11n, { isJoined: false })], [], NOW_MS, { settleDeadlineMs: 0 });
    assert.deepEqual(emitted(waiting), ["11 unjoined"]);
    const end = step(waiting.state, [], [seen(11n, { isJoined: false })], NOW_MS + OVERDUE_FOLLOW_MS);
    assert.deepEqual(end.state.pending, []);
  });

  test("never emits a row that was deleted or is gone before it was settled", () => {
    const waiting = step(START, [
      seen(11n, { isJoined: false }),
      seen(12n, { isJoined: false }),
      seen(13n, { isJoined: false, isDeleted: true }),
    ]);
    const result = step(waiting.state, [], [seen(11n, { isJoined: false, isDeleted: true }), 12n]);
    assert.deepEqual(emitted(result), []);
    assert.deepEqual(result.state.pending, []);
    assert.equal(result.state.afterRowid, 13n);
  });

  test("holds back an unfinished incoming row until it is finished or overdue, an own one never", () => {
    const waiting = step(START, [
      seen(11n, { isFinished: false }),
      seen(12n, { isFinished: false }),
      seen(13n, { isFinished: false, isFromMe: true }),
    ]);
    assert.deepEqual(emitted(waiting), ["13 new"]);
    const result = step(
      waiting.state,
      [],
      [seen(11n), seen(12n, { isFinished: false })],
      NOW_MS + DEADLINE_MS,
    );
    assert.deepEqual(emitted(result), ["11 new", "12 new"]);
    const finished = step(result.state, [], [seen(12n, { fingerprint: 2 })], NOW_MS + DEADLINE_MS + 5);
    assert.deepEqual(emitted(finished), ["12 status"]);
  });

  test("emits each change of an own row until it is final", () => {
    const own = (fingerprint: number, facts: Partial<RowObservation> = {}) =>
      seen(11n, { isFromMe: true, dateUnixMs: NOW_MS, fingerprint, ...facts });
    const first = step(START, [own(1)]);
    assert.deepEqual(emitted(first), ["11 new"]);
    const same = step(first.state, [], [own(1)], NOW_MS + 5);
    assert.equal(same.state, first.state);
    const sent = step(same.state, [], [own(2)], NOW_MS + 10);
    assert.deepEqual(emitted(sent), ["11 status"]);
    const delivered = step(
      sent.state,
      [],
      [own(3, { isDelivered: true, deliveredUnixMs: NOW_MS + 900 })],
      NOW_MS + 1_000,
    );
    assert.deepEqual(emitted(delivered), ["11 status"]);
    const read = step(delivered.state, [], [own(4, { isFinal: true })], NOW_MS + 60_000);
    assert.deepEqual(emitted(read), ["11 status"]);
    assert.deepEqual(read.state.pending, []);
  });

  test("follows a delivered row for an hour, an undelivered one for a day, an old one not at all", () => {
    const delivered = { isFromMe: true, isDelivered: true, deliveredUnixMs: NOW_MS, dateUnixMs: NOW_MS };
    const undelivered = { isFromMe: true, dateUnixMs: NOW_MS };
    const old = { isFromMe: true, dateUnixMs: NOW_MS - 2 * 86_400_000 };
    const rows = [seen(11n, delivered), seen(12n, undelivered), seen(13n, old)];
    const first = step(START, rows);
    assert.deepEqual(
      first.state.pending.map(({ rowid }) => rowid),
      [11n, 12n],
    );
    const hourLater = step(first.state, [], rows.slice(0, 2), NOW_MS + DELIVERED_FOLLOW_MS);
    assert.deepEqual(
      hourLater.state.pending.map(({ rowid }) => rowid),
      [12n],
    );
    const dayLater = step(hourLater.state, [], rows.slice(1, 2), NOW_MS + 86_400_000);
    assert.deepEqual(dayLater.state.pending, []);
  });

  test("follows a scheduled row until a day after it goes out", () => {
    const dateUnixMs = NOW_MS + 5 * 86_400_000;
    const first = step(START, [seen(11n, { isFromMe: true, dateUnixMs })]);
    const sent = seen(11n, { isFromMe: true, dateUnixMs, fingerprint: 2 });
    assert.deepEqual(emitted(step(first.state, [], [sent], dateUnixMs + 1_000)), ["11 status"]);
  });

  test("tells of a direction that is corrected within moments of the row's first reading", () => {
    const first = step(START, [seen(11n, { dateUnixMs: NOW_MS - 200 })]);
    assert.deepEqual(emitted(first), ["11 new"]);
    assert.equal(first.state.pending[0]?.kind, "direction");
    const flipped = seen(11n, { isFromMe: true, fingerprint: 2, dateUnixMs: NOW_MS - 200 });
    const second = step(first.state, [], [flipped], NOW_MS + 4);
    assert.deepEqual(emitted(second), ["11 status"]);
    assert.equal(second.state.pending[0]?.kind, "status");
    const forgotten = step(
      first.state,
      [],
      [seen(11n, { dateUnixMs: NOW_MS - 200 })],
      NOW_MS + DIRECTION_FOLLOW_MS,
    );
    assert.deepEqual(forgotten.state.pending, []);
  });

  test("leaves what is over the bounds to the next step, in order", () => {
    const waiting = step(START, [seen(11n, { isJoined: false }), seen(12n, { isJoined: false })]);
    const rows = [seen(11n), seen(12n)];
    const cut = step(waiting.state, [seen(13n)], rows, NOW_MS, { rowsMax: 1 });
    assert.deepEqual([emitted(cut), cut.isCut, cut.state.afterRowid], [["11 new"], true, 12n]);
    const rest = step(cut.state, [seen(13n)], rows.slice(1), NOW_MS);
    assert.deepEqual([emitted(rest), rest.isCut], [["12 new", "13 new"], false]);
  });

  test("emits at least one row, however large, and no second beyond the bytes", () => {
    const rows = [seen(11n, { bytes: 5_000_000 }), seen(12n)];
    const result = step(START, rows);
    assert.deepEqual([emitted(result), result.isCut], [["11 new"], true]);
  });

  test("at the bound of followed rows forgets the oldest emitted one", () => {
    const own = (rowid: bigint) => seen(rowid, { isFromMe: true, dateUnixMs: NOW_MS });
    const first = step(START, [own(11n)], [], NOW_MS, { pendingRowsMax: 2 });
    const second = step(first.state, [own(12n), own(13n)], [], NOW_MS + 1, { pendingRowsMax: 2 });
    assert.equal(second.followedDropped, 1);
    assert.deepEqual(
      second.state.pending.map(({ rowid }) => rowid),
      [12n, 13n],
    );
  });

  test("at the bound of rows that wait emits the oldest of them without its chat", () => {
    const bare = (rowid: bigint) => seen(rowid, { isJoined: false });
    const first = step(START, [bare(11n)], [], NOW_MS, { pendingRowsMax: 2 });
    const second = step(first.state, [bare(12n), bare(13n), seen(14n)], [bare(11n)], NOW_MS + 1, {
      pendingRowsMax: 2,
    });
    assert.deepEqual(emitted(second), ["11 unjoined", "14 new"]);
    assert.deepEqual(
      second.state.pending.map(({ rowid }) => rowid),
      [12n, 13n],
    );
  });

  test("does not wait longer because the wall clock was set back", () => {
    const waiting = step(START, [seen(11n, { isJoined: false })], [], NOW_MS);
    const setBack = step(waiting.state, [], [seen(11n, { isJoined: false })], NOW_MS - 3_600_000);
    assert.equal(setBack.state.pending[0]?.sinceUnixMs, NOW_MS - 3_600_000);
  });
});
