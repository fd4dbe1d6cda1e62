import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import Database from "better-sqlite3";
import { PageFile } from "./fixtures/page-file.ts";
import { anyOptions, SqliteWriter } from "./fixtures/sqlite-writer.ts";
import { writeWal } from "./fixtures/wal-writer.ts";
import { nextFrames, type WalFrame } from "./wal-frames.ts";
import { parseWalHeader } from "./wal-header.ts";
import { frameOffset, type WalPosition, walStart } from "./wal-position.ts";

/** Frames as they compare: a difference is then a line, and not a page. */
function kept(frames: readonly WalFrame[]): object[] {
  return frames.map(({ pageNumber, databasePages, page, position }) => ({
    pageNumber,
    databasePages,
    page: createHash("sha1").update(page).digest("hex"),
    position,
  }));
}

function rest(log: Uint8Array, position: WalPosition): Uint8Array {
  return log.subarray(frameOffset(position));
}

test("the pages of any log are those that SQLite's own checkpoint writes", async () => {
  const random = SeededRandom.fromEnvironment("wal against checkpoint");
  for (let run = 0; run < 12; run += 1) {
    await using directory = await temporaryDirectory();
    using writer = new SqliteWriter(directory.file("any.db"), random, anyOptions(random));
    for (let left = random.integer(1, 25); left > 0; left -= 1) writer.transaction();
    const read = new PageFile(readFileSync(writer.path), writer.log);
    writer.database.pragma("wal_checkpoint(TRUNCATE)");
    equal(Buffer.compare(read.bytes(), readFileSync(writer.path)), 0, `run ${run}`);
  }
});

test("SQLite reads a log of big-endian checksums as we do, and one of ours", async () => {
  const random = SeededRandom.fromEnvironment("wal in both byte orders");
  for (const isBigEndianChecksum of [false, true]) {
    await using directory = await temporaryDirectory();
    using writer = new SqliteWriter(directory.file("any.db"), random, anyOptions(random));
    for (let left = 10; left > 0; left -= 1) writer.transaction();
    const start = walStart(parseWalHeader(writer.log));
    const { frames } = nextFrames(start, rest(writer.log, start));
    const log = writeWal({ ...start, isBigEndianChecksum }, frames);
    const again = walStart(parseWalHeader(log));
    equal(nextFrames(again, rest(log, again)).frames.length, frames.length);
    writeFileSync(directory.file("copy.db"), readFileSync(writer.path));
    writeFileSync(directory.file("copy.db-wal"), log);
    const copy = new Database(directory.file("copy.db"));
    const rows = "SELECT id, name, number, real, body FROM item ORDER BY id";
    deepEqual(copy.prepare(rows).safeIntegers().all(), writer.database.prepare(rows).safeIntegers().all());
    ok(copy.prepare("SELECT count(*) FROM item").pluck().get() !== 0);
    copy.close();
  }
});

test("a log read in any pieces gives the frames it gives at once", async () => {
  const random = SeededRandom.fromEnvironment("wal in pieces");
  for (let run = 0; run < 12; run += 1) {
    await using directory = await temporaryDirectory();
    using writer = new SqliteWriter(directory.file("any.db"), random, anyOptions(random));
    for (let left = random.integer(1, 15); left > 0; left -= 1) writer.transaction();
    const { log } = writer;
    const start = walStart(parseWalHeader(log));
    const whole = nextFrames(start, rest(log, start));
    const pieces: WalFrame[] = [];
    let position = start;
    for (let end = 32; pieces.length < whole.frames.length; ) {
      end = Math.min(log.length, end + random.integer(0, 3 * start.pageSize));
      const limit = random.pick([1, 2, 5, Number.POSITIVE_INFINITY]);
      const piece = nextFrames(position, log.subarray(frameOffset(position), end), limit);
      pieces.push(...piece.frames);
      position = piece.position;
    }
    deepEqual(kept(pieces), kept(whole.frames));
    deepEqual(position, whole.position);
  }
});

test("after resets, what a former generation left is read to its end, or not at all", async () => {
  const random = SeededRandom.fromEnvironment("wal after resets");
  let leftoversRead = 0;
  let overwritten = 0;
  for (let run = 0; run < 15; run += 1) {
    await using directory = await temporaryDirectory();
    const options = { ...anyOptions(random), checkpointFrames: random.integer(5, 120) };
    using writer = new SqliteWriter(directory.file("any.db"), random, options);
    // What was written in each generation, by one who looks after every transaction.
    const generations = new Map<number, object[]>();
    let lazy = walStart(parseWalHeader(writer.log));
    for (let step = 0; step < 60; step += 1) {
      writer.transaction();
      const { log } = writer;
      const current = walStart(parseWalHeader(log));
      const written = kept(nextFrames(current, rest(log, current)).frames);
      generations.set(current.salt1, written);
      if (random.chance(0.7)) continue;
      const read = nextFrames(lazy, rest(log, lazy));
      const expected = generations.get(lazy.salt1)?.slice(lazy.frames) ?? [];
      const isReset = lazy.salt1 !== current.salt1;
      const isLost = isReset && kept(read.frames).length < expected.length;
      if (isLost) {
        overwritten += 1;
        // One generation back, only frames under the new ones are gone, so that nothing chains to our position.
        deepEqual([read.frames, read.stop], [[], "stale-salt"]);
      } else {
        deepEqual(kept(read.frames), expected);
        if (isReset && expected.length > 0) leftoversRead += 1;
      }
      lazy = isReset ? nextFrames(current, rest(log, current)).position : read.position;
    }
  }
  ok(leftoversRead > 0 && overwritten > 0, `${leftoversRead} leftovers, ${overwritten} overwritten`);
});
