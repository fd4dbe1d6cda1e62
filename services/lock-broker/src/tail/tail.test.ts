import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { ToldChange } from "../changes/changes.ts";
import type { CommitFeed, CommitNotice, WatchEvent } from "../commits/commits.ts";
import { NO_GAPS } from "../fixtures/no-gaps.ts";
import type { ChangePage, ChangeSource } from "./change-source.ts";
import { OpenTails } from "./open-tails.ts";
import { HEARTBEAT_MS, Tail, type TailFrame } from "./tail.ts";

const DATABASE = { databaseUid: "uid", generation: "1:2:0" };

function told(rowid: bigint): ToldChange {
  return {
    change: { sequence: rowid, subject: "message", reason: "new", rowid, guid: "" },
    message: undefined,
  };
}

function noticeAt(atUnixNs: bigint): CommitNotice {
  return { source: "hint", committedAtUnixNs: atUnixNs, detectedAtUnixNs: atUnixNs + 1n };
}

/** Changes that a test tells; pages have at most two. */
class ScriptedSource implements ChangeSource {
  readonly unread: { readonly change: ToldChange; readonly notice: CommitNotice | undefined }[] = [];
  reads = 0;
  fault: Error | undefined;
  restarted: ChangePage["restarted"];
  isBlocked = false;
  isCatchingUp = false;
  database = DATABASE;
  headRowid = 9n;
  pendingRows = 0;
  #cursor = new Uint8Array([0]);

  get isAtHead(): boolean {
    return this.unread.length === 0;
  }

