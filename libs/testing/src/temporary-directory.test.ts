import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "./temporary-directory.ts";

test("temporaryDirectory() is ours alone and goes with all it holds", async () => {
  let path: string;
  {
    await using directory = await temporaryDirectory();
    path = directory.path;
    equal((await stat(path)).mode & 0o777, 0o700);
    await mkdir(directory.file("deep/er"), { recursive: true });
    await writeFile(directory.file("deep/er/file"), "x");
    deepEqual(directory.file("deep"), `${path}/deep`);
  }
  await rejects(stat(path), { code: "ENOENT" });
});
