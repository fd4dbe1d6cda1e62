import assert from "node:assert/strict";
import { writeSync } from "node:fs";
import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { ServiceLog } from "./service-log.ts";

test("open() keeps five old logs, newest first", async () => {
  await using directory = await temporaryDirectory();
  for (let run = 1; run <= 8; run += 1) {
    using log = await ServiceLog.open(directory.path, "agent");
    writeSync(log.fd, `run ${run}\n`);
  }
  const names = (await readdir(directory.path)).sort();
  assert.deepEqual(names, [
    "agent.log",
    "agent.log.1",
    "agent.log.2",
    "agent.log.3",
    "agent.log.4",
    "agent.log.5",
  ]);
  const texts = await Promise.all(names.map((name) => readFile(directory.file(name), "utf8")));
  assert.deepEqual(
    texts,
    [8, 7, 6, 5, 4, 3].map((run) => `run ${run}\n`),
  );
});

test("open() puts no empty log aside, and closes the log to others", async () => {
  await using directory = await temporaryDirectory();
  for (let run = 1; run <= 3; run += 1) (await ServiceLog.open(directory.path, "agent"))[Symbol.dispose]();
  assert.deepEqual(await readdir(directory.path), ["agent.log"]);
  assert.equal((await stat(directory.file("agent.log"))).mode & 0o777, 0o600);
});

test("bound() empties the log in place, and the writer goes on at its new end", async () => {
  await using directory = await temporaryDirectory();
  using log = await ServiceLog.open(directory.path, "agent");
  writeSync(log.fd, "x".repeat(100));
  await log.bound(100);
  assert.equal((await stat(log.path)).size, 100);
  await log.bound(99);
  assert.equal((await stat(log.path)).size, 0);
  assert.equal((await stat(`${log.path}.1`)).size, 100);
  writeSync(log.fd, "on");
  assert.equal(await readFile(log.path, "utf8"), "on");
});

test("lastWords() tells plain lines and errors of this run only", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(directory.file("agent.log"), "");
  using log = await ServiceLog.open(directory.path, "agent");
  await appendFile(log.path, "agent: an earlier run\n");
  await log.mark();
  await appendFile(
    log.path,
    [
      '{"level":"info","event":"service-started"}',
      '{"level":"error","event":"loop-step-failed","error":{"message":"no connection"}}',
      '{"level":60,"event":"service-crashed","err":{"message":"broken"}}',
      '{"level":50}',
      '{"cut off',
      "file:///imesh/agent.ts:1",
      "  ^^^^",
      "SyntaxError: Unexpected token",
      "    at afterLoad (node:internal/modules/esm/loader:506:29) {",
      "}",
      "Node.js v24.21.0",
      "agent: Cannot open store",
      "  → Check the disk",
      "",
    ].join("\n"),
  );
  assert.deepEqual(log.lastWords(10), [
    "loop-step-failed: no connection",
    "service-crashed: broken",
    "SyntaxError: Unexpected token",
    "agent: Cannot open store",
    "  → Check the disk",
  ]);
  assert.deepEqual(log.lastWords(1), ["  → Check the disk"]);
});
