import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import type { MessageCell, MessageRecords } from "../rows/message-record.ts";
import { CaptureDatabase } from "./fixtures/capture-database.ts";
import type { KnownMessages } from "./known-messages.ts";
import { LogCapture } from "./log-capture.ts";
import { WalFile } from "./log-file.ts";

/** Knows what a test says. */
class ScriptedKnown implements KnownMessages {
  version = 1;
  /** Rows that look otherwise than they are known. */
  others = new Set<bigint>();
  asked: bigint[] = [];

  unlike(cells: readonly MessageCell[]): readonly bigint[] {
    const rowids = cells.map(({ rowid }) => rowid);
    this.asked.push(...rowids);
    return rowids.filter((rowid) => this.others.has(rowid));
  }
}

/** A database of 40 messages, some ten on a page, whose capture has read the log so far and remembers none of their pages. */
async function world() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "chat.db");
  const base = CaptureDatabase.create(path);
  for (let index = 1; index <= 40; index += 1) base.insertMessage(`M${index}`, { text: "x".repeat(200) });
  base.db.pragma("wal_checkpoint(TRUNCATE)");
  const known = new ScriptedKnown();
  const shapes = () => ({ ...base.shapes(), messageRecords: {} as MessageRecords });
  const capture = new LogCapture({ log: new WalFile(path), clock: new SystemClock(), shapes, known });
  base.db.exec("INSERT INTO kvtable (key, value) VALUES ('begun', 1)");
  capture.begin(undefined);
  const drain = () => {
    const messages: bigint[] = [];
    while (capture.look() || capture.hasStep || capture.hasMore) {
      capture.show(Number.POSITIVE_INFINITY);
      messages.push(...(capture.take()?.candidates.messages ?? []));
    }
    return messages.sort((left, right) => Number(left - right));
  };
  drain();
  return {
    base,
    known,
    capture,
    drain,
    upkeep: (rowid: number) => base.db.exec(`UPDATE message SET ck = 'upkept' WHERE rowid = ${rowid}`),
    [Symbol.asyncDispose]: async () => {
      capture[Symbol.dispose]();
      base[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe("LogCapture with known messages", () => {
  test("a commit whose messages all look as known brings no step, and nobody need be asked whether readers see it", async () => {
    await using w = await world();
    const before = w.capture.statistics.irrelevantCommits;
    w.upkeep(20);
    assert.equal(w.capture.look(), true);
    assert(w.known.asked.includes(20n) && w.known.asked.length > 3);
    assert.deepEqual(
      [w.capture.isLastHidden, w.capture.isLastAlike, w.capture.isLastOpen, w.capture.hasStep],
      [false, true, true, false],
    );
    // The next commit shows that readers see this one.
    w.base.db.exec("INSERT INTO kvtable (key, value) VALUES ('later', 1)");
    assert.deepEqual(w.drain(), []);
    assert.equal(w.capture.isLastAlike, false);
    assert.equal(w.capture.statistics.irrelevantCommits, before + 2);
  });

  test("messages that look otherwise are candidates, and no others", async () => {
    await using w = await world();
    w.known.others = new Set([20n, 21n]);
    w.upkeep(20);
    assert.deepEqual(w.drain(), [20n, 21n]);
  });

  test("what was learnt of messages before readers are known to see the commit makes all of them candidates", async () => {
    await using w = await world();
    w.upkeep(20);
    w.capture.look();
    const asked = [...w.known.asked];
    w.known.version += 1;
    w.base.db.exec("INSERT INTO kvtable (key, value) VALUES ('later', 1)");
    assert.deepEqual(w.drain(), asked);
  });

  test("a row that was deleted from a page that nobody remembers is still missed among its neighbours", async () => {
    await using w = await world();
    w.base.db.exec("DELETE FROM message WHERE rowid = 20");
    w.capture.look();
    w.capture.show(Number.POSITIVE_INFINITY);
    const step = w.capture.take();
    const [leaf] = step?.candidates.leaves ?? [];
    assert(leaf !== undefined && leaf.table === "message" && !leaf.rowids.includes(20n));
    assert.deepEqual([...(step?.candidates.messages ?? [])], []);
  });

  test("remembered pages, and commits that may be older than the schema, are judged as ever", async () => {
    await using w = await world();
    w.upkeep(20);
    w.drain();
    w.known.asked = [];
    w.base.db.exec("UPDATE message SET ck = 'again' WHERE rowid = 20");
    assert.deepEqual([w.drain(), w.known.asked], [[20n], []]);
    w.base.db.exec("ALTER TABLE message ADD COLUMN later INTEGER");
    w.upkeep(1);
    const found = w.drain();
    assert.deepEqual([found.includes(1n), w.known.asked], [true, []]);
    w.upkeep(40);
    assert.deepEqual([w.drain(), w.known.asked.includes(40n)], [[], true]);
  });
});
