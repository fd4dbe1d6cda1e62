import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@imesh/testing";
import { FileLock } from "./file-lock.ts";
import { FileLockFailedError, FileLockHeldError } from "./file-lock-error.ts";

const MODULE = fileURLToPath(new URL("./file-lock.ts", import.meta.url));

/** Runs `body`, with FileLock and `path` at hand, in another process, which then stays until it is killed. */
async function otherProcess(path: string, body: string) {
  const script = `
    import { FileLock } from ${JSON.stringify(MODULE)};
    const path = ${JSON.stringify(path)};
    setInterval(() => {}, 1000);
    ${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(child.stdout, "data");
  return {
    said: String(said),
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

const HOLD = `globalThis.lock = FileLock.take(path); process.stdout.write("taken");`;
const TRY = `
  try { globalThis.lock = FileLock.take(path); process.stdout.write("taken"); }
  catch (error) { process.stdout.write(error.name); }`;

function isFree(path: string): boolean {
  try {
    FileLock.take(path)[Symbol.dispose]();
    return true;
  } catch (error) {
    assert.ok(error instanceof FileLockHeldError, String(error));
    return false;
  }
}

test("take() is refused while another process has the lock, and not once that one was killed", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("a.lock");
  const holder = await otherProcess(path, HOLD);
  assert.equal(isFree(path), false);
  await holder.kill();
  assert.equal(isFree(path), true);
});

test("take() is refused to the holder's own process too, and goes again after the lock was given up", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("a.lock");
  const lock = FileLock.take(path);
  assert.throws(
    () => FileLock.take(path),
    (error) =>
      error instanceof FileLockHeldError &&
      error.path === path &&
      error.message === `Cannot take lock file: "${path}" (held)`,
  );
  lock[Symbol.dispose]();
  lock[Symbol.dispose]();
  assert.equal(isFree(path), true);
});

test("a refused take() in the holder's process does not lose the lock to another process", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("a.lock");
  using _lock = FileLock.take(path);
  assert.equal(isFree(path), false);
  const other = await otherProcess(path, TRY);
  await other.kill();
  assert.equal(other.said, "FileLockHeldError");
});

test("a symbolic link to the file, or to its directory, is the same lock", async () => {
  await using directory = await temporaryDirectory();
  await mkdir(directory.file("real"));
  await symlink(directory.file("real"), directory.file("linked"));
  await symlink(directory.file("real/a.lock"), directory.file("b.lock"));
  using _lock = FileLock.take(directory.file("real/a.lock"));
  assert.equal(isFree(directory.file("linked/a.lock")), false);
  assert.equal(isFree(directory.file("b.lock")), false);
  const other = await otherProcess(directory.file("b.lock"), TRY);
  await other.kill();
  assert.equal(other.said, "FileLockHeldError");
});

test("the file stays empty and alone, held and given up", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("a.lock");
  const state = async () => [await readdir(directory.path), (await stat(path)).size];
  {
    using _lock = FileLock.take(path);
    assert.deepEqual(await state(), [["a.lock"], 0]);
  }
  assert.deepEqual(await state(), [["a.lock"], 0]);
});

test("take() says why a file cannot be one", async () => {
  await using directory = await temporaryDirectory();
  await mkdir(directory.file("folder"));
  await writeFile(directory.file("text"), "no database at all, but long enough to be read as one".repeat(50));
  const codes = ["folder", "text", "missing/a.lock"].map((name) => {
    try {
      FileLock.take(directory.file(name))[Symbol.dispose]();
    } catch (error) {
      assert.ok(error instanceof FileLockFailedError, String(error));
      return [error.path === directory.file(name), error.sqliteCode];
    }
    return "taken";
  });
  assert.deepEqual(codes, [
    [true, "SQLITE_CANTOPEN"],
    [true, "SQLITE_NOTADB"],
    [true, undefined],
  ]);
});
