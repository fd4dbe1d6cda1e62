import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import { type DatabaseHeader, databaseHeader } from "./database-header.ts";
import { PageFile } from "./fixtures/page-file.ts";
import { pointerMapEntries } from "./fixtures/pointer-map-entries.ts";
import { anyOptions, SqliteWriter } from "./fixtures/sqlite-writer.ts";
import { overflowNext, parseFreelistTrunk } from "./overflow.ts";
import { type BtreePage, type LocalPayload, parsePage } from "./page.ts";
import { isPointerMapPage } from "./pointer-map.ts";
import { columnCount, parseRecord, type RecordValue } from "./record.ts";
import { walkTableLeaves } from "./table-walk.ts";

/** A database as read from the log alone, and SQLite's word on the same. */
class Subject {
  readonly writer: SqliteWriter;
  readonly file: PageFile;
  readonly header: DatabaseHeader;
  /** Pages seen by walks, with what they were seen as: for the comparison with pointer map and freelist. */
  readonly seen = new Map<number, string>();

  constructor(writer: SqliteWriter) {
    this.writer = writer;
    this.file = new PageFile(readFileSync(writer.path), writer.log);
    this.header = databaseHeader(this.file.page(1));
  }

  root(name: string): number {
    const statement = this.writer.database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?");
    return statement.pluck().get(name) as number;
  }

  pageAt(pageNumber: number): BtreePage {
    this.seen.set(pageNumber, "btree");
    const { usableBytes } = this.header;
    return parsePage(this.file.page(pageNumber), { pageNumber, usableBytes });
  }

  /** The whole payload, its overflow followed. */
  payload(cell: LocalPayload): Uint8Array {
    const { usableBytes } = this.header;
    const parts = [cell.local];
    let leftBytes = cell.payloadBytes - cell.local.length;
    let pages = 0;
    for (let next = cell.overflowPage; next !== 0; pages += 1) {
      this.seen.set(next, "overflow");
      const page = this.file.page(next);
      const bytes = Math.min(leftBytes, usableBytes - 4);
      parts.push(page.subarray(4, 4 + bytes));
      leftBytes -= bytes;
      next = overflowNext(page);
    }
    equal(leftBytes, 0);
    equal(pages, Math.ceil((cell.payloadBytes - cell.local.length) / (usableBytes - 4)));
    return Buffer.concat(parts);
  }

  /** Keys of the index below a page, in order. */
  *keys(pageNumber: number): Generator<Uint8Array> {
    const page = this.pageAt(pageNumber);
    if (page.kind === "index-leaf") {
      for (const cell of page.cells) yield this.payload(cell);
      return;
    }
    ok(page.kind === "index-interior");
    for (const cell of page.cells) {
      yield* this.keys(cell.page);
      yield this.payload(cell);
    }
    yield* this.keys(page.right);
  }
}

function plain(value: RecordValue | undefined): unknown {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case "null":
      return null;
    case "integer":
      return value.value;
    case "real":
      return value.value;
    case "text":
      return Buffer.from(value.bytes).toString("utf8");
    case "blob":
      return Buffer.from(value.bytes);
  }
}

/** Runs `check` on databases of any page size after any transactions. */
async function everySubject(
  what: string,
  runs: number,
  check: (subject: Subject, run: number) => void,
): Promise<void> {
  const random = SeededRandom.fromEnvironment(what);
  for (let run = 0; run < runs; run += 1) {
    await using directory = await temporaryDirectory();
    using writer = new SqliteWriter(directory.file("any.db"), random, anyOptions(random));
    for (let left = random.integer(0, 40); left > 0; left -= 1) writer.transaction();
    check(new Subject(writer), run);
  }
}

test("a walk from the root gives the rows that SELECT gives, in order", async () => {
  await everySubject("table walk", 20, (subject) => {
    for (const table of ["item", "pair"]) {
      const rowids = [...walkTableLeaves(subject.root(table), (pageNumber) => subject.pageAt(pageNumber))]
        .flatMap(({ page }) => page.cells)
        .map(({ rowid }) => rowid);
      const select = `SELECT rowid FROM ${table} ORDER BY rowid`;
      deepEqual(rowids, subject.writer.database.prepare(select).pluck().safeIntegers().all());
    }
  });
});

