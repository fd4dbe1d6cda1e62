import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { link, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { attachmentRow, messagesDirectory, readAll, TILDE, WHOLE } from "../fixtures/attachment-fixture.ts";

const never = new AbortController().signal;
const SECRET = "what lies outside";

type Messages = Awaited<ReturnType<typeof messagesDirectory>>;

async function faultOrText(messages: Messages, filename: string | undefined): Promise<string | undefined> {
  const { fault, bytes } = await readAll(messages.files.open(attachmentRow(filename), WHOLE, never));
  return fault ?? bytes.toString();
}

test("rows of whatever origin find their file", async () => {
  await using messages = await messagesDirectory();
  const path = await messages.write("ab/11/GUID/photo.heic", "inside");
  for (const filename of [
    `${TILDE}ab/11/GUID/photo.heic`,
    "/var/mobile/Library/SMS/Attachments/ab/11/GUID/photo.heic",
    path,
  ]) {
    assert.equal(await faultOrText(messages, filename), "inside", filename);
  }
});

test("names with odd characters, and in the other normal form, are found", async () => {
  await using messages = await messagesDirectory();
  const composed = "Müller 9.41\u202FAM 🧵~.pdf";
  const decomposed = composed.normalize("NFD");
  assert.notEqual(composed, decomposed);
  await messages.write(`ü/${composed}`.normalize("NFC"), "composed");
  await messages.write(`o\u0308/${decomposed}`, "decomposed");
  for (const form of ["NFC", "NFD"] as const) {
    assert.equal(await faultOrText(messages, `${TILDE}${`ü/${composed}`.normalize(form)}`), "composed", form);
    assert.equal(
      await faultOrText(messages, `${TILDE}${`ö/${composed}`.normalize(form)}`),
      "decomposed",
      form,
    );
  }
});

test("no path, and no file", async () => {
  await using messages = await messagesDirectory();
  await messages.write("a/file", "inside");
  await mkdir(messages.at("a/directory"));
  assert.equal(await faultOrText(messages, undefined), "file-missing");
  assert.equal(await faultOrText(messages, `${TILDE}a/none`), "file-missing");
  assert.equal(await faultOrText(messages, `${TILDE}none/file`), "file-missing");
  assert.equal(await faultOrText(messages, `${TILDE}a/file/below`), "file-missing");
  assert.equal(await faultOrText(messages, `${TILDE}a/directory`), "file-missing");
  assert.equal(await faultOrText(messages, `${TILDE}a/${"n".repeat(300)}`), "file-missing");
  await rm(messages.at(""), { recursive: true });
  assert.equal(await faultOrText(messages, `${TILDE}a/file`), "file-missing");
});

test("traversal is refused whatever lies there", async () => {
  await using messages = await messagesDirectory();
  await messages.write("a/file", "inside");
  for (const filename of [
    `${TILDE}../chat.db`,
    `${TILDE}a/../../chat.db`,
    `${TILDE}a/../a/file`,
    "~/Library/Messages/chat.db",
    join(messages.directory, "chat.db"),
    "/etc/passwd",
  ]) {
    assert.equal(await faultOrText(messages, filename), "outside", filename);
  }
});

test("a symbolic link is refused at every level, also one that stays inside", async () => {
  await using messages = await messagesDirectory();
  await messages.write("a/b/file", "inside");
  await messages.write("../elsewhere/b/file", SECRET);
  const elsewhere = join(messages.directory, "elsewhere");
  await symlink(elsewhere, messages.at("link"));
  await symlink(join(elsewhere, "b"), messages.at("a/link"));
  await symlink(join(elsewhere, "b/file"), messages.at("a/b/link"));
  await symlink("file", messages.at("a/b/inner"));
  await symlink("/dev/zero", messages.at("a/b/zero"));
  await symlink("nowhere", messages.at("a/b/dangling"));
  for (const path of ["link/b/file", "a/link/file", "a/b/link", "a/b/inner", "a/b/zero", "a/b/dangling"]) {
    assert.equal(await faultOrText(messages, TILDE + path), "outside", path);
  }
});

test("the Attachments directory itself may be a link, but not to where the database lies", async () => {
  await using messages = await messagesDirectory();
  await rm(messages.at(""), { recursive: true });
  await mkdir(join(messages.directory, "disk"));
  await writeFile(join(messages.directory, "disk/file"), "on the disk");
  await symlink("disk", join(messages.directory, "Attachments"));
  assert.equal(await faultOrText(messages, `${TILDE}file`), "on the disk");
  for (const target of [".", "..", "/"]) {
    await rm(join(messages.directory, "Attachments"));
    await symlink(target, join(messages.directory, "Attachments"));
    assert.equal(await faultOrText(messages, `${TILDE}chat.db`), "outside", target);
  }
});

test("the database is refused under any name (I1)", async () => {
  await using messages = await messagesDirectory();
  for (const name of ["chat.db", "chat.db-wal", "chat.db-shm"]) {
    await link(join(messages.directory, name), messages.at(`photo of ${name}`));
    assert.equal(await faultOrText(messages, `${TILDE}photo of ${name}`), "outside", name);
  }
});

test("FIFOs, sockets and devices are refused without waiting", { timeout: 10_000 }, async () => {
  await using messages = await messagesDirectory();
  await promisify(execFile)("mkfifo", [messages.at("fifo")]);
  assert.equal(await faultOrText(messages, `${TILDE}fifo`), "file-missing");
  const server = createServer().listen(messages.at("socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  assert.equal(await faultOrText(messages, `${TILDE}socket`), "file-missing");
  await new Promise((resolve) => server.close(resolve));
});

test("a directory that is swapped for a link while files are opened never leads outside", async () => {
  await using messages = await messagesDirectory();
  await messages.write("a/file", "inside");
  await messages.write("../elsewhere/file", SECRET);
  await symlink(join(messages.directory, "elsewhere"), messages.at("link"));
  await using _swapping = await swapper(messages.at(""));
  const seen = new Map<string | undefined, number>();
  for (let round = 0; round < 2_000; round += 1) {
    const result = await faultOrText(messages, `${TILDE}a/file`);
    seen.set(result, (seen.get(result) ?? 0) + 1);
  }
  const allowed = new Set(["inside", "outside", "changed", "file-missing"]);
  assert.deepEqual(
    [...seen.keys()].filter((result) => !allowed.has(result ?? "")),
    [],
    JSON.stringify([...seen]),
  );
  assert.ok((seen.get("inside") ?? 0) > 0 && (seen.get("outside") ?? 0) > 0, JSON.stringify([...seen]));
});

/** Swaps `a` and `link` in `directory` as fast as a thread of its own can, each for a random while, until disposed. */
async function swapper(directory: string): Promise<AsyncDisposable> {
  const swap = `
    const { renameSync } = require("node:fs");
    const { parentPort, workerData } = require("node:worker_threads");
    const at = (name) => workerData + "/" + name;
    const aWhile = () => { for (let spins = Math.random() * 100_000; spins > 0; spins -= 1); };
    for (let swaps = 0; ; swaps += 1) {
      if (swaps === 10) parentPort.postMessage("swapping");
      renameSync(at("a"), at("aside")); renameSync(at("link"), at("a")); aWhile();
      renameSync(at("a"), at("link")); renameSync(at("aside"), at("a")); aWhile();
    }`;
  const worker = new Worker(swap, { eval: true, workerData: directory });
  await once(worker, "message");
  return { [Symbol.asyncDispose]: async () => void (await worker.terminate()) };
}

test("a file of 5 GB is read at its far end", async () => {
  await using messages = await messagesDirectory();
  const path = await messages.write("a/large", "");
  await truncate(path, 5 * 2 ** 30);
  const abort = new AbortController();
  const range = { offset: 5n * 2n ** 30n - 3n, length: 0n, fileVersion: "" };
  const stream = messages.files.open(attachmentRow(`${TILDE}a/large`), range, abort.signal);
  const file = await stream.next();
  assert(file.value?.kind === "file");
  assert.deepEqual([file.value.sizeBytes, file.value.length], [5n * 2n ** 30n, 3n]);
  assert.deepEqual((await stream.next()).value, { kind: "data", bytes: Buffer.alloc(3) });
  // What follows is the pass for the hash; an abort ends it.
  const hashing = stream.next();
  abort.abort(new Error("long enough"));
  await assert.rejects(hashing, { message: "long enough" });
});
