import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import SqliteDatabase from "better-sqlite3";
import { WalFile } from "./log-file.ts";
import { LogLength } from "./log-length.ts";

test("tells a long generation from a short one, also where the former one's frames lie behind it", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "chat.db");
  const database = new SqliteDatabase(path);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)");
    using file = new WalFile(path);
    const length = new LogLength(file, 10);
    assert.equal(length.look().isLong, false);
    file.open();
    assert.equal(length.look().isLong, false);
    const insert = database.prepare("INSERT INTO t VALUES (1)");
    for (let commits = 0; commits < 20; commits += 1) insert.run();
    const before = length.look();
    assert.equal(before.isLong, true);
    assert.notEqual(before.mark, 0n);
    database.exec("PRAGMA wal_checkpoint");
    assert.equal(length.look().isLong, true);
    insert.run();
    assert.deepEqual(length.look(), { isLong: false, mark: 0n });
  } finally {
    database.close();
  }
});