test("records with their overflow have the values that SELECT gives", async () => {
  await everySubject("records", 15, (subject) => {
    const { database } = subject.writer;
    const read: unknown[] = [];
    for (const { page } of walkTableLeaves(subject.root("item"), (at) => subject.pageAt(at))) {
      for (const cell of page.cells) {
        const record = parseRecord(subject.payload(cell));
        const [id, name, number, real, body] = [0, 1, 2, 3, 4].map((at) => plain(record.valueAt(at)));
        // The key is no column of the record; a real that is whole is stored as an integer.
        equal(id, null);
        read.push([cell.rowid, name, number, Number(real), body]);
        equal(record.columnCount, 5);
        const local = parseRecord(cell.local);
        equal(columnCount(cell.local), local.columnCount);
        for (let at = 0; at < local.serialTypes.length; at += 1) {
          const value = plain(local.valueAt(at));
          if (value !== undefined) deepEqual(value, plain(record.valueAt(at)));
        }
      }
    }
    const select = database.prepare("SELECT id, name, number, real, body FROM item ORDER BY id");
    deepEqual(
      read,
      select
        .raw()
        .safeIntegers()
        .all()
        .map((row) => (row as unknown[]).map((value, at) => (at === 3 ? Number(value) : value))),
    );
  });
});

test("an index has a key for each row", async () => {
  await everySubject("index keys", 12, (subject) => {
    const rows = [...subject.keys(subject.root("item_name"))].map((key) => {
      const record = parseRecord(key);
      return [plain(record.valueAt(0)), record.integerAt(1)];
    });
    const select = "SELECT name, id FROM item ORDER BY name, id";
    deepEqual(rows, subject.writer.database.prepare(select).raw().safeIntegers().all());
  });
});

/** Every page by what it is, from walks of all trees and of the freelist. */
function usesOf(subject: Subject): Map<number, string> {
  const { seen, header, file } = subject;
  for (const table of ["item", "pair", "sqlite_schema"]) {
    const root = table === "sqlite_schema" ? 1 : subject.root(table);
    for (const { page } of walkTableLeaves(root, (at) => subject.pageAt(at))) {
      for (const cell of page.cells) subject.payload(cell);
    }
  }
  for (const _ of subject.keys(subject.root("item_name")));
  let free = 0;
  for (let trunk = header.firstFreelistTrunk; trunk !== 0; ) {
    const { next, leaves } = parseFreelistTrunk(file.page(trunk), header.usableBytes);
    for (const page of [trunk, ...leaves]) seen.set(page, "free");
    free += 1 + leaves.length;
    trunk = next;
  }
  equal(free, header.freelistPages);
  return seen;
}

test("walks, overflow chains, freelist and pointer map together are the whole database", async () => {
  let maps = 0;
  await everySubject("uses of pages", 20, (subject) => {
    const uses = usesOf(subject);
    const { header, file } = subject;
    equal(header.databasePages, file.pages);
    const isMap = (pageNumber: number) =>
      header.hasPointerMap && isPointerMapPage(pageNumber, header.usableBytes);
    for (let pageNumber = 1; pageNumber <= file.pages; pageNumber += 1) {
      equal(uses.has(pageNumber), !isMap(pageNumber), `page ${pageNumber}`);
      if (!isMap(pageNumber)) continue;
      maps += 1;
      const entries = pointerMapEntries(file.page(pageNumber), pageNumber, header.usableBytes);
      for (const entry of entries) {
        if (entry.pageNumber > file.pages) continue;
        const use = entry.kind === "root" ? "btree" : entry.kind.replace(/-.*/, "");
        equal(use, uses.get(entry.pageNumber), `page ${entry.pageNumber}`);
      }
    }
  });
  ok(maps > 0);
});
