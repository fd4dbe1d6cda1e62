import { ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import { databaseHeader } from "./database-header.ts";
import { PageFile } from "./fixtures/page-file.ts";
import { anyOptions, SqliteWriter } from "./fixtures/sqlite-writer.ts";
import { overflowNext, parseFreelistTrunk } from "./overflow.ts";
import { type BtreePage, parsePage } from "./page.ts";
import { PageFormatError } from "./page-format-error.ts";
import { columnCount, parseRecord } from "./record.ts";
import { walkTableLeaves } from "./table-walk.ts";
import { WalFormatError } from "./wal-format-error.ts";
import { isNextFrame, nextFrames } from "./wal-frames.ts";
import { parseWalHeader } from "./wal-header.ts";
import { walStart } from "./wal-position.ts";

/** True when it ran through, false for a typed refusal; anything else is a finding. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof PageFormatError || error instanceof WalFormatError) return false;
    throw error;
  }
}

/** Bytes in the middle of others, so that a read outside of them meets something. */
function surrounded(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const before = random.integer(0, 9);
  const room = new Uint8Array(before + bytes.length + 9).fill(0xa5);
  room.set(bytes, before);
  return room.subarray(before, before + bytes.length);
}

function randomBytes(random: SeededRandom, length: number): Uint8Array {
  const extreme = random.pick([
    [0, 255],
    [0, 0x7f],
    [0x80, 0xff],
    [0, 13],
  ]) as [number, number];
  return Uint8Array.from({ length }, () => random.integer(...extreme));
}

function mutated(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  if (changed.length === 0) return changed;
  for (let left = random.integer(1, 8); left > 0; left -= 1) {
    // The header and the cells' offsets, where it hurts, as often as anywhere.
    const at = random.integer(0, random.chance(0.5) ? Math.min(40, changed.length - 1) : changed.length - 1);
    changed[at] = random.pick([0, 1, 2, 5, 10, 13, 0x7f, 0x80, 0xff, random.integer(0, 255)]);
  }
  return changed;
}

/** Reads all that a page has to give; no view may reach outside of the page. */
function readAll(bytes: Uint8Array, pageNumber: number, usableBytes: number): void {
  const page = parsePage(bytes, { pageNumber, usableBytes });
  if (page.kind === "not-a-btree" || page.kind === "table-interior") return;
  let localBytes = 0;
  for (const cell of page.cells) {
    localBytes += cell.local.length;
    ok(cell.local.length <= cell.payloadBytes);
    ok(cell.stored.byteOffset >= bytes.byteOffset);
    ok(cell.stored.byteOffset + cell.stored.length <= bytes.byteOffset + usableBytes);
    attempt(() => columnCount(cell.local));
    attempt(() => {
      const record = parseRecord(cell.local);
      for (let at = 0; at <= record.serialTypes.length; at += 1) record.valueAt(at);
    });
  }
  ok(localBytes <= usableBytes);
}

test("random bytes as any page are refused with a typed error or read within bounds", {
  timeout: 60_000,
}, () => {
  const random = SeededRandom.fromEnvironment("random pages");
  let read = 0;
  for (let run = 0; run < 4_000; run += 1) {
    const length = random.pick([0, 8, 100, 479, 480, 512, 512, 1024]);
    const bytes = surrounded(random, randomBytes(random, length));
    const pageNumber = random.integer(1, 3);
    const start = pageNumber === 1 ? 100 : 0;
    if (start < length) bytes[start] = random.pick([2, 5, 10, 13]);
    // Few cells, or a random page never has room for them.
    if (start + 5 < length && random.chance(0.8)) bytes.set([0, random.integer(0, 9)], start + 3);
    const usableBytes = random.pick([length, length, 512, 480, -1, 70_000]);
    if (attempt(() => readAll(bytes, pageNumber, usableBytes))) read += 1;
    attempt(() => parseFreelistTrunk(bytes, usableBytes));
    attempt(() => overflowNext(bytes));
    attempt(() => databaseHeader(bytes));
    attempt(() => parseRecord(bytes));
    attempt(() => columnCount(bytes));
  }
  ok(read > 0);
});

test("a page whose cells are all the same bytes is refused, not read a thousand times", () => {
  const bytes = new Uint8Array(65_536);
  const view = new DataView(bytes.buffer);
  const cells = 30_000;
  bytes[0] = 10;
  view.setUint16(3, cells);
  for (let index = 0; index < cells; index += 1) view.setUint16(8 + index * 2, 60_100);
  bytes.set([0xa0, 0x00], 60_100);
  ok(!attempt(() => readAll(bytes, 2, 65_536)));
});

test("mutated pages and trees of a real database throw nothing but typed errors", {
  timeout: 120_000,
}, async () => {
  const random = SeededRandom.fromEnvironment("mutated pages");
  let read = 0;
  let refused = 0;
  for (let run = 0; run < 8; run += 1) {
    await using directory = await temporaryDirectory();
    using writer = new SqliteWriter(directory.file("any.db"), random, anyOptions(random));
    for (let left = 15; left > 0; left -= 1) writer.transaction();
    const file = new PageFile(readFileSync(writer.path), writer.log);
    const { usableBytes } = databaseHeader(file.page(1));
    for (let left = 400; left > 0; left -= 1) {
      const pageNumber = random.integer(1, file.pages);
      const bytes = surrounded(random, mutated(random, file.page(pageNumber)));
      if (attempt(() => readAll(bytes, pageNumber, usableBytes))) read += 1;
      else refused += 1;
      attempt(() => databaseHeader(bytes));
    }
    for (let left = 40; left > 0; left -= 1) walkMutated(random, file, usableBytes);
  }
  ok(read > 0 && refused > 0, `${read} read, ${refused} refused`);
});

/** A walk on which any page may be a mutated one, or another page altogether. */
function walkMutated(random: SeededRandom, file: PageFile, usableBytes: number): void {
  let pagesRead = 0;
  const getPage = (pageNumber: number): BtreePage => {
    pagesRead += 1;
    const isSwapped = random.chance(0.1);
    const number = isSwapped || pageNumber > file.pages ? random.integer(1, file.pages) : pageNumber;
    const bytes = file.page(number);
    return parsePage(random.chance(0.1) ? mutated(random, bytes) : bytes, {
      pageNumber: number,
      usableBytes,
    });
  };
  attempt(() => {
    for (const _ of walkTableLeaves(random.integer(1, file.pages), getPage));
  });
  // Each interior page is visited once and names no more children than fit.
  ok(pagesRead <= (file.pages + 1) * usableBytes);
}

test("a tree that leads back to itself, or ever deeper, ends the walk", () => {
  const interior = (page: number): BtreePage => ({ kind: "table-interior", children: [], right: page });
  ok(!attempt(() => [...walkTableLeaves(2, () => interior(2))]));
  ok(!attempt(() => [...walkTableLeaves(2, (page) => interior(page + 1))]));
  ok(!attempt(() => [...walkTableLeaves(2, () => ({ kind: "not-a-btree" }))]));
});

test("random and mutated logs throw nothing but typed errors", { timeout: 60_000 }, async () => {
  const random = SeededRandom.fromEnvironment("mutated logs");
  await using directory = await temporaryDirectory();
  using writer = new SqliteWriter(directory.file("any.db"), random, { ...anyOptions(random), pageSize: 512 });
  for (let left = 3; left > 0; left -= 1) writer.transaction();
  const log = writer.log.subarray(0, 40_000);
  const start = walStart(parseWalHeader(log));
  for (let run = 0; run < 2_000; run += 1) {
    const bytes = surrounded(random, mutated(random, log.subarray(0, random.integer(0, log.length))));
    attempt(() => parseWalHeader(bytes));
    const after = bytes.subarray(Math.min(32, bytes.length));
    const { frames, position } = nextFrames(start, after);
    ok(frames.length === position.frames);
    ok(frames.length * 536 <= after.length);
    isNextFrame(position, after);
  }
});
