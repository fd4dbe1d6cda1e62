import { deepEqual, equal, rejects } from "node:assert/strict";
import { readdir, stat, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { readStatusFile, StatusFile } from "./status-file.ts";

const STATUS = {
  service: "mac-bridge",
  pid: 4711,
  startedAt: "2026-01-02T03:04:05.000Z",
  grpc: ["127.0.0.1:43121", "unix:/run/imesh/bridge.sock"],
  metrics: "http://127.0.0.1:43122/metrics",
};

test("a status file reads back whole, is ours alone, and goes when disposed", async () => {
  await using root = await temporaryDirectory();
  const path = root.file("mac-bridge.json");
  const file = await StatusFile.write(path, STATUS);
  deepEqual(await readStatusFile(path), STATUS);
  equal((await stat(path)).mode & 0o777, 0o600);
  deepEqual(await readdir(root.path), ["mac-bridge.json"]);
  await file[Symbol.asyncDispose]();
  deepEqual(await readdir(root.path), []);
  await file[Symbol.asyncDispose]();
});

test("write() replaces a dead predecessor's, and the predecessor then leaves the successor's alone", async () => {
  await using root = await temporaryDirectory();
  const path = root.file("mac-bridge.json");
  const old = await StatusFile.write(path, STATUS);
  const successor = { ...STATUS, pid: 4712, metrics: null, http: "http://127.0.0.1:43123" };
  await using _fresh = await StatusFile.write(path, successor);
  await old[Symbol.asyncDispose]();
  deepEqual(await readStatusFile(path), successor);
});

test("readStatusFile() knows nothing of an absent, a damaged and a foreign file", async () => {
  await using root = await temporaryDirectory();
  const path = root.file("status.json");
  equal(await readStatusFile(path), undefined);
  const foreign = [
    "",
    "{",
    "null",
    "7",
    "{}",
    JSON.stringify({ ...STATUS, pid: "4711" }),
    JSON.stringify({ ...STATUS, grpc: [7] }),
    JSON.stringify({ ...STATUS, metrics: undefined }),
    JSON.stringify({ ...STATUS, http: 7 }),
  ];
  for (const text of foreign) {
    await writeFile(path, text);
    equal(await readStatusFile(path), undefined, text);
  }
});

test("write() into no directory is a StartupError 73", async () => {
  await using root = await temporaryDirectory();
  const path = root.file("missing/status.json");
  await rejects(StatusFile.write(path, STATUS), {
    name: "StartupError",
    exitCode: 73,
    message: `Cannot write status file: "${path}"`,
  });
});
