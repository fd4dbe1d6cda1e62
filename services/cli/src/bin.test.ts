import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type TemporaryDirectory, temporaryDirectory } from "@imesh/testing";

const BIN = fileURLToPath(new URL("../bin/imesh.js", import.meta.url));
const run = promisify(execFile);

/** imesh.js beside `program`, in a project whose pinned Node is another one than ours by its path. */
async function projectWith(directory: TemporaryDirectory, program: string): Promise<string> {
  const node = directory.file("node_modules/node/bin/node");
  await mkdir(directory.file("node_modules/node/bin"), { recursive: true });
  await writeFile(directory.file("package.json"), '{"type":"module"}');
  await writeFile(directory.file("node_modules/node/package.json"), "{}");
  await writeFile(node, `#!/bin/sh\nPINNED=yes exec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  await mkdir(directory.file("bin"));
  await writeFile(directory.file("bin/imesh.ts"), program);
  await copyFile(BIN, directory.file("bin/imesh.js"));
  return directory.file("bin/imesh.js");
}

test("imesh.js runs the program, with its exit code", async () => {
  const { stdout } = await run(process.execPath, [BIN, "--version"]);
  assert.equal(stdout, "imesh 0.1.0\n");
  await assert.rejects(run(process.execPath, [BIN, "statsu"]), { code: 64 });
});

test("imesh.js hands over to the pinned Node: arguments, standard input and the exit code", async () => {
  await using directory = await temporaryDirectory();
  const bin = await projectWith(
    directory,
    `for await (const chunk of process.stdin) process.stdout.write(String(chunk));
     console.log(process.env.PINNED, JSON.stringify(process.argv.slice(2)));
     process.exitCode = 65;`,
  );
  const child = spawn(process.execPath, [bin, "a b", "--c"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end("typed\n");
  const [[code], out] = await Promise.all([once(child, "close"), child.stdout.toArray()]);
  assert.deepEqual([code, Buffer.concat(out).toString()], [65, 'typed\nyes ["a b","--c"]\n']);
});

test("imesh.js passes signals on, and ends as the program does", async () => {
  await using directory = await temporaryDirectory();
  const orderly =
    "process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up');";
  const plain = "setInterval(() => {}, 1000); console.log('up');";
  for (const [name, program, ending] of [
    ["orderly", orderly, [3, null]],
    ["plain", plain, [null, "SIGTERM"]],
  ] as const) {
    await mkdir(directory.file(name));
    const file = (path: string) => directory.file(`${name}/${path}`);
    const bin = await projectWith({ ...directory, file }, program);
    const child = spawn(process.execPath, [bin], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), ending);
  }
});
