import assert from "node:assert/strict";
import { appendFile, readdir, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { SeededRandom, waitFor } from "@imesh/testing";
import {
  attachmentRow,
  messagesDirectory,
  readAll,
  sha256Of,
  TILDE,
  WHOLE,
} from "../fixtures/attachment-fixture.ts";
import { AttachmentError } from "./attachment-stream.ts";

const never = new AbortController().signal;
const ROW = attachmentRow(`${TILDE}a/b/photo.heic`);

test("open() gives the file, its bytes in pieces of 64 KiB and the hash", async () => {
  await using messages = await messagesDirectory();
  const bytes = randomBytes(SeededRandom.fromEnvironment("attachment"), 200_000);
  await messages.write("a/b/photo.heic", bytes);
  const parts = await Array.fromAsync(messages.files.open(ROW, WHOLE, never));
  const [file, ...rest] = parts;
  assert(file?.kind === "file");
  assert.match(file.fileVersion, /^[0-9a-z.]{1,80}$/);
  assert.deepEqual(
    [{ ...file, fileVersion: "" }, ...rest.map((part) => (part.kind === "data" ? part.bytes.length : part))],
    [
      { kind: "file", sizeBytes: 200_000n, fileVersion: "", offset: 0n, length: 200_000n },
      65_536,
      65_536,
      65_536,
      3_392,
      { kind: "end", sha256: sha256Of(bytes) },
    ],
  );
  assert.equal(messages.files.streams, 0);
});

test("an empty file has a hash and no bytes", async () => {
  await using messages = await messagesDirectory();
  await messages.write("a/b/photo.heic", "");
  const reading = await readAll(messages.files.open(ROW, WHOLE, never));
  assert.deepEqual([reading.parts, reading.sha256], [["file", "end"], sha256Of(Buffer.alloc(0))]);
});

test("a file resumed at random places gives the same bytes and hash", async () => {
  await using messages = await messagesDirectory();
  const random = SeededRandom.fromEnvironment("resumed attachment");
  for (let round = 0; round < 60; round += 1) {
    const bytes = randomBytes(random, random.chance(0.2) ? random.integer(0, 3) : random.integer(0, 300_000));
    await messages.write("a/b/photo.heic", bytes);
    const pieces: Buffer[] = [];
    let fileVersion = "";
    let position = 0;
    do {
      const length = random.chance(0.3) ? 0 : random.integer(1, 150_000);
      const range = { offset: BigInt(position), length: BigInt(length), fileVersion };
      const reading = await readAll(messages.files.open(ROW, range, never));
      assert.deepEqual([reading.fault, reading.sha256], [undefined, sha256Of(bytes)], `round ${round}`);
      pieces.push(reading.bytes);
      position += reading.bytes.length;
      fileVersion = reading.fileVersion ?? "";
    } while (position < bytes.length);
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytes), `round ${round}`);
  }
});

test("open() refuses an offset beyond the end, not the end itself", async () => {
  await using messages = await messagesDirectory();
  await messages.write("a/b/photo.heic", "0123456789");
  const faults = [];
  for (const offset of [9n, 10n, 11n, 2n ** 60n]) {
    const { fault, parts } = await readAll(messages.files.open(ROW, { ...WHOLE, offset }, never));
    faults.push([fault, ...parts]);
  }
  assert.deepEqual(faults, [
    [undefined, "file", "data", "end"],
    [undefined, "file", "end"],
    ["offset-out-of-range"],
    ["offset-out-of-range"],
  ]);
});

test("open() refuses another version than asked for, whatever made it another", async () => {
  await using messages = await messagesDirectory();
  const path = await messages.write("a/b/photo.heic", "0123456789");
  const { fileVersion = "" } = await readAll(messages.files.open(ROW, WHOLE, never));
  const resume = () => readAll(messages.files.open(ROW, { offset: 5n, length: 0n, fileVersion }, never));
  assert.equal((await resume()).bytes.toString(), "56789");
  await utimes(path, 1, 1);
  assert.equal((await resume()).fault, "changed", "written to");
  const { fileVersion: second = "" } = await readAll(messages.files.open(ROW, WHOLE, never));
  await writeFile(messages.at("other"), "0123456789");
  await utimes(messages.at("other"), 1, 1);
  await rename(messages.at("other"), path);
  const replaced = await readAll(messages.files.open(ROW, { ...WHOLE, fileVersion: second }, never));
  assert.equal(replaced.fault, "changed", "replaced by one with the same size and time");
});

