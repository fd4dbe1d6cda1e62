import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { StartupError } from "@imesh/lifecycle";
import { temporaryDirectory } from "@imesh/testing";
import { takeReaderLease } from "./reader-lease.ts";

function exitCodeOf(path: string): number | undefined {
  try {
    takeReaderLease(path)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    assert(error instanceof StartupError);
    return error.exitCode;
  }
}

test("takeReaderLease() can be taken again after it was given up, and says when its file cannot be made", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("b.sock.lease");
  {
    using _lease = takeReaderLease(path);
    assert.equal(exitCodeOf(path), 75);
  }
  assert.equal(exitCodeOf(path), undefined);
  await mkdir(directory.file("folder.lease"));
  assert.equal(exitCodeOf(directory.file("folder.lease")), 73);
  assert.equal(exitCodeOf(directory.file("missing/x.lease")), 73);
});

test("takeReaderLease() tells whoever is refused what to do", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("b.sock.lease");
  using _lease = takeReaderLease(path);
  assert.throws(() => takeReaderLease(path), {
    name: "StartupError",
    message: `Cannot start lock-broker: "${path}" (another one is running)`,
  });
  await mkdir(directory.file("folder.lease"));
  assert.throws(() => takeReaderLease(directory.file("folder.lease")), {
    message: `Cannot take lock file: "${directory.file("folder.lease")}" (SQLITE_CANTOPEN)`,
  });
});
