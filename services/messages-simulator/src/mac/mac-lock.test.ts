import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { lockMac } from "./mac-lock.ts";

test("lockMac() lets one in, and the next one after it has left", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("simulator.lock");
  {
    using _first = lockMac(path);
    assert.throws(() => lockMac(path), { name: "StartupError", exitCode: 75 });
  }
  lockMac(path)[Symbol.dispose]();
});

test("lockMac() says when its file cannot be one", async () => {
  await using directory = await temporaryDirectory();
  await mkdir(directory.file("simulator.lock"));
  assert.throws(() => lockMac(directory.file("simulator.lock")), { name: "StartupError", exitCode: 73 });
});
