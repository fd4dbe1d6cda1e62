import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { StartupError } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { ReaderLease } from "./reader-lease.ts";

const MODULE = fileURLToPath(new URL("./reader-lease.ts", import.meta.url));

/** Takes the lease in another process and holds it until killed. */
async function holder(path: string) {
  const script = `
    import { ReaderLease } from ${JSON.stringify(MODULE)};
    globalThis.lease = ReaderLease.take(${JSON.stringify(path)});
    process.stdout.write("taken");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

function exitCodeOf(path: string): number | undefined {
  try {
    ReaderLease.take(path)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    assert(error instanceof StartupError);
    return error.exitCode;
  }
}

describe("ReaderLease", () => {
  test("is refused while another process has it, and free once that one is killed", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("b.sock.lease");
    const child = await holder(path);
    assert.equal(exitCodeOf(path), 75);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(exitCodeOf(path), undefined);
  });

  test("can be taken again after it was given up, and says when its file cannot be made", async () => {
    await using directory = await temporaryDirectory();
    const path = directory.file("b.sock.lease");
    {
      using _lease = ReaderLease.take(path);
      assert.equal(exitCodeOf(path), 75);
    }
    assert.equal(exitCodeOf(path), undefined);
    await mkdir(directory.file("folder.lease"));
    assert.equal(exitCodeOf(directory.file("folder.lease")), 73);
    assert.equal(exitCodeOf(directory.file("missing/x.lease")), 73);
  });
});
