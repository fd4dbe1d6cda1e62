import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import type { WalPosition } from "@imesh/wal";
import { CaptureDatabase, readCommits } from "./fixtures/capture-database.ts";
import { areRowsKept } from "./message-indexes.ts";

test("index pages tell that no message came or went: too few, or too few of one kind", async () => {
  await using directory = await temporaryDirectory();
  using base = CaptureDatabase.create(join(directory.path, "chat.db"));
  base.db.exec("CREATE INDEX message_by_is_read ON message (is_read, date)");
  // Indexes over guid, date, and the pair.
  const { messageKeyWidths, usableBytes } = base.shapes();
  assert.deepEqual([...messageKeyWidths].sort(), [2, 2, 3]);
  for (let index = 0; index < 300; index += 1) base.insertMessage(`${"G".repeat(100)}${index}`);
  let position: WalPosition | undefined;
  position = readCommits(base.path, undefined).position;
  const isKept = (sql: string): boolean => {
    base.db.exec(sql);
    const read = readCommits(base.path, position);
    position = read.position;
    const [commit] = read.commits;
    assert(commit !== undefined && read.commits.length === 1);
    const pages = [...commit.pages].filter(([number, page]) => number > 1 && [2, 10].includes(page[0] ?? 0));
    return areRowsKept(
      pages.map(([, page]) => page),
      messageKeyWidths,
      usableBytes,
    );
  };
  assert.equal(isKept("UPDATE message SET text = 'other' WHERE rowid = 7"), true);
  assert.equal(isKept("UPDATE message SET is_read = 1 WHERE rowid = 7"), true);
  // As many pages as there are indexes, but of one alone.
  assert.equal(isKept("UPDATE message SET is_read = 1"), true);
  // The index over date has pages enough to be taken for that over guid besides.
  assert.equal(isKept("UPDATE message SET date = date + rowid, is_read = 0"), false);
  assert.equal(isKept("DELETE FROM message WHERE rowid = 8"), false);
  assert.equal(isKept("INSERT INTO message (guid, date) VALUES ('new', 1)"), false);
  assert.equal(isKept("UPDATE message SET rowid = 10000 WHERE rowid = 9"), false);
  assert.equal(isKept("DELETE FROM message"), false);
});

test("without an index over all rows nothing is told, nor by pages that cannot be read", () => {
  assert.equal(areRowsKept([], [], 4096), false);
  assert.equal(areRowsKept([], [2], 4096), true);
  assert.equal(areRowsKept([new Uint8Array(4096).fill(10)], [2], 4096), false);
  const empty = new Uint8Array(4096);
  empty[0] = 10;
  assert.equal(areRowsKept([empty, empty], [2, 3], 4096), false);
  assert.equal(areRowsKept([empty, empty], [2, 2, 3], 4096), true);
});
