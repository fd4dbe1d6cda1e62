import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@imesh/testing";
import type { WatchFault } from "../commits/commits.ts";
import { LogFileError } from "./log-file.ts";
import { LogProbe, type ProbedCapture, type WatchedDatabase } from "./log-probe.ts";

class DatabaseError extends Error {}

class ScriptedDatabase implements WatchedDatabase {
  version = 1n;
  isOther = false;
  probes = 0;
  reopens = 0;

  isReplaced(): boolean {
    return this.isOther;
  }

  reopen(): void {
    this.reopens += 1;
    this.isOther = false;
  }

  dataVersion(): bigint {
    this.probes += 1;
    return this.version;
  }

  faultOf(error: unknown): WatchFault | undefined {
    return error instanceof DatabaseError ? { code: "busy", source: "database", error } : undefined;
  }
}

/** A capture whose commits a test makes. */
class ScriptedCapture implements ProbedCapture {
  readonly calls: string[] = [];
  commits: { readonly count: number; readonly isRelevant: boolean; readonly isContinuous?: boolean }[] = [];
  hasStep = false;
  hasMore = false;
  isLastConfirmed = true;
  isWaitingForSchema = false;
  hasMoved = false;

  look() {
    const next = this.commits.shift();
    if (next === undefined) return { hasRead: false, commits: 0, isContinuous: true };
    this.isLastConfirmed = !next.isRelevant;
    this.hasStep = next.isRelevant;
    return { hasRead: true, commits: next.count, isContinuous: next.isContinuous ?? true };
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

  confirm(): void {
    this.calls.push("confirm");
    this.isLastConfirmed = true;
  }

  recheck(): void {
    this.calls.push("recheck");
    this.isLastConfirmed = true;
    this.hasStep = true;
  }

  giveUp(): void {
    this.calls.push("giveUp");
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
    capture.commits.push({ count: 3, isRelevant: false });
    assert.deepEqual(await poll(120_000), []);
    assert.deepEqual([database.probes, capture.calls], [0, ["confirm"]]);
  });

  test("tells of a commit at once, and again when it turns out to have been hidden", async () => {
    const { clock, capture, database, probe, poll } = world();
    capture.commits.push({ count: 1, isRelevant: true });
    assert.equal(probe.hasCommitted(), true);
    capture.take();
    assert.equal(probe.isLastConfirmed, false);
    await clock.advance(0);
    database.version += 1n;
    assert.deepEqual(await poll(100), [1]);
    assert.deepEqual([capture.calls, probe.isLastConfirmed], [["recheck"], true]);
    const probes = database.probes;
    await poll(10_000);
    assert.equal(database.probes, probes);
  });

  test("tells of a step once, and reminds each second of one that nobody takes", async () => {
    const { clock, capture, probe } = world();
    capture.commits.push({ count: 1, isRelevant: true });
    const told: number[] = [];
    for (let polls = 0; polls < 120; polls += 1) {
      if (probe.hasCommitted()) told.push(clock.monotonicMs());
      await clock.advance(20);
    }
    assert.deepEqual(told, [0, 1_000, 2_000]);
  });

  test("knows at once that a single commit after a settled one is seen", async () => {
    const { capture, database, probe, poll } = world();
    capture.commits.push({ count: 1, isRelevant: true });
    probe.hasCommitted();
    database.version += 1n;
    await poll(10);
    capture.calls.length = 0;
    const probes = database.probes;
    capture.commits.push({ count: 1, isRelevant: true });
    database.version += 1n;
    assert.equal(probe.hasCommitted(), true);
    capture.take();
    await poll(1_000);
    assert.deepEqual([capture.calls, database.probes - probes], [["confirm"], 1]);
  });

  test("is not so sure when another commit, or a reset, came in between", async () => {
    for (const commit of [
      { count: 2, isRelevant: true },
      { count: 1, isRelevant: true, isContinuous: false },
    ]) {
      const { capture, database, probe, poll } = world();
      capture.commits.push({ count: 1, isRelevant: true });
      probe.hasCommitted();
      database.version += 1n;
      await poll(10);
      capture.calls.length = 0;
      capture.commits.push(commit);
      database.version += 1n;
      probe.hasCommitted();
      assert.deepEqual(capture.calls, []);
    }
  });

  test("takes the word of who found the commit's change, and is sure of the next one", async () => {
    const { capture, database, probe, poll } = world();
    capture.commits.push({ count: 2, isRelevant: true });
    probe.hasCommitted();
    capture.take();
    probe.confirmShown();
    const probes = database.probes;
    await poll(1_000);
    capture.commits.push({ count: 1, isRelevant: true });
    database.version += 1n;
    probe.hasCommitted();
    assert.deepEqual([capture.calls, database.probes - probes], [["confirm", "confirm"], 1]);
    probe.confirmShown();
    assert.equal(database.probes - probes, 1);
  });

  test("gives up after a minute, and asks SQLite no more until the next commit", async () => {
    const { capture, database, probe, poll } = world();
    capture.commits.push({ count: 1, isRelevant: true });
    probe.hasCommitted();
    await poll(70_000);
    assert.deepEqual(capture.calls, ["giveUp"]);
    const probes = database.probes;
    assert(probes < 130, `${probes} probes`);
    await poll(600_000);
    assert.equal(database.probes, probes);
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

  test("waits for the last commit anew on another connection", async () => {
    const { capture, database, probe, poll } = world();
    capture.commits.push({ count: 1, isRelevant: true });
    probe.hasCommitted();
    capture.take();
    database.version = 100n;
    probe.reopen();
    assert.deepEqual(await poll(50), []);
    database.version += 1n;
    await poll(50);
    assert.deepEqual(capture.calls, ["reopen", "recheck"]);
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