  read(): ChangePage {
    this.reads += 1;
    if (this.fault !== undefined) throw this.fault;
    const page = this.isBlocked ? [] : this.unread.splice(0, 2);
    if (page.length > 0) this.#cursor = new Uint8Array([this.reads]);
    const { restarted, isBlocked, isCatchingUp, database } = this;
    this.restarted = undefined;
    const changes = page.map(({ change }) => change);
    return {
      changes,
      database,
      notice: page[0]?.notice,
      readAtUnixNs: 5n,
      isCatchingUp,
      restarted,
      isBlocked,
    };
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
}

/** A tail that runs, what it wrote, and everything around it. */
function run(prepare: (source: ScriptedSource) => void = () => {}) {
  const clock = new FakeClock();
  const source = new ScriptedSource();
  prepare(source);
  const commits = new ScriptedFeed();
  const listeners = new Set<(notice: CommitNotice) => void>();
  const changes = {
    subscribe: (listener: (notice: CommitNotice) => void) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
  };
  const frames: TailFrame[] = [];
  const notices: CommitNotice[] = [];
  const stop = new AbortController();
  const drain = new AbortController();
  const consumer = { gate: Promise.resolve() };
  const counters = {
    read: (_page: ChangePage, notice: CommitNotice) => notices.push(notice),
    pendingRows: () => {},
  };
  const tail = new Tail({ source, changes, commits, pauses: NO_GAPS, clock, counters }, { changesMax: 2 });
  const write = (frame: TailFrame) => {
    frames.push(frame);
    return consumer.gate;
  };
  /** As the recorder tells. */
  const tell = (rowid: bigint, atUnixNs = 7n, isRemembered = true) => {
    const notice = noticeAt(atUnixNs);
    source.unread.push({ change: told(rowid), notice: isRemembered ? notice : undefined });
    for (const listener of listeners) listener(notice);
  };
  const ended = tail.run(write, stop.signal, drain.signal);
  ended.catch(() => {});
  return { clock, source, commits, listeners, frames, notices, stop, drain, consumer, tail, ended, tell };
}

/** Frames in short: "batch 1,2 hint" or "heartbeat 9 same". */
function shown(frames: readonly TailFrame[]): string[] {
  return frames.map((frame) =>
    frame.kind === "batch"
      ? `batch ${frame.changes.map(({ change }) => change.rowid).join()} ${frame.notice.source}`
      : `heartbeat ${frame.headRowid} ${frame.cursor === undefined ? "same" : "moved"}`,
  );
}

/** Lets promises run, and nothing else. */
async function turn(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
}

describe("Tail", () => {
  test("says at once that the head is reached, with a cursor to start from", async () => {
    const { frames, source, clock, stop, ended } = run();
    await turn();
    assert.deepEqual(shown(frames), ["heartbeat 9 moved"]);
    assert.equal(source.reads, 1);
    stop.abort(new Error("gone"));
    await assert.rejects(ended, /gone/);
    assert.equal(clock.timersPending, 0);
  });

  test("pages through what is there, then says that the head is reached", async () => {
    const { frames } = run((source) => {
      for (const rowid of [1n, 2n, 3n]) source.unread.push({ change: told(rowid), notice: undefined });
    });
    await turn();
    assert.deepEqual(shown(frames), ["batch 1,2 open", "batch 3 open", "heartbeat 9 same"]);
  });

  test("writes what was recorded in the turn in which it hears of it, without a timer", async () => {
    const { frames, tell, clock, notices } = run();
    await turn();
    tell(1n, 70n);
    await turn();
    assert.deepEqual(shown(frames.slice(1)), ["batch 1 hint"]);
    assert.equal(clock.monotonicMs(), 0);
    const [, batch] = frames;
    assert(batch?.kind === "batch");
    const { notice, database, readAtUnixNs, isCatchingUp } = batch;
    assert.deepEqual([notice, database, readAtUnixNs, isCatchingUp], [noticeAt(70n), DATABASE, 5n, false]);
    assert.deepEqual(notices, [noticeAt(70n)]);
  });

  test("reads nothing while nothing is recorded, and sends a heartbeat every five seconds", async () => {
    const { frames, source, clock } = run();
    await clock.advance(3 * HEARTBEAT_MS + 100);
    assert.equal(source.reads, 1);
    assert.deepEqual(shown(frames.slice(1)), ["heartbeat 9 same", "heartbeat 9 same", "heartbeat 9 same"]);
  });

  test("sends no heartbeat while changes flow, and tells of a moved cursor with the next one", async () => {
    const { frames, source, tell, clock } = run();
    await turn();
    for (let count = 1n; count <= 4n; count += 1n) {
      await clock.advance(2_000);
      tell(count);
    }
    await turn();
    assert.equal(shown(frames).filter((frame) => frame.startsWith("heartbeat")).length, 1);
    source.moveCursor();
    await clock.advance(HEARTBEAT_MS);
    assert.equal(shown(frames).at(-1), "heartbeat 9 moved");
  });

  test("tells at once that the database is another one", async () => {
    const { frames, source, listeners } = run();
    await turn();
    source.database = { databaseUid: "other", generation: "1:3:1" };
    for (const listener of listeners) listener(noticeAt(3n));
    await turn();
    assert.deepEqual(shown(frames), ["heartbeat 9 moved", "heartbeat 9 same"]);
    assert.equal(frames[1]?.database.databaseUid, "other");
  });

  test("reads nothing while its consumer does not take frames, which is no fault of the broker", async () => {
    const { frames, source, tell, clock, consumer, tail } = run();
    await turn();
    const gate = Promise.withResolvers<void>();
    consumer.gate = gate.promise;
    tell(1n, 10n);
    await turn();
    assert.equal(tail.unreadForMs(), 0);
    for (let rowid = 2n; rowid < 5n; rowid += 1n) {
      // Beyond the ring nobody remembers the notice but the tail.
      tell(rowid, rowid * 10n, false);
      await clock.advance(1_000);
    }
    assert.equal(source.reads, 2);
    assert.equal(tail.unreadForMs(), 0);
    const tails = new OpenTails({ tailsMax: 1 });
    using _open = tails.add(tail);
    assert.deepEqual([tails.unreadForMs(), tails.size, tails.hasRoom], [0, 1, false]);
    consumer.gate = Promise.resolve();
    gate.resolve();
    await turn();
    assert.deepEqual(shown(frames.slice(2)), ["batch 2,3 hint", "batch 4 hint"]);
    const [, , batch] = frames;
    // The first that was left unread is the one whose lateness counts.
    assert(batch?.kind === "batch" && batch.notice.committedAtUnixNs === 20n);
    assert.equal(tail.unreadForMs(), 0);
  });

  test("does not miss what is told between its first read and its first wait", async () => {
    const { frames, tell, consumer } = run((source) =>
      source.unread.push({ change: told(1n), notice: undefined }),
    );
    const gate = Promise.withResolvers<void>();
    consumer.gate = gate.promise;
    await turn();
    tell(2n);
    gate.resolve();
    await turn();
    assert(shown(frames).includes("batch 2 hint"));
  });

  test("tells of a restart at once, without changes", async () => {
    const { frames } = run((source) => {
      source.restarted = "uid-changed";
    });
    await turn();
    assert.deepEqual(shown(frames), ["batch  open", "heartbeat 9 same"]);
  });

  test("waits for a notice while its source is blocked, and does not spin", async () => {
    const { frames, source, tell } = run((scripted) => {
      scripted.isBlocked = true;
      scripted.unread.push({ change: told(1n), notice: undefined });
    });
    await turn();
    assert.deepEqual([source.reads, shown(frames)], [1, ["heartbeat 9 moved"]]);
    source.isBlocked = false;
    tell(2n);
    await turn();
    assert.deepEqual(shown(frames.slice(1)), ["batch 1,2 hint"]);
  });

  test("ends with the database's error, found by itself or by the watch", async () => {
    const reading = run();
    await turn();
    reading.source.fault = new Error("unreadable");
    reading.tell(1n);
    await assert.rejects(reading.ended, /unreadable/);
    const watching = run();
    await turn();
    const error = new Error("no permission");
    const fault = { code: "no-permission", source: "database", error } as const;
    watching.commits.emit({ kind: "failed", fault, error });
    await assert.rejects(watching.ended, /no permission/);
    const open = [reading, watching].map(({ commits, listeners }) => commits.listeners + listeners.size);
    assert.deepEqual(open, [0, 0]);
  });

  test("returns when the server drains, and ends with the write's error when the consumer is gone", async () => {
    const draining = run();
    await turn();
    draining.drain.abort();
    await draining.ended;
    const { commits, listeners, clock } = draining;
    assert.deepEqual([commits.listeners, listeners.size, clock.timersPending], [0, 0, 0]);
    const gone = run();
    await turn();
    gone.consumer.gate = Promise.reject(new Error("cancelled"));
    gone.consumer.gate.catch(() => {});
    gone.tell(1n);
    await assert.rejects(gone.ended, /cancelled/);
  });
});
