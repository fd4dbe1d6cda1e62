import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { CommitFeed, CommitNotice, DetectionSource, WatchEvent } from "../commits/commits.ts";
import type { EmittedRow, RowTail, StoredMessage, TailRead } from "../rows/rows.ts";
import { OpenTails } from "./open-tails.ts";
import { HEARTBEAT_MS, Tail, type TailFrame } from "./tail.ts";

const DATABASE = { databaseUid: "uid", generation: "1:2:0" };

function row(rowid: bigint): EmittedRow {
  return { message: { rowid } as StoredMessage, reason: "new" };
}

/** Rows that a test commits; reads give at most two. */
class ScriptedRows implements RowTail {
  readonly committed: EmittedRow[] = [];
  reads = 0;
  dueMs: number | undefined;
  pendingRows = 0;
  fault: Error | undefined;
  restarted: TailRead["restarted"];
  isCatchingUp = false;
  #cursor = new Uint8Array([0]);

  read(): TailRead {
    this.reads += 1;
    if (this.fault !== undefined) throw this.fault;
    const rows = this.committed.splice(0, 2);
    if (rows.length > 0) this.#cursor = new Uint8Array([this.reads]);
    this.dueMs = undefined;
    return {
      rows,
      hasMore: this.committed.length > 0,
      isCatchingUp: this.isCatchingUp,
      rowsScanned: rows.length,
      followedDropped: 0,
      rowsOversized: 0,
      restarted: this.restarted,
      database: DATABASE,
      headRowid: 9n,
    };
  }

  dueInMs(): number | undefined {
    return this.dueMs;
  }

  cursor(): Uint8Array {
    return this.#cursor;
  }

  moveCursor(): void {
    this.#cursor = new Uint8Array([255]);
  }
}

class ScriptedFeed implements CommitFeed {
  readonly #listeners = new Set<(event: WatchEvent) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  subscribe(listener: (event: WatchEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  emit(event: WatchEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  commit(source: DetectionSource = "hint", atUnixNs = 7n): void {
    this.emit({
      kind: "committed",
      notice: { source, committedAtUnixNs: atUnixNs, detectedAtUnixNs: atUnixNs + 1n },
    });
  }
}

/** A tail that runs, what it wrote, and everything around it. */
function run(prepare: (rows: ScriptedRows) => void = () => {}) {
  const clock = new FakeClock();
  const rows = new ScriptedRows();
  prepare(rows);
  const feed = new ScriptedFeed();
  const frames: TailFrame[] = [];
  const notices: CommitNotice[] = [];
  const stop = new AbortController();
  const drain = new AbortController();
  const consumer = { gate: Promise.resolve() };
  const tail = new Tail({
    rows,
    commits: feed,
    clock,
    counters: { read: (_read, notice) => notices.push(notice), pendingRows: () => {} },
  });
  const write = (frame: TailFrame) => {
    frames.push(frame);
    return consumer.gate;
  };
  const ended = tail.run(write, stop.signal, drain.signal);
  ended.catch(() => {});
  return { clock, rows, feed, frames, notices, stop, drain, consumer, tail, ended };
}

/** Frames in short: "batch 1,2" or "heartbeat". */
function shown(frames: readonly TailFrame[]): string[] {
  return frames.map((frame) =>
    frame.kind === "batch"
      ? `batch ${frame.rows.map(({ message }) => message.rowid).join()} ${frame.notice.source}`
      : `heartbeat ${frame.headRowid} ${frame.cursor === undefined ? "same" : "moved"}`,
  );
}

/** Lets promises run, and nothing else. */
async function turn(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
}

