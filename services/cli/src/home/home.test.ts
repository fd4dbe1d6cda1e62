import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { UNIX_PATH_BYTES_MAX } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { localTimeOf } from "../terminal/duration.ts";
import { type HomeSurroundings, homeAt, homeToReach, homeToStart, socketPath, socketTarget } from "./home.ts";
import { HomeLock, readHomeOwner } from "./home-lock.ts";

const HERE: HomeSurroundings = {
  workingDirectory: "/projects/one",
  userDirectory: "/home/you",
  temporaryDirectory: "/tmp",
  userId: 501,
  variables: {},
};

test("homeToStart() takes the flag, else IMESH_HOME, else the default of the mode", () => {
  const told = { ...HERE, variables: { IMESH_HOME: "/data/imesh" } };
  const paths = [
    homeToStart(null, "simulated", HERE),
    homeToStart(null, "mac", HERE),
    homeToStart(null, "mac", told),
    homeToStart("relative", "mac", told),
    homeToStart(null, "mac", { ...HERE, variables: { IMESH_HOME: "" } }),
  ].map((home) => home.path);
  assert.deepEqual(paths, [
    "/projects/one/.imesh",
    "/home/you/.imesh",
    "/data/imesh",
    "/projects/one/relative",
    "/home/you/.imesh",
  ]);
});

test("homeToReach() finds the home in which a bridge has its socket", async () => {
  await using directory = await temporaryDirectory();
  const here = { ...HERE, workingDirectory: directory.file("project"), userDirectory: directory.path };
  const near = homeToStart(null, "simulated", here);
  const far = homeToStart(null, "mac", here);
  assert.equal(homeToReach(null, here).path, near.path);
  await mkdir(far.runPath, { recursive: true });
  await writeFile(socketPath(far, "mac-bridge"), "");
  assert.equal(homeToReach(null, here).path, far.path);
  await mkdir(near.runPath, { recursive: true });
  await writeFile(socketPath(near, "mac-bridge"), "");
  assert.equal(homeToReach(null, here).path, near.path);
});

test("a home too deep for a socket keeps its sockets elsewhere, always in the same place", () => {
  const deep = `/${"d".repeat(90)}/project/.imesh`;
  const home = homeAt(deep, HERE);
  assert.match(home.runPath, /^\/tmp\/imesh-501-[0-9a-f]{12}$/);
  assert.equal(homeAt(deep, HERE).runPath, home.runPath);
  assert.notEqual(homeAt(`${deep}2`, HERE).runPath, home.runPath);
  assert.equal(home.journalPath, `${deep}/journal.db`);
});

test("every socket of every home fits a Unix socket's path", () => {
  for (let depth = 1; depth < 200; depth += 1) {
    const home = homeAt(`/${"d".repeat(depth)}`, HERE);
    for (const name of ["messages-simulator", "lock-broker", "mac-bridge", "agent"] as const) {
      assert.ok(Buffer.byteLength(socketPath(home, name)) <= UNIX_PATH_BYTES_MAX);
      assert.equal(socketTarget(home, name), `unix:${socketPath(home, name)}`);
    }
  }
});

test("a home has one owner at a time, who can be named, and is free after it", async () => {
  await using directory = await temporaryDirectory();
  const home = homeAt(directory.path, HERE);
  const owner = {
    pid: 42,
    startedAt: "2026-01-02T03:04:05.000Z",
    mode: "simulated",
    services: ["lock-broker", "agent"],
  } as const;
  {
    await using _lock = await HomeLock.take(home, owner);
    assert.deepEqual(await readHomeOwner(home), owner);
    await assert.rejects(HomeLock.take(home, { ...owner, pid: 43 }), {
      exitCode: 75,
      message: `Cannot start: imesh is already running in ${directory.path} (pid 42, since ${localTimeOf(owner.startedAt)}); stop it or choose another --home`,
    });
    assert.deepEqual(await readHomeOwner(home), owner);
  }
  assert.equal(await readHomeOwner(home), undefined);
  await using _again = await HomeLock.take(home, { ...owner, pid: 44 });
  assert.equal((await readHomeOwner(home))?.pid, 44);
});

test("a damaged owner file is nobody's word", async () => {
  await using directory = await temporaryDirectory();
  const home = homeAt(directory.path, HERE);
  for (const text of ["", "{", "{}", '{"pid":1,"startedAt":"x","mode":"other","services":[]}', "[]"]) {
    await writeFile(home.ownerPath, text);
    assert.equal(await readHomeOwner(home), undefined);
  }
});
