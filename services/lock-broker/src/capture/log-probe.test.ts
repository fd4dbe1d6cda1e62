import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { WatchFault } from "../commits/commits.ts";
import { LogFileError } from "./log-file.ts";
import { LogProbe, type ProbedCapture, type WatchedDatabase } from "./log-probe.ts";

class DatabaseError extends Error {}

class ScriptedDatabase implements WatchedDatabase {
  /** Frames that readers see; by default all there are. */
  frames = Number.POSITIVE_INFINITY;
  isOther = false;
  asks = 0;
  reopens = 0;

  isReplaced(): boolean {
    return this.isOther;
  }

  reopen(): void {
    this.reopens += 1;
    this.isOther = false;
  }

  visibleFrames(): number {
    this.asks += 1;
    return this.frames;
  }

  faultOf(error: unknown): WatchFault | undefined {
    return error instanceof DatabaseError ? { code: "busy", source: "database", error } : undefined;
  }
}

/** A capture whose commits a test makes. */
class ScriptedCapture implements ProbedCapture {
  readonly calls: string[] = [];
  /** Of the commits to come: whether each touches anything that is watched. */
  commits: boolean[] = [];
  /** In the log. */
  frames = 0;
  hasStep = false;
  hasMore = false;
  isLastHidden = false;
  isLastOpen = false;
  isLastAlike = false;
  isWaitingForSchema = false;
  hasMoved = false;

  look() {
    const isRelevant = this.commits.shift();
    if (isRelevant === undefined) return false;
    this.frames += 1;
    this.isLastOpen = true;
    this.isLastHidden = isRelevant;
    return true;
  }

  isMoved(): boolean {
    return this.hasMoved;
  }

  follow(): boolean {
    this.calls.push("follow");
    this.hasMoved = false;
    return true;
  }

  reopen(): void {
    this.calls.push("reopen");
  }

  replaced(): void {
    this.calls.push("replaced");
  }

  show(frames: number): void {
    this.calls.push(`show ${frames}`);
    if (frames < this.frames) return;
    this.hasStep = this.isLastHidden;
    this.isLastHidden = false;
    this.isLastOpen = false;
  }

  settle(): void {
    this.calls.push("settle");
    this.isLastOpen = false;
  }

  take(): void {
    this.hasStep = false;
  }
}

function world() {
  const clock = new FakeClock();
  const database = new ScriptedDatabase();
  const capture = new ScriptedCapture();
  const log = {
    identity: "1:1",
    inode: 5n as bigint | undefined,
    databaseIdentity: () => log.identity,
    inodeAtPath: () => log.inode,
    modifiedAtUnixNs: () => 42n,
  };
  const probe = new LogProbe({ capture, log, database, clock }, { pollMs: 20 });
  const poll = async (ms: number) => {
    const found: number[] = [];
    const endMs = clock.monotonicMs() + ms;
    while (clock.monotonicMs() < endMs) {
      await clock.advance(Math.min(20, Math.max(0.5, probe.lookAgainMs() ?? 20)));
      if (probe.hasCommitted()) found.push(clock.monotonicMs());
      capture.take();
    }
    return found;
  };
  return { clock, database, capture, log, probe, poll };
}