describe("Tail", () => {
  test("says at once that the head is reached, with a cursor to start from", async () => {
    const { frames, rows, clock, stop, ended } = run();
    await turn();
    assert.deepEqual(shown(frames), ["heartbeat 9 moved"]);
    assert.equal(rows.reads, 1);
    stop.abort(new Error("gone"));
    await assert.rejects(ended, /gone/);
    assert.equal(clock.timersPending, 0);
  });

  test("pages through what is there, then says that the head is reached", async () => {
    const { frames } = run((rows) => rows.committed.push(row(1n), row(2n), row(3n)));
    await turn();
    assert.deepEqual(shown(frames), ["batch 1,2 open", "batch 3 open", "heartbeat 9 same"]);
  });

  test("writes what was committed in the turn in which it hears of it, without a timer", async () => {
    const { frames, rows, feed, clock } = run();
    await turn();
    rows.committed.push(row(1n));
    feed.commit("hint", 70n);
    await turn();
    assert.deepEqual(shown(frames.slice(1)), ["batch 1 hint"]);
    assert.equal(clock.monotonicMs(), 0);
    const [, batch] = frames;
    assert(batch?.kind === "batch");
    assert.deepEqual(batch.notice, { source: "hint", committedAtUnixNs: 70n, detectedAtUnixNs: 71n });
    assert.deepEqual(batch.database, DATABASE);
  });

  test("reads nothing while nothing is committed, and sends a heartbeat every five seconds", async () => {
    const { frames, rows, clock } = run();
    await clock.advance(3 * HEARTBEAT_MS + 100);
    assert.equal(rows.reads, 1);
    assert.deepEqual(shown(frames.slice(1)), ["heartbeat 9 same", "heartbeat 9 same", "heartbeat 9 same"]);
  });

  test("sends no heartbeat while rows flow, and tells of a moved cursor with the next one", async () => {
    const { frames, rows, feed, clock } = run();
    await turn();
    for (let count = 0; count < 4; count += 1) {
      await clock.advance(2_000);
      rows.committed.push(row(1n));
      feed.commit();
    }
    await turn();
    assert.equal(shown(frames).filter((frame) => frame.startsWith("heartbeat")).length, 1);
    rows.moveCursor();
    await clock.advance(HEARTBEAT_MS);
    assert.equal(shown(frames).at(-1), "heartbeat 9 moved");
  });

  test("a commit without news writes nothing", async () => {
    const { frames, rows, feed } = run();
    await turn();
    feed.commit();
    await turn();
    assert.equal(rows.reads, 2);
    assert.equal(frames.length, 1);
  });

  test("reads when a deadline passes, though nothing was committed", async () => {
    const { frames, rows, feed, clock } = run();
    await turn();
    // A row without a chat: read, not written, due in a second.
    rows.dueInMs = () => (rows.reads >= 3 ? undefined : Math.max(0, 1_000 - clock.monotonicMs()));
    feed.commit("hint", 70n);
    await turn();
    assert.deepEqual([rows.reads, frames.length], [2, 1]);
    rows.committed.push(row(5n));
    await clock.advance(999);
    assert.equal(rows.reads, 2);
    await clock.advance(1);
    assert.deepEqual(shown(frames.slice(1)), ["batch 5 poll"]);
    const [, batch] = frames;
    assert(batch?.kind === "batch");
    assert.deepEqual(batch.notice, {
      source: "poll",
      committedAtUnixNs: 70n,
      detectedAtUnixNs: clock.wallUnixNs(),
    });
  });

  test("reads nothing while its consumer does not take frames, and counts how long", async () => {
    const { frames, rows, feed, clock, consumer, tail } = run();
    await turn();
    const gate = Promise.withResolvers<void>();
    consumer.gate = gate.promise;
    rows.committed.push(row(1n));
    feed.commit("hint", 10n);
    await turn();
    assert.equal(tail.unreadForMs(), 0);
    for (let rowid = 2n; rowid < 5n; rowid += 1n) {
      rows.committed.push(row(rowid));
      feed.commit("poll", rowid * 10n);
      await clock.advance(1_000);
    }
    assert.equal(rows.reads, 2);
    assert.equal(tail.unreadForMs(), 3_000);
    const tails = new OpenTails({ tailsMax: 1 });
    using _open = tails.add(tail);
    assert.deepEqual([tails.unreadForMs(), tails.size, tails.hasRoom], [3_000, 1, false]);
    consumer.gate = Promise.resolve();
    gate.resolve();
    await turn();
    assert.deepEqual(shown(frames.slice(2)), ["batch 2,3 poll", "batch 4 poll"]);
    const [, , batch] = frames;
    // The first commit that was left unread is the one whose lateness counts.
    assert(batch?.kind === "batch" && batch.notice.committedAtUnixNs === 20n);
    assert.equal(tail.unreadForMs(), 0);
  });

  test("does not miss a commit between its first read and its first wait", async () => {
    const { frames, rows, feed, consumer } = run((scripted) => scripted.committed.push(row(1n)));
    const gate = Promise.withResolvers<void>();
    consumer.gate = gate.promise;
    await turn();
    rows.committed.push(row(2n));
    feed.commit();
    gate.resolve();
    await turn();
    assert(shown(frames).includes("batch 2 hint"));
  });

  test("tells of a restart at once, without rows", async () => {
    const { frames } = run((rows) => {
      rows.restarted = "uid-changed";
    });
    await turn();
    assert.deepEqual(shown(frames), ["batch  open", "heartbeat 9 same"]);
  });

  test("ends with the database's error, found by itself or by the watch", async () => {
    const reading = run();
    await turn();
    reading.rows.fault = new Error("unreadable");
    reading.feed.commit();
    await assert.rejects(reading.ended, /unreadable/);
    const watching = run();
    await turn();
    watching.feed.emit({ kind: "failed", error: new Error("no permission") });
    await assert.rejects(watching.ended, /no permission/);
    assert.deepEqual([reading.feed.listeners, watching.feed.listeners], [0, 0]);
  });

  test("returns when the server drains, and ends with the write's error when the consumer is gone", async () => {
    const draining = run();
    await turn();
    draining.drain.abort();
    await draining.ended;
    assert.deepEqual([draining.feed.listeners, draining.clock.timersPending], [0, 0]);
    const gone = run();
    await turn();
    gone.consumer.gate = Promise.reject(new Error("cancelled"));
    gone.consumer.gate.catch(() => {});
    gone.rows.committed.push(row(1n));
    gone.feed.commit();
    await assert.rejects(gone.ended, /cancelled/);
  });
});
