import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { LogFileError, logFault, WalFile } from "./log-file.ts";

describe("WalFile", () => {
  test("reads by position, and what is missing at the end is not read", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "chat.db");
    writeFileSync(`${path}-wal`, "0123456789");
    using file = new WalFile(path);
    assert.equal(file.open(), true);
    const into = new Uint8Array(4);
    assert.deepEqual([file.read(into, 4, 2), Buffer.from(into).toString()], [4, "2345"]);
    assert.equal(file.read(into, 4, 8), 2);
    assert.equal(file.read(into, 4, 100), 0);
    assert.equal(file.inode, file.inodeAtPath());
  });

  test("finds nothing where nothing is, without an error", async () => {
    await using directory = await temporaryDirectory();
    using file = new WalFile(join(directory.path, "none", "chat.db"));
    assert.deepEqual(
      [file.open(), file.inode, file.inodeAtPath(), file.databaseIdentity(), file.modifiedAtUnixNs()],
      [false, undefined, undefined, undefined, undefined],
    );
    assert.equal(file.read(new Uint8Array(4), 4, 0), 0);
  });

  test("keeps the file that it has open, and opens the one that took its path when told", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "chat.db");
    writeFileSync(`${path}-wal`, "old");
    using file = new WalFile(path);
    file.open();
    const inode = file.inode;
    writeFileSync(`${path}-new`, "new");
    renameSync(`${path}-new`, `${path}-wal`);
    const into = new Uint8Array(3);
    file.read(into, 3, 0);
    assert.deepEqual([Buffer.from(into).toString(), file.inodeAtPath() === inode], ["old", false]);
    file.open();
    file.read(into, 3, 0);
    assert.equal(Buffer.from(into).toString(), "new");
    rmSync(`${path}-wal`);
    assert.equal(file.open(), false);
    assert.equal(file.inode, undefined);
  });

  test("refuses what is no file", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "chat.db");
    mkdirSync(`${path}-wal`);
    using file = new WalFile(path);
    assert.throws(() => file.open(), {
      name: "LogFileError",
      code: "failed",
      path: `${path}-wal`,
      message: `Cannot read the log of chat.db: "${path}-wal" (not a file)`,
    });
    assert.equal(file.inode, undefined);
  });

  test("sorts the system's refusals", () => {
    assert.deepEqual(["EPERM", "EACCES", "EIO", "ESTALE", "EMFILE"].map(logFault), [
      "no-permission",
      "no-permission",
      "io",
      "io",
      "failed",
    ]);
    assert(new LogFileError({ code: "io", path: "x", detail: "EIO" }) instanceof Error);
  });
});