describe("LogProbe", () => {
  test("asks SQLite nothing while nothing is committed, or nothing that is watched", async () => {
    const { capture, database, poll } = world();
    await poll(5_000);
    capture.commits.push(false);
    assert.deepEqual(await poll(120_000), []);
    assert.deepEqual([database.asks, capture.calls], [0, ["settle"]]);
  });

  test("asks after a minute whether readers see a last commit whose messages look as they are known", async () => {
    const { capture, database, poll } = world();
    capture.commits = [false];
    capture.isLastAlike = true;
    database.frames = 0;
    assert.deepEqual(await poll(59_000), []);
    assert.equal(database.asks, 0);
    await poll(2_000);
    assert.deepEqual([database.asks, capture.isLastOpen, capture.calls], [1, true, ["show 0"]]);
    database.frames = 1;
    await poll(60_000);
    assert.deepEqual([database.asks, capture.isLastOpen, capture.calls], [2, false, ["show 0", "show 1"]]);
  });

  test("tells of a commit at once when readers see it, with one question", async () => {
    const { capture, database, probe, poll } = world();
    capture.commits.push(true);
    assert.equal(probe.hasCommitted(), true);
    capture.take();
    assert.deepEqual(await poll(10_000), []);
    assert.deepEqual([database.asks, capture.calls], [1, ["show Infinity"]]);
  });

  test("tells of a hidden one as soon as readers see it, and not before", async () => {
    const { capture, database, probe, poll } = world();
    database.frames = 0;
    capture.commits.push(true);
    assert.equal(probe.hasCommitted(), false);
    assert.deepEqual(await poll(3), []);
    database.frames = 1;
    assert.deepEqual(await poll(10_000), [7]);
    const { asks } = database;
    await poll(10_000);
    assert.equal(database.asks, asks);
  });

  test("asks seldom when it stays hidden, for its writer may be dead, and goes on with the next", async () => {
    const { capture, database, probe, poll } = world();
    database.frames = 0;
    capture.commits.push(true);
    probe.hasCommitted();
    await poll(600_000);
    assert(database.asks < 700, `${database.asks} questions`);
    database.frames = 2;
    capture.commits.push(true);
    assert.equal(probe.hasCommitted(), true);
  });

  test("tells of a step once, and reminds each second of one that nobody takes", async () => {
    const { clock, capture, probe } = world();
    capture.commits.push(true);
    const told: number[] = [];
    for (let polls = 0; polls < 120; polls += 1) {
      if (probe.hasCommitted()) told.push(clock.monotonicMs());
      await clock.advance(20);
    }
    assert.deepEqual(told, [0, 1_000, 2_000]);
  });

  test("asks for the next step at once when there is more, and soon while a schema is not shown", () => {
    const { capture, probe } = world();
    assert.equal(probe.lookAgainMs(), undefined);
    capture.hasMore = true;
    assert.equal(probe.lookAgainMs(), 0);
    capture.hasMore = false;
    capture.isWaitingForSchema = true;
    assert.equal(probe.lookAgainMs(), 5);
  });

  test("goes over to another log, and to another database, as the files say", () => {
    const { capture, database, log, probe } = world();
    assert.equal(probe.isReplaced(), false);
    capture.hasMoved = true;
    log.inode = undefined;
    assert.equal(probe.isReplaced(), false, "a log that is gone may be on its way");
    log.inode = 6n;
    assert.equal(probe.isReplaced(), true);
    probe.reopen();
    log.identity = "1:2";
    database.isOther = true;
    assert.equal(probe.isReplaced(), true);
    probe.reopen();
    probe.reopen();
    assert.deepEqual([capture.calls, database.reopens], [["follow", "replaced", "reopen"], 3]);
  });

  test("goes on waiting for a hidden commit on another connection", async () => {
    const { capture, database, probe, poll } = world();
    database.frames = 0;
    capture.commits.push(true);
    probe.hasCommitted();
    probe.reopen();
    assert.deepEqual(await poll(20), []);
    database.frames = 1;
    assert.equal((await poll(50)).length, 1);
  });

  test("says what an error means, and of which file", () => {
    const { probe } = world();
    const log = new LogFileError({ code: "no-permission", path: "/x-wal", detail: "EPERM" });
    const database = new DatabaseError("busy");
    assert.deepEqual(probe.faultOf(log), { code: "no-permission", source: "log", error: log });
    assert.deepEqual(probe.faultOf(database), { code: "busy", source: "database", error: database });
    assert.equal(probe.faultOf(new TypeError("a bug")), undefined);
  });
});
