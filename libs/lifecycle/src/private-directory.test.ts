import { equal, rejects } from "node:assert/strict";
import { chmod, chown, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "@imesh/testing";
import { PrivateDirectoryError, privateDirectory } from "./private-directory.ts";

const IS_ROOT = process.getuid?.() === 0;

test("privateDirectory() makes it with its parents, mode 0700 whatever the umask, and accepts it again", async () => {
  await using root = await temporaryDirectory();
  const umask = process.umask(0);
  try {
    await privateDirectory(root.file("a/b"));
  } finally {
    process.umask(umask);
  }
  for (const path of ["a", "a/b"]) equal((await stat(root.file(path))).mode & 0o777, 0o700);
  await privateDirectory(root.file("a/b"));
});

test("privateDirectory() refuses one that others may enter, and says how to close it", async () => {
  await using root = await temporaryDirectory();
  const path = root.file("open");
  await mkdir(path);
  for (const mode of [0o750, 0o701, 0o777]) {
    await chmod(path, mode);
    await rejects(privateDirectory(path), {
      name: "PrivateDirectoryError",
      code: "open-to-others",
      exitCode: 77,
      message: `Cannot use directory: "${path}" (mode 0${mode.toString(8)}, must be 0700)`,
      hint: `Close it to others: chmod 700 "${path}"`,
    });
  }
});

test("privateDirectory() refuses a file in the way, as the last part and before it", async () => {
  await using root = await temporaryDirectory();
  await writeFile(root.file("file"), "");
  for (const path of [root.file("file"), root.file("file/deeper")]) {
    await rejects(privateDirectory(path), { code: "not-a-directory", exitCode: 73 });
  }
});

test("privateDirectory() says when it cannot be made", async () => {
  const tooLong = `/tmp/${"x".repeat(300)}`;
  await rejects(privateDirectory(tooLong), (error) => {
    return error instanceof PrivateDirectoryError && error.code === "cannot-create" && error.exitCode === 73;
  });
});

test("privateDirectory() gives up where a parent is there and takes nothing", {
  skip: process.platform !== "linux",
  timeout: 10_000,
}, async () => {
  for (const [path, parent] of [
    ["/proc/imesh", "/proc"],
    ["/proc/imesh/a/b", "/proc"],
  ] as const) {
    await rejects(privateDirectory(path), {
      code: "cannot-create",
      exitCode: 73,
      message: `Cannot use directory: "${path}" (nothing can be made in "${parent}")`,
    });
  }
});

test("privateDirectory() refuses a link that leads nowhere", async () => {
  await using root = await temporaryDirectory();
  await symlink(root.file("none"), root.file("link"));
  await rejects(privateDirectory(root.file("link")), { code: "not-a-directory", exitCode: 73 });
});

test("privateDirectory() refuses somebody else's, and a link that somebody else placed", {
  skip: !IS_ROOT,
}, async () => {
  await using root = await temporaryDirectory();
  const foreign = root.file("foreign");
  await mkdir(foreign, { mode: 0o700 });
  await chown(foreign, 12_345, 12_345);
  await rejects(privateDirectory(foreign), { code: "foreign-owner", exitCode: 77 });
  const ours = root.file("ours");
  await privateDirectory(ours);
  await symlink(ours, root.file("our-link"));
  await privateDirectory(root.file("our-link"));
  await symlink(foreign, root.file("link-to-foreign"));
  await rejects(privateDirectory(root.file("link-to-foreign")), { code: "foreign-owner" });
});