for (const [what, change] of [
  ["grows", (path: string) => appendFile(path, "more")],
  ["is cut", (path: string) => truncate(path, 70_000)],
  [
    "is replaced",
    async (path: string) => {
      await writeFile(`${path}.new`, Buffer.alloc(200_000));
      await rename(`${path}.new`, path);
    },
  ],
  ["is removed", (path: string) => rm(path)],
] as const) {
  test(`a file that ${what} while it is read ends as changed, never beyond its size at the open`, async () => {
    await using messages = await messagesDirectory();
    const path = await messages.write("a/b/photo.heic", Buffer.alloc(200_000, 7));
    for (const range of [WHOLE, { ...WHOLE, offset: 10_000n, length: 100_000n }]) {
      await writeFile(path, Buffer.alloc(200_000, 7));
      const stream = messages.files.open(ROW, range, never);
      const first = [await stream.next(), await stream.next()];
      assert.deepEqual(
        first.map(({ value }) => value?.kind),
        ["file", "data"],
      );
      await change(path);
      const rest = await readAll(stream);
      assert.deepEqual([rest.fault, rest.sha256], ["changed", undefined]);
      assert.ok(rest.bytes.length <= 200_000 - 65_536 && rest.bytes.every((byte) => byte === 7));
      assert.equal(messages.files.streams, 0);
    }
  });
}

test("the hash of a range is worked out once for a version", async () => {
  await using messages = await messagesDirectory();
  const path = await messages.write("a/b/photo.heic", "0123456789");
  await utimes(path, 5, 5);
  await readAll(messages.files.open(ROW, WHOLE, never));
  // The bytes change behind the back of size and time: an answer from memory does not see it, a second reading would.
  await writeFile(path, "abcdefghij");
  await utimes(path, 5, 5);
  const { bytes, sha256 } = await readAll(messages.files.open(ROW, { ...WHOLE, offset: 8n }, never));
  assert.deepEqual([bytes.toString(), sha256], ["ij", sha256Of(Buffer.from("0123456789"))]);
});

test("as many streams as the bound allows; one more is refused until one ends", async () => {
  await using messages = await messagesDirectory({ streamsMax: 2 });
  await messages.write("a/b/photo.heic", Buffer.alloc(100_000));
  const [first, second] = [messages.files.open(ROW, WHOLE, never), messages.files.open(ROW, WHOLE, never)];
  await first.next();
  await second.next();
  assert.equal(messages.files.streams, 2);
  assert.equal((await readAll(messages.files.open(ROW, WHOLE, never))).fault, "streams-full");
  await first.return();
  assert.equal((await readAll(messages.files.open(ROW, WHOLE, never))).fault, undefined);
  await second.return();
  assert.equal(messages.files.streams, 0);
});

test("a stream that fails to open leaves its place", async () => {
  await using messages = await messagesDirectory({ streamsMax: 1 });
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await readAll(messages.files.open(ROW, WHOLE, never))).fault, "file-missing");
  }
});

test("an abort closes the file and frees the place though nobody pulls any more", async () => {
  await using messages = await messagesDirectory({ streamsMax: 1 });
  await messages.write("a/b/photo.heic", Buffer.alloc(100_000));
  const abort = new AbortController();
  const stream = messages.files.open(ROW, WHOLE, abort.signal);
  await stream.next();
  const descriptors = await openDescriptors();
  abort.abort(new Error("the client is gone"));
  assert.equal(messages.files.streams, 0);
  if (descriptors !== undefined) {
    await waitFor(async () => ((await openDescriptors()) ?? 0) < descriptors, {
      deadlineMs: 10_000,
      what: "the descriptor to be closed",
    });
  }
  await assert.rejects(stream.next(), { message: "the client is gone" });
});

test("an abort at any moment ends the stream with its reason and leaves nothing open", async () => {
  await using messages = await messagesDirectory({ streamsMax: 1 });
  await messages.write("a/b/photo.heic", Buffer.alloc(300_000));
  const random = SeededRandom.fromEnvironment("aborts of attachment streams");
  let aborted = 0;
  for (let round = 0; round < 100; round += 1) {
    const abort = new AbortController();
    const range = { ...WHOLE, offset: BigInt(random.integer(0, 300_000)) };
    const reading = readAll(messages.files.open(ROW, range, abort.signal)).catch((error: unknown) => error);
    for (let turns = random.integer(0, 25); turns > 0; turns -= 1) await new Promise(setImmediate);
    abort.abort(new Error("the client is gone"));
    const result = await reading;
    if (result instanceof Error) {
      assert.equal(result.message, "the client is gone");
      assert.ok(!(result instanceof AttachmentError));
      aborted += 1;
    }
    assert.equal(messages.files.streams, 0);
  }
  assert.ok(aborted > 0);
});

function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(0, 255)));
}

/** Linux only. */
async function openDescriptors(): Promise<number | undefined> {
  return (await readdir("/proc/self/fd").catch(() => undefined))?.length;
}
