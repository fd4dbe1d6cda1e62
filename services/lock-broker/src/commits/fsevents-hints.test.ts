import assert from "node:assert/strict";
import { type FSWatcher, watch } from "node:fs";
import { appendFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { hintSourceCompliance } from "../fixtures/hint-source-compliance.ts";
import type { Hint } from "./commits.ts";
import { type Fsevents, FseventsHints } from "./fsevents-hints.ts";

const RENAMED = 0x800;
const MODIFIED = 0x1000;

/** FSEvents as it is on a Mac, as far as it matters: files that come and go are told, writes to an open file are not. */
const renamesOnly: Fsevents = {
  watch: (path, listener) => {
    const watcher: FSWatcher = watch(path, { persistent: false }, (event, name) => {
      if (event === "rename" && name !== null) listener(join(path, name), RENAMED);
    });
    return async () => watcher.close();
  },
};

/** The same, and it tells of writes too, as it does for a file that is closed. */
const everything: Fsevents = {
  watch: (path, listener) => {
    const watcher: FSWatcher = watch(path, { persistent: false }, (event, name) => {
      if (name !== null) listener(join(path, name), event === "rename" ? RENAMED : MODIFIED);
    });
    return async () => watcher.close();
  },
};

hintSourceCompliance("FseventsHints", (path) => new FseventsHints(path, async () => everything));

hintSourceCompliance(
  "FseventsHints without the module",
  (path) =>
    new FseventsHints(path, async () => {
      throw new Error("Cannot find package 'fsevents'");
    }),
);

describe("FseventsHints", () => {
  test("hears a log that stays open, and its successor, by watching the file itself", async () => {
    await using directory = await temporaryDirectory();
    const wal = directory.file("chat.db-wal");
    await writeFile(directory.file("chat.db"), "");
    await writeFile(wal, "");
    const hints: Hint[] = [];
    using source = new FseventsHints(directory.file("chat.db"), async () => renamesOnly);
    source.start({ onHint: (hint) => hints.push(hint), onTrouble: assert.ifError });
    const written = (count: number) =>
      waitFor(() => hints.filter((hint) => hint === "written").length >= count, {
        deadlineMs: 5_000,
        what: `${count} hints of writes`,
      });
    await appendFile(wal, "frame");
    await written(1);
    await writeFile(directory.file("fresh"), "");
    await rename(directory.file("fresh"), wal);
    await waitFor(() => hints.includes("renamed"), { deadlineMs: 5_000, what: "the rename" });
    const before = hints.filter((hint) => hint === "written").length;
    await appendFile(wal, "frame");
    await written(before + 1);
  });
});
